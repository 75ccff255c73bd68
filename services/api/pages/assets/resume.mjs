// A form that is sent after the session ended leads to signing in, and back: what was typed in it is there again.
// It stays in this window alone, for whoever was signed in, and is forgotten on the next page that is opened otherwise.
const KEPT = "acquis:sent";
const FORM = "main form[method=post]:not([data-draft])";

const who = () => document.querySelector("header a[href$='/account']")?.textContent ?? "";
const signingIn = () => /^\/(en|fr)\/sign-in$/.test(location.pathname);

const forms = () => [...document.querySelectorAll(FORM)];
const fields = (form) => [...form.elements].filter((one) => one.name && !["hidden", "submit", "button", "file", "password"].includes(one.type));

function values(form) {
  return fields(form).map((one) => [one.name, one.value, ["radio", "checkbox"].includes(one.type) ? one.checked : null]);
}

function put(form, kept) {
  for (const [name, value, checked] of kept) {
    const one = fields(form).find((field) => field.name === name && (checked === null || field.value === value));
    if (!one) continue;
    if (checked === null) one.value = value;
    else one.checked = checked;
  }
}

function found() {
  try { return JSON.parse(sessionStorage.getItem(KEPT)); } catch { return null; }
}

function say(form, words) {
  const told = document.createElement("div");
  told.className = "govuk-inset-text";
  told.setAttribute("role", "status");
  form.before(told);
  told.textContent = words;
}

export function resume() {
  const kept = found();
  if (kept && signingIn()) {
    sessionStorage.setItem(KEPT, JSON.stringify({ ...kept, signedIn: true }));
    return;
  }
  sessionStorage.removeItem(KEPT);
  const form = kept?.signedIn && kept.path === location.pathname && kept.who === who() ? forms()[kept.number] : null;
  if (form) {
    put(form, kept.values);
    say(form, document.querySelector("[data-found]").dataset.found);
  }
  document.addEventListener("submit", (event) => {
    const number = forms().indexOf(event.target);
    if (number < 0 || !who() || event.target.closest("header")) return;
    const sent = { path: location.pathname, who: who(), number, values: values(event.target) };
    sessionStorage.setItem(KEPT, JSON.stringify(sent));
  });
}

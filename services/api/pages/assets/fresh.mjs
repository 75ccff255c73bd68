// Keeps a page up to date while somebody looks at it. Every ten seconds it asks whether something happened (an ETag); only
// then is the page fetched again, and of it only the parts marked `data-fresh` are taken over: new entries of a list are
// added, other parts replaced. What has the focus or holds what somebody types is never touched. Nothing is asked in a
// hidden tab; errors double the wait.
const EVERY = 10_000;
const LONGEST = 160_000;

const pulse = document.getElementById("pulse");
const BACKGROUND = { "Acquis-Background": "1" };
let tag = pulse.dataset.tag;
let wait = EVERY;
let timer = 0;
let asking = false;
let over = false;

function say(text) { if (text) pulse.querySelector("[data-pulse-says]").textContent = text; }

function copies(nodes) { return [...nodes].map((node) => document.importNode(node, true)); }

// Newest first: what is not there yet goes to the top.
function grow(old, now) {
  const known = new Set([...old.children].map((one) => one.dataset.key));
  const fresh = [...now.children].filter((one) => !known.has(one.dataset.key));
  if (!fresh.length) return;
  document.getElementById(old.dataset.instead)?.remove();
  old.prepend(...copies(fresh));
  say(fresh[0].dataset.said);
}

function replace(old, now) {
  if (old.isEqualNode(now)) return;
  if (old.contains(document.activeElement)) {
    old.addEventListener("focusout", () => setTimeout(() => replace(old, now)), { once: true });
    return;
  }
  const said = now.dataset.said;
  if (said !== old.dataset.said) say(said);
  if (said) old.dataset.said = said;
  old.replaceChildren(...copies(now.childNodes));
}

function take(fresh) {
  for (const old of document.querySelectorAll("[data-fresh]")) {
    const now = fresh.getElementById(old.id);
    if (now) (old.dataset.fresh === "list" ? grow : replace)(old, now);
  }
  const version = fresh.getElementById("pulse")?.dataset.version;
  if (version !== pulse.dataset.version) pulse.querySelector("[data-pulse-more]").hidden = false;
}

async function look() {
  const answer = await fetch(pulse.dataset.pulse, {
    headers: { ...BACKGROUND, "If-None-Match": tag }, redirect: "manual", cache: "no-store",
  });
  if (answer.status === 304) return;
  // Signed out, or no longer somebody's case: there is nothing more to ask.
  if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) { over = true; return; }
  if (!answer.ok) throw new Error(answer.status);
  const page = await fetch(location.href, { headers: { ...BACKGROUND, Accept: "text/html" }, redirect: "manual", cache: "no-store" });
  if (!page.ok) throw new Error(page.status);
  take(new DOMParser().parseFromString(await page.text(), "text/html"));
  tag = answer.headers.get("ETag");
}

async function ask() {
  clearTimeout(timer);
  if (asking || over || document.hidden) return;
  asking = true;
  try {
    await look();
    wait = EVERY;
  } catch {
    wait = Math.min(wait * 2, LONGEST);
  }
  asking = false;
  if (!over) timer = setTimeout(ask, wait);
}

document.addEventListener("visibilitychange", ask);
addEventListener("online", ask);
timer = setTimeout(ask, wait);

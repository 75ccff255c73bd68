// The workbench: saves as one writes, moves by keys, opens evidence beside the form, and never leaves text behind.
import { clash } from "./clash.mjs";
import { Notes } from "./notes.mjs";
import { Saving } from "./saving.mjs";
import { Viewer } from "./viewer.mjs";

const bench = document.querySelector("[data-bench]");
const say = bench.dataset;
const state = document.querySelector("[data-state]");
const fault = document.querySelector("[data-fault]");
const dialogs = { keys: document.getElementById("keys"), comments: document.getElementById("comments"), conflict: document.getElementById("conflict") };
const viewer = new Viewer(document.getElementById("viewer"), { drawn: (box) => notes.drawn(box) });
const pieces = [...document.querySelectorAll(".aq-pieces a[data-open]")];
const sections = [...document.querySelectorAll("[data-claim]")];
let current = sections[0];
let field = null;

// saving

const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

const saving = new Saving({
  tell(what, form) {
    const texts = {
      saving: say.saySaving,
      saved: say.saySaved.replace("{time}", clock.format(new Date())),
      unsaved: say.sayUnsaved.replace("{what}", form?.dataset.name ?? ""),
      "signed-out": say.saySignedOut,
    };
    state.textContent = texts[what];
    state.classList.toggle("aq-save--fault", what === "unsaved" || what === "signed-out");
    if (what !== "saving") fault.hidden = what === "saved";
  },
  clash: (form, theirs) => clash(dialogs.conflict, form, theirs),
});

for (const form of document.querySelectorAll("form[data-draft]")) {
  form.addEventListener("input", () => saving.touch(form));
  form.addEventListener("submit", (event) => { event.preventDefault(); saving.touch(form); saving.start(); });
}

const notes = new Notes(document.getElementById("notes"), {
  viewer,
  tell(what) {
    const fails = what === "unsaved";
    state.textContent = fails ? say.sayUnsaved.replace("{what}", say.sayNote) : say.sayNoted;
    state.classList.toggle("aq-save--fault", fails);
  },
});

async function kept() {
  const noted = await notes.flush();
  const all = (await saving.flush()) && noted;
  if (!all) { fault.hidden = false; state.focus(); }
  return all;
}

document.querySelector("[data-retry]").addEventListener("click", () => saving.start());
document.querySelector("[data-copy]").addEventListener("click", async () => {
  const texts = [...saving.open].flatMap((form) => [...form.querySelectorAll("textarea")].map((box) => box.value).filter(Boolean));
  await navigator.clipboard.writeText(texts.join("\n\n"));
  state.textContent = say.sayCopied;
});

// Every way out of the page waits until everything is kept; on failure it stays.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || link.hasAttribute("download")) return;
  if (link.dataset.open) {
    event.preventDefault();
    if (await kept()) show(link);
    return;
  }
  if (link.target || link.hash && link.pathname === location.pathname || !(saving.unsaved || notes.unsent)) return;
  event.preventDefault();
  if (await kept()) location.assign(link.href);
});

// evidence

function show(link) {
  const chosen = pieces.find((one) => one.dataset.open === link.dataset.open);
  if (!chosen) return;
  for (const one of pieces) one.removeAttribute("aria-current");
  chosen.setAttribute("aria-current", "true");
  const [left, top, width, height] = link.dataset.part?.split(" ").map(Number) ?? [];
  const box = link.dataset.part ? { left, top, width, height } : null;
  viewer.open(chosen.dataset, { page: link.dataset.page, seconds: link.dataset.seconds, box });
  notes.about(chosen.dataset);
  // Where the viewer is out of sight (a phone, a column scrolled to the notes), what was chosen would seem to do nothing.
  viewer.place.scrollIntoView({ block: "nearest" });
}

async function turn(step) {
  if (!pieces.length || !(await kept())) return;
  const at = pieces.findIndex((one) => one.getAttribute("aria-current"));
  show(pieces[at < 0 ? 0 : (at + step + pieces.length) % pieces.length]);
}

const opened = pieces.find((one) => one.getAttribute("aria-current"));
if (opened) show(opened);

// competencies

function go(step) {
  const at = sections.indexOf(current);
  current = sections[Math.min(Math.max(at + step, 0), sections.length - 1)];
  const title = current.querySelector("h2");
  title.focus();
  title.scrollIntoView({ block: "start" });
}

bench.addEventListener("focusin", (event) => {
  current = event.target.closest("[data-claim]") ?? current;
  if (event.target.tagName === "TEXTAREA") field = event.target;
});

function form() { return current?.querySelector("form[data-draft]"); }

function changed() { saving.touch(form()); }

function writable() { return form() && !form().querySelector("fieldset").disabled; }

function level(number) {
  const box = writable() && form().querySelector(`input[name="level"][value="${number}"]`);
  if (!box) return;
  box.checked = true;
  state.textContent = say.sayLevel.replace("{level}", number).replace("{what}", form().dataset.name);
  changed();
}

// Fills in only what is still open; whoever judges sees it and may change it.
function choose(name, value) {
  if (form().querySelector(`input[name="${name}"]:checked`)) return;
  const box = form().querySelector(`input[name="${name}"][value="${value}"]`);
  if (box) box.checked = true;
}

function names(beginning) { return new Set([...form().elements].map((one) => one.name).filter((name) => name.startsWith(beginning))); }

function everythingMet() {
  if (!writable()) return;
  for (const name of names("rating-")) choose(name, "met");
  for (const name of names("rule-")) choose(name, "ok");
  choose("level", "3");
  choose("recommendation", "met");
  choose("method", "portfolio");
  state.textContent = say.sayFilled.replace("{what}", form().dataset.name);
  changed();
}

const HOW = ["supervision", "identification", "learning_setting", "confidence"];

function asAbove() {
  const above = sections[sections.indexOf(current) - 1]?.querySelector("form[data-draft]");
  if (!above || !writable()) return;
  for (const name of HOW) {
    const said = above.querySelector(`input[name="${name}"]:checked`);
    if (said) choose(name, said.value);
  }
  changed();
}

bench.addEventListener("click", (event) => {
  const section = event.target.closest("[data-claim]");
  if (!section) return;
  current = section;
  if (event.target.closest("[data-all-met]")) everythingMet();
  if (event.target.closest("[data-as-above]")) asAbove();
});

function note() {
  if (!notes.begin() && writable()) form().querySelector("textarea[name=private_note]").focus();
}

// comments

function comments() {
  if (!field || !current.contains(field)) field = form()?.querySelector("textarea[name=rationale]") ?? null;
  dialogs.comments.showModal();
}

dialogs.comments.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-comment]");
  if (!chosen) return;
  dialogs.comments.close();
  if (!field || !writable()) return;
  field.value += `${field.value ? "\n" : ""}${chosen.textContent}`;
  field.focus();
  saving.touch(field.form);
});

const search = dialogs.comments.querySelector("[data-search]");
search?.addEventListener("input", () => {
  const wanted = search.value.toLocaleLowerCase();
  for (const one of dialogs.comments.querySelectorAll("li")) one.hidden = !one.textContent.toLocaleLowerCase().includes(wanted);
});
dialogs.comments.addEventListener("keydown", (event) => {
  if (event.key === "/" && event.target !== search && search) { event.preventDefault(); search.focus(); }
});

// keys

const KEPT = "acquis-single-keys";
const toggle = document.querySelector("[data-keys-on]");
toggle.checked = localStorage.getItem(KEPT) !== "off";
toggle.addEventListener("change", () => {
  localStorage.setItem(KEPT, toggle.checked ? "on" : "off");
  state.textContent = toggle.checked ? say.sayKeysOn : say.sayKeysOff;
});
document.querySelector("[data-show-keys]").addEventListener("click", () => dialogs.keys.showModal());

const ACTS = {
  j: () => go(1),
  k: () => go(-1),
  e: () => turn(1),
  E: () => turn(-1),
  m: everythingMet,
  s: asAbove,
  n: note,
  c: comments,
  "?": () => dialogs.keys.showModal(),
};

addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (event.altKey && !event.ctrlKey && !event.metaKey && event.code === "KeyN") {
    event.preventDefault();
    document.querySelector("[data-next]").click();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !toggle.checked) return;
  if (event.target.closest("textarea, select, [contenteditable], audio, video, input:not([type=radio]):not([type=checkbox])")) return;
  const act = /^[1-4]$/.test(event.key) ? () => level(event.key) : ACTS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// Keeps what somebody types in a form with `data-draft`: 800 ms after the last key, on leaving a field, before leaving
// the page. What the server has not confirmed stays in this browser under `acquis:draft:<form>`.
const WAIT = 800;
const AGAIN = 5000;

const fields = (form) => [...form.elements].filter((one) => one.name && one.type !== "hidden" && one.type !== "submit" && one.type !== "button");

function values(form) {
  const kept = {};
  for (const one of fields(form)) {
    if (one.type === "radio" || one.type === "checkbox") {
      if (one.checked) kept[one.name] = one.value;
    } else {
      kept[one.name] = one.value;
    }
  }
  return kept;
}

function put(form, kept) {
  for (const one of fields(form)) {
    if (!(one.name in kept)) continue;
    if (one.type === "radio" || one.type === "checkbox") one.checked = one.value === kept[one.name];
    else one.value = kept[one.name];
  }
}

const same = (one, other) => JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());

class Draft {
  constructor(form) {
    this.form = form;
    this.place = `acquis:draft:${form.dataset.draft}`;
    this.status = form.querySelector("[data-draft-status]");
    this.version = form.elements.version;
    this.confirmed = values(form);
    this.timer = 0;
    this.sending = null;
    this.asking = false;
    form.addEventListener("input", () => this.changed());
    form.addEventListener("focusout", () => { if (this.dirty) this.save(); });
    form.addEventListener("submit", () => { this.leaving = true; });
    addEventListener("online", () => { if (this.dirty) this.save(); });
    addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden" && this.dirty) this.save(); });
    addEventListener("pagehide", () => { if (this.dirty && !this.leaving) this.save(); });
    addEventListener("beforeunload", (event) => { if (this.dirty && !this.leaving) event.preventDefault(); });
    this.recover();
  }

  get dirty() { return !same(values(this.form), this.confirmed); }

  say(name, after = "") { this.status.textContent = `${this.form.dataset[name]}${after}`; }

  recover() {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(this.place)); } catch { kept = null; }
    if (!kept) return;
    if (same(kept.values, this.confirmed)) { localStorage.removeItem(this.place); return; }
    const theirs = this.confirmed;
    put(this.form, kept.values);
    if (this.version && kept.version !== this.version.value) { this.choose(theirs, this.version.value); return; }
    this.say("draftFound");
    this.save();
  }

  keep() {
    try {
      localStorage.setItem(this.place, JSON.stringify({ values: values(this.form), version: this.version?.value ?? "" }));
    } catch { /* a browser that keeps nothing still sends */ }
  }

  changed() {
    this.keep();
    clearTimeout(this.timer);
    if (!this.asking) this.timer = setTimeout(() => this.save(), WAIT);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.asking) return;
    if (this.sending) { this.timer = setTimeout(() => this.save(), WAIT); return; }
    const sent = values(this.form);
    this.sending = sent;
    this.say("draftSaving");
    let answer = null;
    try {
      answer = await fetch(this.form.action || location.href, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new URLSearchParams(new FormData(this.form)),
        redirect: "manual",
        keepalive: true,
      });
    } catch { answer = null; }
    this.sending = null;
    await this.told(answer, sent);
  }

  async told(answer, sent) {
    if (answer?.type === "opaqueredirect") { this.say("draftSignedOut"); return; }
    const says = answer ? await answer.json().catch(() => null) : null;
    if (answer?.ok && says) {
      this.confirmed = sent;
      if (this.version) this.version.value = says.version;
      if (this.dirty) { this.changed(); } else { localStorage.removeItem(this.place); }
      this.say("draftSaved", ` ${says.time}`);
      return;
    }
    if (answer?.status === 409 && says?.theirs) { this.choose(says.theirs, says.version); return; }
    if (answer?.status === 422 && says) { this.status.textContent = says.says; return; }
    this.say("draftFailed");
    this.timer = setTimeout(() => this.save(), AGAIN);
  }

  // Both texts, one beside the other; nothing is sent before somebody chose.
  choose(theirs, version) {
    const mine = values(this.form);
    const names = new Set([...Object.keys(theirs), ...Object.keys(mine)]);
    const apart = [...names].filter((name) => (mine[name] ?? "") !== (theirs[name] ?? ""));
    if (!apart.length) {
      // What was sent while the page was left had arrived after all.
      this.version.value = version;
      this.confirmed = mine;
      localStorage.removeItem(this.place);
      this.say("draftSaved");
      return;
    }
    this.asking = true;
    this.say("draftConflict");
    const panel = this.form.querySelector("[data-draft-choice]").content.cloneNode(true).firstElementChild;
    const one = this.form.querySelector("[data-draft-text]");
    for (const name of apart) {
      const shown = one.content.cloneNode(true);
      const field = this.form.elements[name];
      const about = field?.labels?.[0] ?? field?.[0]?.closest("fieldset")?.querySelector("legend");
      shown.querySelector("[data-draft-name]").textContent = about?.textContent ?? name;
      shown.querySelector("[data-draft-here]").textContent = mine[name] ?? "";
      shown.querySelector("[data-draft-there]").textContent = theirs[name] ?? "";
      panel.querySelector("[data-draft-texts]").append(shown);
    }
    const settle = (chosen) => {
      panel.remove();
      this.asking = false;
      this.version.value = version;
      this.confirmed = theirs;
      put(this.form, chosen);
      this.keep();
      this.save();
    };
    panel.querySelector("[data-draft-mine]").addEventListener("click", () => settle(mine));
    panel.querySelector("[data-draft-theirs]").addEventListener("click", () => settle(theirs));
    this.status.before(panel);
    panel.focus();
  }
}

for (const form of document.querySelectorAll("form[data-draft]")) new Draft(form);

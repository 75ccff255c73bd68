// Keeps what is written, one request at a time: the last state of each form wins, and nothing is left behind.
const PAUSE = 800;
const PATIENCE = 10_000;
const AGAIN = 5_000;

export class Saving {
  // tell(state, form): saving, saved, unsaved, signed-out; clash(form, theirs) asks which text stays.
  constructor({ tell, clash }) {
    this.tell = tell;
    this.clash = clash;
    this.open = new Set();
    this.failed = null;
    this.running = null;
    addEventListener("beforeunload", (event) => { if (this.unsaved) event.preventDefault(); });
    addEventListener("online", () => this.start());
  }

  get unsaved() { return this.open.size > 0 || this.running !== null; }

  touch(form) {
    this.open.add(form);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.start(), PAUSE);
  }

  start() {
    clearTimeout(this.timer);
    this.running ??= this.run().finally(() => { this.running = null; });
    return this.running;
  }

  async run() {
    while (this.open.size) {
      const [form] = this.open;
      this.tell("saving", form);
      // What is typed from here on makes the form open again.
      this.open.delete(form);
      const state = await this.send(form);
      if (state !== "saved") {
        this.open.add(form);
        this.failed = form;
        this.tell(state, form);
        if (state === "unsaved") this.timer = setTimeout(() => this.start(), AGAIN);
        return false;
      }
    }
    this.failed = null;
    this.tell("saved", null);
    return true;
  }

  async send(form) {
    const body = new URLSearchParams(new FormData(form));
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    } catch { return "unsaved"; }
    if (answer.redirected || answer.status === 401) return "signed-out";
    if (answer.status === 409) return this.settle(form, answer);
    if (!answer.ok) return "unsaved";
    const kept = await answer.json();
    form.elements.version.value = kept.version;
    form.dispatchEvent(new CustomEvent("kept", { detail: kept }));
    return "saved";
  }

  async settle(form, answer) {
    let theirs;
    try { theirs = await answer.json(); } catch { return "unsaved"; }
    if (!theirs.fields) return "unsaved";
    const mine = await this.clash(form, theirs);
    form.elements.version.value = theirs.version;
    return mine ? this.send(form) : "saved";
  }

  // Whether everything is kept; waits up to ten seconds.
  async flush() {
    if (!this.unsaved) return true;
    const late = new Promise((resolve) => { setTimeout(() => resolve(false), PATIENCE); });
    const done = (async () => {
      while (this.unsaved) if (!(await this.start())) return false;
      return true;
    })();
    const kept = await Promise.race([done, late]);
    if (!kept) this.tell("unsaved", this.failed ?? [...this.open][0] ?? null);
    return kept;
  }
}

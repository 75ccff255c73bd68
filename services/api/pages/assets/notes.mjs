// Notes at a page or second of the evidence: N begins one where one looks, and each leads back to its place. They are kept
// by the forms that also work without scripts; of the answer only the list is taken over.
export class Notes {
  constructor(place, { viewer, tell }) {
    this.place = place;
    this.viewer = viewer;
    this.tell = tell;
    this.form = place.querySelector("form[data-new-note]");
    this.came = null;
    place.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(event.target, event.submitter);
    });
    addEventListener("beforeunload", (event) => { if (this.unsent) event.preventDefault(); });
  }

  get unsent() { return Boolean(this.form?.elements.text.value.trim()); }

  // Another piece is shown; what is being written stays with the one where it was begun.
  about(piece) {
    if (!this.form || this.unsent) return;
    this.form.elements.evidence.value = piece;
    this.form.elements.at.value = "";
    this.form.hidden = false;
  }

  // Whether a note can be begun here.
  begin() {
    const at = this.viewer.at;
    if (!this.form || at === null) return false;
    if (!this.unsent) this.form.elements.at.value = at;
    this.came = document.activeElement;
    this.form.elements.text.focus();
    return true;
  }

  // Sends what stands in the form for a new note; answers whether nothing is left.
  async flush() { return !this.unsent || this.send(this.form, null); }

  async send(form, submitter) {
    const body = new URLSearchParams(new FormData(form, submitter));
    let list = null;
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      if (answer.ok) list = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("note-list");
    } catch { list = null; }
    if (!list) { this.tell("unsaved"); return false; }
    document.getElementById("note-list").replaceChildren(...[...list.childNodes].map((node) => document.importNode(node, true)));
    if (form === this.form) {
      form.elements.text.value = "";
      (this.came?.isConnected && this.came !== document.body ? this.came : this.place.querySelector("h3")).focus();
    } else {
      this.place.querySelector("h3").focus();
    }
    this.tell("kept");
    return true;
  }
}

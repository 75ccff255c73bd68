// Notes at a page, a part of one, or a second of the evidence: N begins one where one looks, and each leads back to its
// place. They are kept by the forms that also work without scripts; of the answer only the list is taken over.
const EDGES = ["left", "top", "width", "height"];

export class Notes {
  constructor(place, { viewer, tell }) {
    this.place = place;
    this.viewer = viewer;
    this.tell = tell;
    this.form = place.querySelector("form[data-new-note]");
    this.part = this.form?.querySelector("[data-part]");
    this.came = null;
    this.part?.addEventListener("input", () => {
      this.form.elements.at.value ||= this.viewer.at;
      this.viewer.mark(this.box);
    });
    this.part?.querySelector("[data-no-part]").addEventListener("click", () => this.take(null));
    place.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(event.target, event.submitter);
    });
    addEventListener("beforeunload", (event) => { if (this.unsent) event.preventDefault(); });
  }

  get unsent() { return Boolean(this.form?.elements.text.value.trim()); }

  // The part of the page that the fields name; null where they name none.
  get box() {
    const [left, top, width, height] = EDGES.map((edge) => this.form.elements[edge].valueAsNumber / 100);
    return width > 0 && height > 0 && left >= 0 && top >= 0 ? { left, top, width, height } : null;
  }

  fill(box) {
    for (const edge of EDGES) this.form.elements[edge].value = box ? (box[edge] * 100).toFixed(1) : "";
    this.part.open = Boolean(box);
  }

  take(box) { this.fill(box); this.viewer.mark(box); }

  // Another piece is shown; what is being written stays with the one where it was begun.
  about({ open: piece, viewer: kind }) {
    if (!this.form || this.unsent) return;
    this.form.elements.evidence.value = piece;
    this.form.elements.at.value = "";
    this.fill(null);
    this.part.hidden = kind !== "pdf" && kind !== "picture";
    this.form.hidden = false;
  }

  // Somebody marked a part of what is shown: the note about it is written next.
  drawn(box) {
    this.fill(box);
    this.form.elements.at.value = this.viewer.at;
    this.form.elements.text.focus();
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
      this.take(null);
      (this.came?.isConnected && this.came !== document.body ? this.came : this.place.querySelector("h3")).focus();
    } else {
      this.place.querySelector("h3").focus();
    }
    this.tell("kept");
    return true;
  }
}

// Shows one piece of evidence: a PDF page by page, a picture that can be made larger, sound and film as browsers play them.
import { Leaf } from "./leaf.mjs";

function made(tag, text = "", classes = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (classes) element.className = classes;
  return element;
}

function button(text, act) {
  const element = made("button", text, "govuk-button govuk-button--secondary");
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}

export class Viewer {
  // `drawn` is told what somebody marks on a page or picture.
  constructor(place, { drawn }) {
    this.place = place;
    this.drawn = drawn;
    this.say = place.dataset;
    this.turn = 0;
    this.piece = null;
  }

  // Where one looks now: a page ("2"), a time ("1:30") or neither; null while nothing is open.
  get at() {
    if (!this.piece) return null;
    const media = this.place.querySelector("audio, video");
    if (!media) return this.page ? String(this.page) : "";
    const seconds = Math.floor(media.currentTime);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  // Whether a part of what is shown can be marked.
  get marks() { return Boolean(this.leaf); }

  // Shows a rectangle where one looks now; null takes it away.
  mark(box) {
    this.marked = box && { page: this.page, box };
    this.outline();
  }

  outline() { this.leaf?.show(this.marked?.page === this.page ? this.marked.box : null); }

  // A page or picture in a frame that scrolls, by keys too, with the button that begins to mark a part of it.
  framed(content) {
    this.leaf = new Leaf(content, this.say);
    const frame = made("div", "", "aq-viewer__frame");
    frame.tabIndex = 0;
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-label", this.piece.title);
    frame.append(this.leaf.element);
    const ways = this.say.sayMark ? [button(this.say.sayMark, (event) => this.draw(event.target))] : [];
    return { frame, ways };
  }

  draw(from) {
    this.leaf.begin((box) => {
      if (box) { this.marked = { page: this.page, box }; this.drawn(box); }
      else from.focus();
    });
  }

  async open(piece, { page = 1, seconds = 0, box = null } = {}) {
    const turn = ++this.turn;
    this.piece = piece;
    this.page = 0;
    this.leaf = null;
    this.marked = null;
    this.document?.destroy();
    this.document = null;
    const title = made("h3", "", "govuk-heading-s");
    title.append(made("bdi", piece.title));
    const download = made("a", this.say.sayDownload, "govuk-link");
    download.href = `${piece.path}/file`;
    download.download = "";
    const foot = made("p");
    foot.append(download, ` (${piece.name}, ${piece.size})`);
    const stage = made("div", "", "aq-viewer__stage");
    const warning = piece.unscanned === undefined ? [] : [made("p", this.say.sayUnscanned, "aq-unscanned")];
    this.place.replaceChildren(title, ...warning, stage, foot);
    const show = { pdf: this.pdf, picture: this.picture, sound: this.sound, film: this.film }[piece.viewer] ?? this.other;
    stage.append(made("p", this.say.sayLoading, "aq-muted"));
    try {
      await show.call(this, stage, `${piece.path}/view`, { page: Number(page), seconds: Number(seconds), box, turn });
    } catch {
      if (turn === this.turn) stage.replaceChildren(made("p", this.say.sayFault, "govuk-body"));
    }
  }

  other(stage) { stage.replaceChildren(made("p", this.say.sayOther, "govuk-body")); }

  picture(stage, address, { box }) {
    const picture = made("img");
    picture.alt = this.piece.title;
    let size = 100;
    let angle = 0;
    const { frame, ways } = this.framed(picture);
    const leaf = this.leaf;
    const set = () => { leaf.element.style.width = `${size}%`; leaf.element.style.transform = `rotate(${angle}deg)`; };
    picture.onerror = () => stage.replaceChildren(made("p", this.say.sayFault, "govuk-body"));
    picture.src = address;
    picture.onload = () => leaf.reach();
    const bar = made("div", "", "aq-viewer__bar");
    bar.append(
      button(this.say.saySmaller, () => { size = Math.max(25, size / 1.25); set(); }),
      button(this.say.sayBigger, () => { size = Math.min(800, size * 1.25); set(); }),
      button(this.say.sayTurn, () => { angle = (angle + 90) % 360; set(); }),
      ...ways,
    );
    stage.replaceChildren(bar, frame);
    this.mark(box);
  }

  sound(stage, address, { seconds }) { this.play(stage, "audio", address, seconds); }

  film(stage, address, { seconds }) { this.play(stage, "video", address, seconds); }

  play(stage, kind, address, seconds) {
    const media = made(kind);
    media.controls = true;
    media.preload = "metadata";
    media.setAttribute("aria-label", this.piece.title);
    media.addEventListener("loadedmetadata", () => { if (seconds) media.currentTime = seconds; }, { once: true });
    media.onerror = () => media.replaceWith(made("p", this.say.sayFault, "govuk-body"));
    media.src = address;
    if (this.piece.captions) {
      const track = made("track");
      Object.assign(track, { kind: "captions", default: true, srclang: this.piece.tongue, label: this.say.sayCaptions });
      track.src = this.piece.captions;
      media.append(track);
    }
    const written = document.querySelector(`template[data-transcript="${this.piece.open}"]`);
    stage.replaceChildren(media, ...(written ? [written.content.cloneNode(true)] : []));
  }

  async pdf(stage, address, { page, box, turn }) {
    const pdf = await import(this.say.pdf);
    pdf.GlobalWorkerOptions.workerSrc = this.say.worker;
    const parts = this.say.parts;
    const task = pdf.getDocument({
      url: address,
      isEvalSupported: false,
      enableXfa: false,
      useWasm: false,
      wasmUrl: `${parts}/wasm/`,
      cMapUrl: `${parts}/cmaps/`,
      cMapPacked: true,
      standardFontDataUrl: `${parts}/standard_fonts/`,
      iccUrl: `${parts}/iccs/`,
      // One request for the file: a reader that asks for parts would ask the log again and again.
      disableRange: true,
      disableStream: true,
    });
    const found = await task.promise;
    if (turn !== this.turn) { found.destroy(); return; }
    this.document = found;
    const canvas = made("canvas");
    canvas.setAttribute("role", "img");
    const count = made("p", "", "aq-viewer__count");
    count.setAttribute("role", "status");
    const text = made("p", "", "aq-viewer__text");
    const details = made("details", "", "govuk-details");
    const summary = made("summary", "", "govuk-details__summary");
    summary.append(made("span", this.say.sayText, "govuk-details__summary-text"));
    const inside = made("div", "", "govuk-details__text");
    inside.append(text);
    details.append(summary, inside);
    const { frame, ways } = this.framed(canvas);
    const leaf = this.leaf;
    let scale = 1;
    const draw = async (number) => {
      this.page = Math.min(Math.max(1, number), found.numPages);
      const shown = this.page;
      const sheet = await found.getPage(shown);
      const fit = stage.clientWidth / sheet.getViewport({ scale: 1 }).width;
      const port = sheet.getViewport({ scale: Math.max(fit, 0.1) * scale * (window.devicePixelRatio || 1) });
      canvas.width = port.width;
      canvas.height = port.height;
      leaf.element.style.width = `${scale * 100}%`;
      this.outline();
      const said = this.say.sayPage.replace("{page}", shown).replace("{pages}", found.numPages);
      canvas.setAttribute("aria-label", said);
      await this.drawing?.cancel();
      this.drawing = sheet.render({ canvas, viewport: port });
      try { await this.drawing.promise; } catch (fault) { if (fault.name !== "RenderingCancelledException") throw fault; return; }
      const words = await sheet.getTextContent();
      text.textContent = words.items.map((item) => (item.str ?? "") + (item.hasEOL ? "\n" : "")).join("").trim() || this.say.sayNoText;
      count.textContent = said;
    };
    const bar = made("div", "", "aq-viewer__bar");
    bar.append(
      button(this.say.sayBefore, () => draw(this.page - 1)),
      button(this.say.sayAfter, () => draw(this.page + 1)),
      button(this.say.saySmaller, () => { scale = Math.max(0.5, scale / 1.25); draw(this.page); }),
      button(this.say.sayBigger, () => { scale = Math.min(4, scale * 1.25); draw(this.page); }),
      ...ways,
      count,
    );
    stage.replaceChildren(bar, frame, details);
    await draw(page);
    if (turn !== this.turn || !box) return;
    this.mark(box);
    leaf.reach();
  }
}

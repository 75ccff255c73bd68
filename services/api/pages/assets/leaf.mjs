// A page or picture with what lies over it: the rectangle that a note is about, and the one that somebody draws there, with
// a pointer or with the arrow keys. Places are fractions of the leaf, so that they fit at every size and turned around.
const STEP = 0.02;
const LEAST = 0.01;

const within = (value, most) => Math.min(Math.max(value, 0), most);

export class Leaf {
  constructor(content, say) {
    this.say = say;
    this.element = document.createElement("div");
    this.element.className = "aq-leaf";
    this.frame = document.createElement("div");
    this.frame.className = "aq-leaf__box";
    this.frame.hidden = true;
    this.layer = document.createElement("div");
    this.layer.className = "aq-leaf__layer";
    this.layer.hidden = true;
    this.layer.tabIndex = 0;
    this.layer.setAttribute("role", "application");
    this.layer.setAttribute("aria-label", say.sayDraw);
    this.element.append(content, this.frame, this.layer);
    this.layer.addEventListener("pointerdown", (event) => this.pressed(event));
    this.layer.addEventListener("pointermove", (event) => this.drawn(event));
    this.layer.addEventListener("pointerup", () => this.released());
    this.layer.addEventListener("keydown", (event) => this.key(event));
  }

  // Shows a rectangle, or none.
  show(box) {
    this.box = box;
    this.frame.hidden = !box;
    if (!box) return;
    for (const edge of ["left", "top", "width", "height"]) this.frame.style[edge] = `${box[edge] * 100}%`;
  }

  // Brings the rectangle to where one looks, without moving the page around the viewer.
  reach() {
    const room = this.element.parentElement;
    if (this.frame.hidden || !room) return;
    const [box, seen] = [this.frame.getBoundingClientRect(), room.getBoundingClientRect()];
    room.scrollTop += box.top - seen.top - 24;
    room.scrollLeft += box.left - seen.left - 24;
  }

  // Lets somebody draw; `done` is told the rectangle, or null where they gave it up.
  begin(done) {
    this.done = done;
    this.before = this.box;
    this.show(this.box ?? this.middle);
    this.layer.hidden = false;
    this.layer.focus({ preventScroll: true });
  }

  // A rectangle in the middle of what is seen: whoever draws by keys begins with it.
  get middle() {
    const [leaf, seen] = [this.element.getBoundingClientRect(), this.element.parentElement.getBoundingClientRect()];
    const [width, height] = [within(seen.width / leaf.width / 2, 0.5), within(seen.height / leaf.height / 2, 0.5)];
    const left = within((seen.left + seen.width / 4 - leaf.left) / leaf.width, 1 - width);
    return { left, top: within((seen.top + seen.height / 4 - leaf.top) / leaf.height, 1 - height), width, height };
  }

  end(box) {
    this.layer.hidden = true;
    this.start = null;
    this.show(box ?? this.before);
    this.done(box);
  }

  at(event) {
    const { offsetWidth, offsetHeight } = this.layer;
    return { x: within(event.offsetX / offsetWidth, 1), y: within(event.offsetY / offsetHeight, 1) };
  }

  pressed(event) {
    if (!event.isPrimary || event.button !== 0) return;
    event.preventDefault();
    this.layer.setPointerCapture(event.pointerId);
    this.start = this.at(event);
  }

  drawn(event) {
    if (!this.start) return;
    const { x, y } = this.at(event);
    const box = {
      left: Math.min(x, this.start.x), top: Math.min(y, this.start.y),
      width: Math.abs(x - this.start.x), height: Math.abs(y - this.start.y),
    };
    if (box.width >= LEAST && box.height >= LEAST) { this.show(box); this.wide = true; }
  }

  // A press that draws nothing is no rectangle: one may go on.
  released() {
    const drew = this.start && this.wide;
    this.start = null;
    this.wide = false;
    if (drew) this.end(this.box);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === "Escape") {
      event.preventDefault();
      this.end(event.key === "Enter" ? this.box : null);
      return;
    }
    const [x, y] = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key] ?? [];
    if (x === undefined) return;
    event.preventDefault();
    const box = { ...this.box };
    if (event.shiftKey) {
      box.width = Math.max(LEAST, within(box.width + x, 1 - box.left));
      box.height = Math.max(LEAST, within(box.height + y, 1 - box.top));
    } else {
      box.left = within(box.left + x, 1 - box.width);
      box.top = within(box.top + y, 1 - box.height);
    }
    this.show(box);
  }
}

// Sends files in parts that survive a cut line and a closed page (tus 1.0): several at once, each with what becomes of it.
// All words come from `data-` attributes and templates of the page, or are the server's own in the language of the page.
import { Upload } from "tus-js-client";

const PART = 5 * 1024 * 1024;
const RETRIES = [0, 1000, 3000, 5000, 10_000, 20_000];
const AGAIN = 30_000;
const MEASURED = 10_000;
const SPOKEN = 1000;
const PROTOCOL = { "Tus-Resumable": "1.0.0" };
const LANGUAGE = document.documentElement.lang;

// Which states take up one of the places that a person has on the server.
const UNDER_WAY = new Set(["sending", "offline", "broken", "out"]);
const GOES_ON = new Set(["waiting", "sending", "offline", "broken"]);

class SignedOut extends Error {}

const status = (fault) => fault.originalResponse?.getStatus() ?? 0;

// What is refused stays refused. What another request is about to finish, what came too slowly, and what this server no
// longer knows (it is then begun anew) is tried again.
function again(fault) {
  if (fault.causingError instanceof SignedOut || !navigator.onLine) return false;
  const answered = status(fault);
  if (!answered || answered >= 500 || [408, 423, 460].includes(answered)) return true;
  return [404, 409, 410].includes(answered) && fault.originalRequest.getMethod() === "PATCH";
}

function amount(value, unit, unitDisplay = "short", maximumFractionDigits = 0) {
  return new Intl.NumberFormat(LANGUAGE, { style: "unit", unit, unitDisplay, maximumFractionDigits }).format(value);
}

function size(bytes) {
  if (bytes < 1e6) return amount(Math.ceil(bytes / 1e3), "kilobyte");
  return bytes < 1e9 ? amount(bytes / 1e6, "megabyte", "short", 1) : amount(bytes / 1e9, "gigabyte", "short", 1);
}

function time(seconds) {
  if (seconds < 60) return amount(Math.max(1, Math.round(seconds)), "second", "long");
  return seconds < 3600 ? amount(Math.round(seconds / 60), "minute", "long") : amount(seconds / 3600, "hour", "long", 1);
}

// All of it is said only once the server has it.
const percent = (share) => new Intl.NumberFormat(LANGUAGE, { style: "percent" }).format(Math.min(0.99, Math.floor(share * 100) / 100));

// What the client noted of uploads to this address; it names each by the file as the device knows it.
function remembered(endpoint) {
  return Object.keys(localStorage).filter((key) => key.startsWith("tus::")).flatMap((key) => {
    try {
      const kept = JSON.parse(localStorage.getItem(key));
      return kept.uploadUrl.startsWith(`${endpoint}/`) ? [{ ...kept, key }] : [];
    } catch { return []; }
  });
}

class Item {
  constructor(queue, { file = null, name, bytes, left = null }) {
    Object.assign(this, { queue, file, name, bytes, left, share: 0, halfway: false, upload: null, samples: [], shownAt: 0 });
    this.row = queue.template.content.cloneNode(true).firstElementChild;
    for (const place of this.row.querySelectorAll("[data-name]")) place.textContent = name;
    this.row.querySelector("[data-size]").textContent = size(bytes);
    this.bar = this.row.querySelector("progress");
    this.bar.setAttribute("aria-label", name);
    this.says = this.row.querySelector("[data-says]");
    this.help = this.row.querySelector("[data-help]");
    this.turn = this.row.querySelector("[data-turn]");
    this.turn.addEventListener("click", () => (GOES_ON.has(this.state) ? this.pause() : this.go()));
    this.stop = this.row.querySelector("[data-stop]");
    this.stop.addEventListener("click", () => this.cancel());
    queue.list.append(this.row);
  }

  get takesPlace() { return UNDER_WAY.has(this.state) || (this.state === "paused" && Boolean(this.upload?.url)); }

  is(file) { return this.name === file.name && this.bytes === file.size; }

  show(state, words, help = "") {
    const { say } = this.queue;
    this.state = state;
    this.row.dataset.state = state;
    this.says.textContent = words;
    this.help.textContent = help;
    this.help.hidden = !help;
    this.says.className = state === "refused" ? "govuk-error-message govuk-!-margin-bottom-1" : "govuk-body-s govuk-!-margin-bottom-1";
    const inside = this.row.contains(document.activeElement);
    this.turn.hidden = ["sent", "refused", "left"].includes(state);
    this.turn.querySelector("[data-word]").textContent = GOES_ON.has(state) ? say.sayPause : say.sayGoOn;
    this.stop.hidden = state === "sent";
    this.stop.querySelector("[data-word]").textContent = state === "refused" ? say.sayForget : say.sayCancel;
    this.bar.hidden = ["sent", "refused"].includes(state);
    // A button that goes away leaves the focus in its row.
    if (inside && document.activeElement.hidden) this.row.focus();
  }

  wait() { this.show("waiting", this.queue.say.sayWaiting); }

  go() { this.wait(); this.queue.next(); }

  async start() {
    this.say(true);
    this.upload ??= await this.prepared();
    if (this.state !== "sending") return;
    this.samples = [];
    this.upload.start();
  }

  async prepared() {
    const upload = new Upload(this.file, {
      endpoint: this.queue.endpoint,
      chunkSize: PART,
      retryDelays: RETRIES,
      metadata: { filename: this.name },
      headers: { "Accept-Language": LANGUAGE },
      removeFingerprintOnSuccess: true,
      onShouldRetry: again,
      // The client would take it for an upload that is gone, and forget how far it came.
      onAfterResponse: (_, answer) => { if (answer.getStatus() === 401) throw new SignedOut(); },
      onProgress: (sent, all) => this.progress(sent, all),
      onSuccess: () => this.sent(),
      onError: (fault) => this.fault(fault),
    });
    const before = (await upload.findPreviousUploads()).filter((one) => one.uploadUrl?.startsWith(this.queue.endpoint));
    if (before.length) upload.resumeFromPreviousUpload(before.at(-1));
    return upload;
  }

  progress(sent, all) {
    if (this.state !== "sending") return;
    const now = performance.now();
    this.share = all ? sent / all : 0;
    this.bar.value = this.share;
    this.samples = [...this.samples.filter((one) => now - one.at < MEASURED), { at: now, sent }];
    if (this.share >= 0.5 && !this.halfway) {
      this.halfway = true;
      this.queue.announce(this.name, this.queue.say.saidHalf);
    }
    if (now - this.shownAt > SPOKEN || sent === all) this.say();
  }

  say(anew = false) {
    const { say } = this.queue;
    const first = this.samples[0];
    const last = this.samples.at(-1);
    const rate = first && last.at > first.at ? (last.sent - first.sent) / ((last.at - first.at) / 1000) : 0;
    let words = say.sayPart.replace("{percent}", percent(this.share));
    if (!anew && this.share >= 1) words = say.sayChecked;
    else if (!anew && rate > 0) {
      words = say.sayLeft.replace("{percent}", percent(this.share)).replace("{time}", time((this.bytes - last.sent) / rate));
    }
    this.shownAt = performance.now();
    this.show("sending", words);
  }

  sent() {
    this.show("sent", this.queue.say.saySent);
    this.queue.announce(this.name, this.queue.say.saidSent);
    this.queue.renew();
    this.queue.ended();
  }

  fault(fault) {
    const { say } = this.queue;
    const answered = status(fault);
    if (fault.causingError instanceof SignedOut) {
      this.show("out", say.sayOut);
      this.queue.announce(this.name, say.sayOut);
    } else if (answered === 429) {
      this.held = true;
      this.wait();
      const pause = Number(fault.originalResponse.getHeader("Retry-After")) * 1000 || AGAIN;
      this.timer = setTimeout(() => { this.held = false; this.queue.next(); }, pause);
    } else if (!answered || answered >= 500 || answered === 408) {
      if (navigator.onLine) this.broken();
      else this.cut();
    } else {
      this.refused(fault.originalResponse.getBody());
    }
  }

  // The line is open, yet nothing arrives: tried again until it does.
  broken() {
    this.show("broken", this.queue.say.sayBroken);
    this.queue.announce(this.name, this.queue.say.sayBroken);
    this.timer = setTimeout(() => { if (this.state === "broken") this.start(); }, AGAIN);
  }

  cut() {
    this.upload?.abort();
    this.show("offline", this.queue.say.sayOffline);
    this.queue.announce("", this.queue.say.sayOffline);
  }

  pause() {
    clearTimeout(this.timer);
    this.held = false;
    this.upload?.abort();
    this.show("paused", this.queue.say.sayPaused.replace("{percent}", percent(this.share)));
    this.queue.next();
  }

  refused(answer) {
    let problem = null;
    try { problem = JSON.parse(answer); } catch { problem = null; }
    const words = problem?.title ?? this.queue.say.sayRefused;
    const dropped = this.drop();
    this.show("refused", words, problem?.detail);
    this.queue.announce(this.name, `${words} ${problem?.detail ?? ""}`);
    dropped.then(() => this.queue.ended());
  }

  // Nothing of it stays, here or there; a server that cannot be reached forgets it by itself.
  async drop() {
    clearTimeout(this.timer);
    await this.upload?.abort(true).catch(() => {});
    if (!this.left) return;
    localStorage.removeItem(this.left.key);
    await fetch(this.left.uploadUrl, { method: "DELETE", headers: PROTOCOL }).catch(() => {});
  }

  cancel() {
    const dropped = this.state === "refused" ? Promise.resolve() : this.drop();
    this.state = "gone";
    const next = this.row.nextElementSibling ?? this.row.previousElementSibling ?? this.queue.input;
    this.queue.take(this);
    next.focus();
    // Its place is free once the server has let go of it, and not before.
    dropped.then(() => this.queue.ended());
  }
}

class Queue {
  constructor(place) {
    this.say = place.dataset;
    this.endpoint = new URL(place.dataset.uploads, location.href).href;
    this.most = Number(place.dataset.most);
    this.items = [];
    this.said = new Map();
    this.template = place.querySelector("template[data-row]");
    this.section = place.querySelector("[data-queue]");
    this.list = this.section.querySelector("ul");
    this.live = place.querySelector("[data-live]");
    this.form = place.querySelector("form");
    this.input = this.form.querySelector("input[type=file]");
    this.enhance(place);
    this.listen();
    this.look();
  }

  // The plain form becomes a place to choose several files, to drop and to photograph; each is sent at once.
  enhance(place) {
    this.form.classList.add("aq-drop");
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.querySelector("button").remove();
    this.form.querySelector("label").textContent = this.say.sayLabel;
    this.form.querySelector(".govuk-hint").textContent = this.say.sayHint;
    this.input.multiple = true;
    this.input.required = false;
    this.form.append(place.querySelector("template[data-camera]").content.cloneNode(true));
    for (const input of this.form.querySelectorAll("input[type=file]")) {
      // The browser's own words beside it would say for ever that no file is chosen: its label is the button.
      input.classList.add("govuk-visually-hidden");
      input.labels[0].className = `govuk-button aq-drop__choose ${input === this.input ? "" : "govuk-button--secondary"}`;
      input.addEventListener("change", () => {
        this.add([...input.files]);
        input.value = "";
      });
    }
  }

  listen() {
    const brings = (event) => event.dataTransfer?.types.includes("Files");
    document.addEventListener("dragover", (event) => {
      if (!brings(event)) return;
      event.preventDefault();
      this.form.classList.add("aq-drop--over");
    });
    document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) this.form.classList.remove("aq-drop--over"); });
    document.addEventListener("drop", (event) => {
      if (!brings(event)) return;
      event.preventDefault();
      this.form.classList.remove("aq-drop--over");
      this.add([...event.dataTransfer.files]);
    });
    document.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      this.add(files.map((file) => this.named(file)));
    });
    addEventListener("offline", () => {
      for (const one of this.items) if (["waiting", "sending", "broken"].includes(one.state)) one.cut();
    });
    addEventListener("online", () => {
      for (const one of this.items) if (one.state === "offline" || one.state === "broken") one.wait();
      this.next();
      this.renew();
    });
    addEventListener("beforeunload", (event) => { if (this.items.some((one) => GOES_ON.has(one.state))) event.preventDefault(); });
  }

  // What is pasted is called "image.png" by every browser.
  named(file) {
    const ending = file.name.includes(".") ? file.name.slice(file.name.lastIndexOf(".")) : "";
    if (file.name !== `image${ending}`) return file;
    const now = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString();
    return new File([file], `${this.say.sayPasted} ${now.slice(0, 19).replace("T", " ").replaceAll(":", ".")}${ending}`, { type: file.type });
  }

  add(files) {
    for (const file of files) {
      const before = this.items.filter((one) => one.is(file));
      if (before.some((one) => ["paused", "out"].includes(one.state) || GOES_ON.has(one.state))) continue;
      for (const one of before) this.take(one);
      const item = new Item(this, { file, name: file.name, bytes: file.size });
      this.items.push(item);
      this.announce(file.name, this.say.saidStart);
      if (navigator.onLine) item.wait();
      else item.cut();
    }
    this.section.hidden = !this.items.length;
    this.next();
  }

  take(item) {
    item.row.remove();
    this.items = this.items.filter((one) => one !== item);
    this.section.hidden = !this.items.length;
  }

  next() {
    let room = this.most - this.items.filter((one) => one.takesPlace).length;
    for (const one of this.items) {
      if (room < 1 || !navigator.onLine) return;
      if (one.state === "waiting" && !one.held) { one.start(); room -= 1; }
    }
  }

  ended() {
    for (const one of this.items) one.held = false;
    this.next();
  }

  // What was begun on an earlier visit, and how far it came; what the server no longer has is forgotten here too.
  async look() {
    for (const { key, size: bytes, uploadUrl, metadata } of remembered(this.endpoint)) {
      const answer = await fetch(uploadUrl, { method: "HEAD", headers: PROTOCOL }).catch(() => null);
      const came = Number(answer?.headers.get("Upload-Offset"));
      const name = metadata.filename;
      if (this.items.some((one) => one.is({ name, size: bytes }))) continue;
      if ([404, 410].includes(answer?.status) || came === bytes) {
        localStorage.removeItem(key);
        this.renew();
      }
      if (!answer?.ok || came === bytes) continue;
      const item = new Item(this, { name, bytes, left: { key, uploadUrl } });
      item.bar.value = came / bytes;
      item.show("left", this.say.sayUnfinished.replace("{percent}", percent(came / bytes)));
      this.items.push(item);
      this.section.hidden = false;
    }
  }

  // The list of evidence as it is now. What has not changed is not touched, and keeps the focus.
  async renew() {
    const here = document.querySelector("[data-files]");
    const answer = await fetch(location.pathname).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-files]");
    if (!fresh) return;
    for (const name of ["[data-files-head]", "[data-files-foot]"]) {
      const old = here.querySelector(name);
      if (!old.isEqualNode(fresh.querySelector(name))) old.replaceWith(document.importNode(fresh.querySelector(name), true));
    }
    const list = here.querySelector("ul");
    const known = new Map([...list.children].map((one) => [one.id, one]));
    let at = list.firstElementChild;
    for (const one of fresh.querySelector("ul").children) {
      const old = known.get(one.id);
      const same = old?.isEqualNode(one);
      if (same && old === at) { at = at.nextElementSibling; continue; }
      if (old === at) at = at?.nextElementSibling ?? null;
      if (old && !same) old.remove();
      list.insertBefore(same ? old : document.importNode(one, true), at);
    }
    while (at) { const gone = at; at = at.nextElementSibling; gone.remove(); }
  }

  // One polite voice: the last word about each file, at most once a second.
  announce(name, words) {
    this.said.set(name, words.replace("{name}", name));
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.live.textContent = [...this.said.values()].join(" ");
      this.said.clear();
    }, SPOKEN);
  }
}

for (const place of document.querySelectorAll("[data-uploads]")) new Queue(place);

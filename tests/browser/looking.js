// What is held against a page in the browser itself; each question answers with a list of faults. See looking.py.
globalThis.looking = (() => {
  const brief = (one, most = 140) => one.outerHTML.slice(0, most);

  const shell = () => {
    const other = document.querySelector("header a[rel=alternate]");
    return {
      language: document.documentElement.lang,
      title: document.title,
      headings: document.querySelectorAll("h1").length,
      main: document.querySelectorAll("main").length,
      other: other && other.getAttribute("href"),
    };
  };

  const wide = () => {
    const room = document.documentElement.clientWidth, width = document.documentElement.scrollWidth;
    if (width <= room) return [];
    const far = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > room + 1);
    return [`scrolls sideways: ${width} px`, ...far.slice(0, 3).map((one) => `sticks out: ${brief(one)}`)];
  };

  // A code where a word belongs: what people wrote, files and commands aside. One folder has such a name.
  const coded = () => {
    const faults = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { data, parentElement: place } = texts.currentNode;
      if (place.closest("code, blockquote, bdi, script, template, textarea")) continue;
      const found = data.replace("portfolio_templates", "").match(/\b[a-z]+(?:_[a-z]+)+\b/);
      if (found) faults.push(`a code, not a word: ${found[0]} in ${brief(place)}`);
    }
    return faults;
  };

  // The spacing of WCAG 1.4.12. A constructed sheet is no breach of the content policy.
  const space = () => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
      p { margin-bottom: 2em !important; }
    `);
    document.adoptedStyleSheets = [sheet];
  };

  const plain = () => { document.adoptedStyleSheets = []; };

  // Letters twice as large and nothing else, as in a browser that makes text alone larger (WCAG 1.4.4).
  const enlarge = () => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("html { font-size: 200% !important; }");
    document.adoptedStyleSheets = [sheet];
  };

  const cut = () => {
    const hides = (way) => way === "hidden" || way === "clip";
    return [...document.querySelectorAll("main *, header *, footer *, nav *")].filter((one) => {
      if (one.clientWidth <= 2 || one.matches("svg, svg *, input, textarea, select")) return false;
      const style = getComputedStyle(one);
      if (!hides(style.overflowX) && !hides(style.overflowY)) return false;
      return one.scrollWidth > one.clientWidth + 2 || one.scrollHeight > one.clientHeight + 2;
    }).map((one) => `cut off: ${brief(one)}`);
  };

  // What scrolls by itself, or lies over the page on purpose, is above or below what stands around it.
  const apart = (one, known) => {
    if (!one || one === document.body) return false;
    if (!known.has(one)) {
      const { overflowX, overflowY, position, clipPath } = getComputedStyle(one);
      const lifted = clipPath !== "none" || position === "sticky" || position === "fixed";
      const scrolls = overflowX !== "visible" || overflowY !== "visible";
      known.set(one, lifted || scrolls || apart(one.parentElement, known));
    }
    return known.get(one);
  };

  // Lines of text of different places that lie over each other.
  const overlaid = () => {
    const lines = [], known = new Map(), range = document.createRange();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode, place = text.parentElement;
      if (!text.data.trim() || place.closest("svg, script, template, select, option") || !place.checkVisibility()) continue;
      if (apart(place, known)) continue;
      range.selectNodeContents(text);
      for (const box of range.getClientRects()) if (box.width > 2 && box.height > 2) lines.push({ text, place, box });
    }
    lines.sort((a, b) => a.box.top - b.box.top);
    const faults = [];
    for (const [number, one] of lines.entries()) {
      for (let next = number + 1; next < lines.length && lines[next].box.top <= one.box.bottom; next += 1) {
        const other = lines[next];
        if (other.text === one.text) continue;
        const high = Math.min(one.box.bottom, other.box.bottom) - other.box.top;
        const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        if (across < 3 || high < 0.4 * Math.min(one.box.height, other.box.height)) continue;
        faults.push(`lies over another: ${brief(one.place, 90)} and ${brief(other.place, 90)}`);
      }
    }
    return faults.slice(0, 3);
  };

  const drawn = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;

  // One of each kind: the same element with the same classes around it looks the same.
  const unseenFocus = () => {
    const faults = [], seen = new Set();
    for (const one of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")) {
      const kind = [one.tagName, one.type, one.className, one.parentElement.closest("[class]")?.className].join(" ");
      if (seen.has(kind) || one.disabled || !one.checkVisibility()) continue;
      seen.add(kind);
      one.focus({ focusVisible: true, preventScroll: true });
      if (document.activeElement !== one) continue;
      const label = one.matches("[type=radio], [type=checkbox]") && one.labels?.[0];
      if (drawn(getComputedStyle(one)) || (label && drawn(getComputedStyle(label, "::before")))) continue;
      faults.push(`focus is not seen: ${brief(one)}`);
    }
    document.activeElement?.blur();
    return faults;
  };

  const SHAPES = [
    "fontWeight", "borderTopWidth", "borderBottomWidth", "borderLeftWidth", "outlineStyle", "textDecorationLine",
  ];
  const shape = (one) => SHAPES.map((name) => getComputedStyle(one)[name]).join(" ");
  const CURRENT = "[aria-current]:not([aria-current=false]), [aria-pressed=true], [aria-selected=true]";

  // What is marked as the current one differs in shape from its neighbour, not in colour alone.
  const unseenState = () => {
    const faults = [];
    for (const one of document.querySelectorAll(CURRENT)) {
      const item = one.closest("li, tr, td, th, div") ?? one;
      const peer = [...(item.parentElement?.children ?? [])]
        .find((other) => other !== item && !other.matches("[aria-current]") && !other.querySelector("[aria-current]"));
      const twin = peer?.matches(one.tagName) ? peer : peer?.querySelector(one.tagName);
      if (twin && shape(one) === shape(twin) && shape(item) === shape(peer)) faults.push(`state is not seen: ${brief(one)}`);
    }
    return faults;
  };

  const moves = () => [...document.querySelectorAll("*")].filter((one) => [null, "::before", "::after"].some((part) => {
    const style = getComputedStyle(one, part);
    const lasts = style.transitionDuration.split(",").some((time) => parseFloat(time) > 0.001);
    // What is never drawn, such as the captions of a film, has no style at all.
    return (style.animationName && style.animationName !== "none") || lasts;
  })).slice(0, 3).map((one) => `moves: ${brief(one)}`);

  const openAll = () => document.querySelectorAll("details").forEach((one) => { one.open = true; });

  const narrow = () => {
    const found = wide();
    space();
    const spaced = [...wide(), ...cut()].map((one) => `with wide spacing, ${one}`);
    plain();
    return [...found, ...spaced];
  };

  const large = () => {
    enlarge();
    const found = [...wide(), ...cut(), ...overlaid()].map((one) => `with text twice as large, ${one}`);
    plain();
    return found;
  };

  const otherEyes = () => [...unseenFocus(), ...unseenState(), ...moves()];

  return { shell, wide, coded, narrow, large, otherEyes, openAll };
})();

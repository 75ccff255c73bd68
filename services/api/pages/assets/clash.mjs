// Two windows wrote on the same judgement: both texts stand side by side, and whoever writes chooses.
function made(tag, text, classes) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (classes) element.className = classes;
  return element;
}

function values(pairs) {
  const found = new Map();
  for (const [name, value] of pairs) {
    if (name === "version") continue;
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}

function words(form, name, chosen) {
  const inputs = [...form.elements].filter((input) => input.name === name);
  return chosen.map((value) => {
    const input = inputs.find((one) => one.value === value && one.type !== "textarea");
    return input?.labels?.[0]?.textContent.trim() ?? value;
  }).join(", ");
}

function fill(form, fields) {
  for (const input of form.elements) {
    if (!input.name || input.name === "version") continue;
    const chosen = fields.get(input.name) ?? [];
    if (input.type === "radio" || input.type === "checkbox") input.checked = chosen.includes(input.value);
    else if (input.tagName === "TEXTAREA") input.value = chosen[0] ?? "";
  }
}

// True: what stands in the form, perhaps edited here, is to be kept; false: theirs was put into the form.
export function clash(dialog, form, theirs) {
  const list = dialog.querySelector("[data-differences]");
  const who = dialog.querySelector("[data-who]");
  who.textContent = who.dataset.say.replace("{what}", form.dataset.name).replace("{time}", theirs.at);
  list.replaceChildren();
  const mine = values(new FormData(form));
  const other = values(theirs.fields);
  const edited = [];
  for (const name of new Set([...mine.keys(), ...other.keys()])) {
    const here = mine.get(name) ?? [];
    const there = other.get(name) ?? [];
    if ([...here].sort().join("\n") === [...there].sort().join("\n")) continue;
    const field = [...form.elements].find((input) => input.name === name);
    if (!field) continue;
    const label = field.closest("[data-field]")?.dataset.field ?? name;
    const part = made("section", "", "aq-difference");
    part.append(made("h3", label, "govuk-heading-s"));
    if (field.tagName === "TEXTAREA") {
      const box = made("textarea", "", "govuk-textarea");
      box.value = here[0] ?? "";
      box.rows = 3;
      box.id = `edit-${name}`;
      const title = made("label", list.dataset.sayMine, "govuk-label");
      title.htmlFor = box.id;
      part.append(title, box);
      edited.push([field, box]);
    } else {
      part.append(made("p", `${list.dataset.sayHere} ${words(form, name, here) || list.dataset.sayNothing}`, "govuk-body"));
    }
    part.append(made("p", list.dataset.sayTheirs, "govuk-body"));
    part.append(made("blockquote", (field.tagName === "TEXTAREA" ? there[0] : words(form, name, there)) || list.dataset.sayNothing, "aq-quote"));
    list.append(part);
  }
  return new Promise((resolve) => {
    const close = (keep) => {
      dialog.onclose = null;
      dialog.close();
      resolve(keep);
    };
    dialog.querySelector("[data-keep]").onclick = () => {
      for (const [field, box] of edited) field.value = box.value;
      close(true);
    };
    dialog.querySelector("[data-take]").onclick = () => { fill(form, other); close(false); };
    // Closed without a choice: nothing is thrown away, what was typed here stays and is kept.
    dialog.onclose = () => resolve(true);
    dialog.showModal();
    dialog.querySelector("h2").focus();
  });
}

// What every page does: start the components, tell a slow button's wait in words, keep the session's end in view.
import { Button } from "govuk-frontend/dist/govuk/components/button/button.mjs";
import { CharacterCount } from "govuk-frontend/dist/govuk/components/character-count/character-count.mjs";
import { Checkboxes } from "govuk-frontend/dist/govuk/components/checkboxes/checkboxes.mjs";
import { ErrorSummary } from "govuk-frontend/dist/govuk/components/error-summary/error-summary.mjs";
import { NotificationBanner } from "govuk-frontend/dist/govuk/components/notification-banner/notification-banner.mjs";
import { PasswordInput } from "govuk-frontend/dist/govuk/components/password-input/password-input.mjs";
import { Radios } from "govuk-frontend/dist/govuk/components/radios/radios.mjs";
import { SkipLink } from "govuk-frontend/dist/govuk/components/skip-link/skip-link.mjs";
import { resume } from "./resume.mjs";

document.body.classList.add("js-enabled", "govuk-frontend-supported");

for (const Component of [Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, PasswordInput, Radios, SkipLink]) {
  for (const element of document.querySelectorAll(`[data-module="${Component.moduleName}"]`)) {
    // A component that finds its markup incomplete leaves the page as the server sent it.
    try { new Component(element); } catch (fault) { console.warn(fault); }
  }
}

resume();

const WAIT = 400;

// A form is sent once: its buttons say that they wait, and come back when the page is shown again from memory.
document.addEventListener("submit", (event) => {
  // A button with an address of its own fetches a file and leaves the form as it is.
  if (event.defaultPrevented || event.submitter?.hasAttribute("formaction")) return;
  const form = event.target;
  setTimeout(() => {
    for (const button of form.querySelectorAll("button:not([type=button])")) {
      button.setAttribute("aria-disabled", "true");
      if (button === event.submitter && form.dataset.waiting) {
        button.dataset.words = button.textContent;
        button.textContent = form.dataset.waiting;
      }
    }
  }, WAIT);
});

addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[aria-disabled]")) {
    button.removeAttribute("aria-disabled");
    if (button.dataset.words) button.textContent = button.dataset.words;
  }
});

// Five minutes before the session ends, a place in the page says so and offers to stay.
const session = document.querySelector("[data-session-ends]");
if (session) {
  const warnAt = Number(session.dataset.sessionEnds) * 1000 - 5 * 60 * 1000;
  let timer = setTimeout(() => { session.hidden = false; }, Math.max(0, Math.min(warnAt - Date.now(), 2 ** 31 - 1)));
  session.querySelector("button")?.addEventListener("click", async () => {
    const answer = await fetch(session.dataset.stay, { headers: { Accept: "application/json" } });
    if (!answer.ok) { location.reload(); return; }
    session.hidden = true;
    clearTimeout(timer);
    const idle = Number(session.dataset.idle) * 1000;
    timer = setTimeout(() => { session.hidden = false; }, idle - 5 * 60 * 1000);
  });
}

// Signing out takes drafts and remembered uploads of this person with it.
for (const form of document.querySelectorAll("form[data-sign-out]")) {
  form.addEventListener("submit", () => {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith("acquis:") || key.startsWith("tus::")) localStorage.removeItem(key);
    }
    sessionStorage.clear();
  });
}

// A text to give to others is copied at a touch; without scripts it is there to be marked.
for (const button of document.querySelectorAll("button[data-copies]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent.trim());
    button.textContent = button.dataset.copied;
  });
}

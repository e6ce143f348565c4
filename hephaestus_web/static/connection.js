// Says since when the server does not answer, and keeps acts back meanwhile.

const bar = document.getElementById("lost");
let heard = Date.now();

export const silence = () => Date.now() - heard;
export const isLost = () => !bar.hidden;

/** The server has answered. */
export function found() {
  heard = Date.now();
  if (bar.hidden) return;
  bar.hidden = true;
  for (const act of document.querySelectorAll("[data-held]")) {
    act.removeAttribute("aria-disabled");
    delete act.dataset.held;
  }
}

/** The server does not answer. */
export function lost() {
  if (!bar.hidden) return;
  const since = new Date(heard).toLocaleTimeString("en-GB");
  tell(`No connection to Hephaestus since ${since}. This page may be out of date. Buttons work again when it is back.`);
  for (const act of document.querySelectorAll('form[method="post"] button:not([aria-disabled])')) {
    // Not "disabled": that would take the focus from somebody who is at the keyboard.
    act.setAttribute("aria-disabled", "true");
    act.dataset.held = "";
  }
}

/** Shows a sentence in the bar, and where to go. */
export function tell(sentence, link) {
  bar.replaceChildren(sentence, ...(link ? [" ", link] : []));
  bar.hidden = false;
}

function refuse(event) {
  if (!isLost() || event.target.method !== "post") return;
  event.preventDefault();
  event.stopImmediatePropagation();
}
addEventListener("submit", refuse, true);

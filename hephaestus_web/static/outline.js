// The outline by keyboard, folding without a new page, and a stop that can be undone.
import { take, versions } from "./morphing.js";

const UNDO_SECONDS = 5;

// The row that Tab reaches, by its id.
let here = null;

const grid = () => document.querySelector('[role="treegrid"]');
const rows = () => [...document.querySelectorAll('[role="treegrid"] .task')];
const level = (row) => Number(row.getAttribute("aria-level"));

/** Lets Tab reach one row, and nothing within the others. */
function settle() {
  const all = rows();
  const reached = all.find((row) => row.id === here) ?? all[0];
  for (const row of all) {
    row.tabIndex = row === reached ? 0 : -1;
    for (const each of row.querySelectorAll("a, button")) each.tabIndex = -1;
  }
}

function go(row) {
  if (!row) return;
  here = row.id;
  settle();
  row.focus();
}

/** Shows what a button of the outline leads to, and keeps the reader's place. */
async function follow(button) {
  const row = button.closest(".task");
  const asked = new URLSearchParams(new FormData(button.form, button));
  const view = new URLSearchParams(location.search).get("view");
  if (view) asked.set("view", view);
  const address = `${location.pathname}?${asked}`;
  const headers = { Accept: "text/html", "X-Parts": versions() };
  const answer = await fetch(address, { headers, redirect: "manual" }).catch(() => null);
  if (!answer?.ok) {
    location.href = address;
    return;
  }
  history.replaceState(null, "", address);
  take(await answer.text());
  go((row && document.getElementById(row.id)) ?? rows()[0]);
}

function unfold(row) {
  const state = row.getAttribute("aria-expanded");
  if (state === "false") follow(row.querySelector(".fold"));
  else if (state === "true") KEYS.ArrowDown(row);
}

function fold(row) {
  if (row.getAttribute("aria-expanded") === "true") follow(row.querySelector(".fold"));
  else {
    const above = rows();
    go(above.slice(0, above.indexOf(row)).findLast((each) => level(each) < level(row)));
  }
}

const KEYS = {
  ArrowDown: (row) => go(rows()[rows().indexOf(row) + 1]),
  ArrowUp: (row) => go(rows()[rows().indexOf(row) - 1]),
  ArrowRight: unfold,
  ArrowLeft: fold,
  Home: () => go(rows()[0]),
  End: () => go(rows().at(-1)),
  Enter: (row) => row.querySelector("a, .rest button:last-of-type")?.click(),
};

document.addEventListener("keydown", (event) => {
  const act = KEYS[event.key];
  if (!act || !event.target.matches?.('[role="treegrid"] .task')) return;
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  act(event.target);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#folds button");
  if (!button) return;
  event.preventDefault();
  follow(button);
});

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !event.target.matches("form[data-stop]")) return;
  event.preventDefault();
  offerUndo(event.target);
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.('[role="treegrid"] .task');
  if (row) here = row.id;
});

if (grid()) settle();
document.addEventListener("parts", settle);

/** Stops the workflow in five seconds, or as its reader leaves, unless that is undone. */
function offerUndo(form) {
  const place = document.getElementById("undo");
  if (place.querySelector("progress")) return;
  const words = document.createElement("span");
  words.role = "status";
  const left = Object.assign(document.createElement("progress"), { max: UNDO_SECONDS });
  left.setAttribute("aria-label", "Time to undo");
  const undo = Object.assign(document.createElement("button"), { type: "button", textContent: "Undo" });
  place.replaceChildren(words, left, undo);
  place.hidden = false;
  words.textContent = `All agents of this workflow are stopped in ${UNDO_SECONDS} seconds.`;
  undo.focus();
  const ends = Date.now() + 1000 * UNDO_SECONDS;
  const show = () => {
    left.value = Math.max(0, ends - Date.now()) / 1000;
  };
  const close = () => {
    clearTimeout(due);
    clearInterval(ticking);
    removeEventListener("pagehide", stop);
    place.replaceChildren();
    place.hidden = true;
  };
  const stop = async () => {
    close();
    const body = new URLSearchParams({ csrf_token: document.querySelector('[name="csrf_token"]').value });
    const answer = await fetch(form.action, { method: "POST", body, keepalive: true }).catch(() => null);
    if (answer?.ok) location.reload();
    else if (answer) location.href = form.action;
    else place.replaceChildren("The server could not be reached; nothing is stopped.");
    place.hidden = Boolean(answer);
  };
  const due = setTimeout(stop, 1000 * UNDO_SECONDS);
  const ticking = setInterval(show, 100);
  addEventListener("pagehide", stop);
  undo.addEventListener("click", () => {
    close();
    document.querySelector("form[data-stop] button")?.focus();
  });
  show();
}

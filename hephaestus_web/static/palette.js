// Ctrl-K goes anywhere: the server finds pages by words or by the beginning of an id.
import { key } from "./keys.js";

const dialog = document.getElementById("palette");
const form = dialog.querySelector("form");
const field = dialog.querySelector("input");
const found = document.getElementById("palette-found");
let asked = 0;

async function look() {
  const number = ++asked;
  const headers = { Accept: "text/html", "X-Parts": "-" };
  const answer = await fetch(`${form.action}?q=${encodeURIComponent(field.value)}`, { headers }).catch(() => null);
  if (number !== asked) return;
  const fresh = document.createElement("template");
  if (answer?.ok) fresh.innerHTML = await answer.text();
  const part = fresh.content.querySelector('[data-part="found"]');
  found.replaceChildren(...(part?.childNodes ?? ["Hephaestus does not answer."]));
}

function open() {
  if (dialog.open) return;
  field.value = "";
  dialog.showModal();
  look();
}

function choose(step) {
  const stops = [field, ...found.querySelectorAll("a")];
  const next = stops.indexOf(document.activeElement) + step;
  stops[(next + stops.length) % stops.length].focus();
}

field.addEventListener("input", look);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  found.querySelector("a")?.click();
});
dialog.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  choose(step);
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  open();
});
key("/", "find a page, a workflow or an id (also Ctrl K)", open);

// Keys of every page. A page's own script adds more with `key`; "?" lists them.

const keys = new Map();

/** Has a key do something, wherever nobody types. */
export function key(letter, words, act) {
  keys.set(letter, { words, act });
}

const isTyping = (target) =>
  target.closest?.('input, textarea, select, [contenteditable], dialog, [role="treegrid"], [data-keys]');

document.addEventListener("keydown", (event) => {
  const known = keys.get(event.key);
  if (!known || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target)) return;
  event.preventDefault();
  known.act();
});

const ROWS = "main :is(.rows > li, .items > li, tbody > tr, [data-row])";

function move(step) {
  const rows = [...document.querySelectorAll(ROWS)].filter((row) => row.checkVisibility());
  const now = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[now < 0 ? (step > 0 ? 0 : rows.length - 1) : now + step];
  if (!row) return;
  const target = row.querySelector("a[href]") ?? row;
  if (target === row) row.tabIndex = -1;
  target.focus();
  row.scrollIntoView({ block: "nearest" });
}

function launch() {
  const link = '.places a[href="/launch"], a[href^="/launch/"]';
  (document.querySelector('[data-key="n"]') ?? document.querySelector(link))?.click();
}

function list() {
  const dialog = document.getElementById("keys");
  const rows = [...keys].map(([letter, { words }]) => {
    const row = document.createElement("div");
    const [name, told] = [document.createElement("dt"), document.createElement("dd")];
    name.append(Object.assign(document.createElement("kbd"), { textContent: letter }));
    told.textContent = words;
    row.append(name, told);
    return row;
  });
  dialog.querySelector("dl").replaceChildren(...rows);
  dialog.showModal();
}

key("j", "next row", () => move(1));
key("k", "previous row", () => move(-1));
key("n", "launch a workflow", launch);
key("?", "this list", list);
const here = document.querySelector(".places [aria-current]"); // may be beyond the edge of a phone
if (here) here.parentElement.scrollLeft = here.offsetLeft + here.offsetWidth + 40 - here.parentElement.clientWidth;

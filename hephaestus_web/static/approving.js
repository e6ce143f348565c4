// Remembers in this browser what was seen, loads files when they are opened, and collects comments
// on lines until they are sent. Without it the page works by its links and forms.

const look = document.getElementById("look");
const refused = document.querySelector("[data-refused]")?.dataset.refused;
const subject = look?.dataset.subject ?? refused;
const form = document.getElementById("send-back-form");
const files = [...document.querySelectorAll(".file[data-path]")];
const recall = (what) => JSON.parse(localStorage.getItem(`${what}:${subject}`));
const remember = (what, value) => localStorage.setItem(`${what}:${subject}`, JSON.stringify(value));
const seen = recall("seen") ?? {};
let kept = recall("comments") ?? { sent: "", items: [] };

function make(tag, values, ...inside) {
  const made = Object.assign(document.createElement(tag), values);
  made.append(...inside);
  return made;
}
const press = (words, onclick, className = "quiet") => make("button", { type: "button", textContent: words, onclick, className });
const named = ({ path, place }) => `${path}, ${place[0] === "-" ? "removed line" : "line"} ${place.slice(1)}`;

// A mark holds for exactly what was seen: the digest is another one once the file has changed.
function showSeen() {
  for (const file of files) {
    const done = seen[file.dataset.path] === file.dataset.digest;
    file.querySelector(".seen input").checked = done;
    document.querySelector(`[data-file="${file.dataset.number}"]`).classList.toggle("done", done);
  }
  const done = document.querySelectorAll(".files .done").length;
  document.getElementById("seen-count").textContent = files.length ? `${done} of ${files.length} seen` : "";
}

async function load(file, link) {
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return location.assign(link.href); // its page says why
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  link.parentElement.remove();
  file.querySelector(".code").append(...fresh.querySelector(".code").childNodes);
  if (form) drawIn(file);
}

function drawIn(file) {
  const { path, digest } = file.dataset;
  file.querySelectorAll(".comment:not(.editing)").forEach((row) => row.remove());
  for (const cell of file.querySelectorAll("[data-place] .n:not(:has(button))")) {
    const button = press(cell.textContent, undefined, "");
    button.tabIndex = file.querySelector(".n button") ? -1 : 0;
    button.setAttribute("aria-label", `Comment on ${named({ path, place: cell.parentElement.dataset.place })}`);
    cell.replaceChildren(button);
  }
  for (const item of kept.items) {
    const row = item.path === path && item.digest === digest && file.querySelector(`[data-place="${item.place}"]`);
    if (!row) continue;
    const said = make("p", { className: "said", textContent: item.text });
    row.after(beneath("comment", said, press("Change", () => edit(file, row, item))));
  }
}

function beneath(className, shown, ...buttons) {
  return make("tr", { className }, make("td", { colSpan: 2 }, shown, make("div", { className: "actions" }, ...buttons)));
}

function draw() {
  remember("comments", kept);
  files.forEach(drawIn);
  document.getElementById("comments").replaceChildren(...kept.items.map((item) => {
    const fields = ["path", "place", "text"].map((name) => make("input", { type: "hidden", name: `comment_${name}`, value: item[name] }));
    return make("li", {}, make("b", { textContent: named(item) }), ` ${item.text} `, press("Remove", () => keep(item, "")), ...fields);
  }));
  document.getElementById("comment-count").textContent = kept.items.length ? ` (${kept.items.length})` : "";
  document.getElementById("text").required = !kept.items.length;
}

function keep(item, text) {
  kept.items = [...kept.items.filter((each) => each !== item), ...(text ? [{ ...item, text }] : [])];
  draw();
}

function edit(file, row, item) {
  file.querySelector(".editing")?.remove();
  const text = make("textarea", { rows: 3, maxLength: 4000, value: item.text ?? "" });
  text.setAttribute("aria-label", `Your comment on ${named(item)}`);
  const close = (said) => {
    file.querySelector(".editing").remove();
    keep(item, said);
    row.querySelector("button").focus();
  };
  const away = press(item.text ? "Remove" : "Cancel", () => close(""));
  row.after(beneath("comment editing", text, press("Keep the comment", () => close(text.value.trim()), ""), away));
  text.focus();
}

for (const file of files) {
  if (seen[file.dataset.path] === file.dataset.digest) file.open = false;
  file.querySelector(".seen").addEventListener("change", ({ target }) => {
    seen[file.dataset.path] = target.checked ? file.dataset.digest : undefined;
    remember("seen", seen);
    file.open = !target.checked;
    showSeen();
  });
  file.addEventListener("toggle", () => {
    const link = file.querySelector(".more a");
    if (file.open && link && !file.querySelector(".lines")) load(file, link);
  });
  file.addEventListener("click", (event) => {
    const link = event.target.closest(".more a");
    if (link) return event.preventDefault(), load(file, link);
    const row = event.target.closest("[data-place]");
    if (!form || !row || !getSelection().isCollapsed) return;
    const mine = { path: file.dataset.path, place: row.dataset.place, digest: file.dataset.digest };
    edit(file, row, kept.items.find((each) => Object.keys(mine).every((name) => each[name] === mine[name])) ?? mine);
  });
  file.addEventListener("keydown", (event) => {
    const all = [...file.querySelectorAll(".n button")];
    const next = all[all.indexOf(event.target) + { ArrowUp: -1, ArrowDown: 1 }[event.key]];
    if (all.includes(event.target)) next?.focus();
  });
}

if (refused) remember("comments", { ...kept, sent: "" });
if (look) {
  showSeen();
  // Comments that were sent are done with, unless they still wait here for the same commit.
  if (kept.sent && (!form || kept.sent !== look.dataset.commit)) kept = { sent: "", items: [] };
  remember("comments", kept);
}
if (form) {
  form.addEventListener("submit", () => remember("comments", { ...kept, sent: look.dataset.commit }));
  draw();
}

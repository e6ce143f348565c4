// Opens agents in a drawer beside their list. Everything shown comes from the agent's own page,
// which also works by itself; forms in the drawer are sent from here, so that the list stays.
import { key } from "./keys.js";
import { refresh as refreshPage, socket } from "./live.js";
import { take } from "./morphing.js";

const REFRESH_MS = 2000;
const TICK_MS = 5000;
const MOST_SCREENS = 40;
const drawer = document.getElementById("drawer");
// The agent's page in the drawer, and the link that opened it.
let address = null;
let [opener, terminal] = [null, null];

// The same words as the server's filter "lasting".
function lasting(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

function tick() {
  for (const item of document.querySelectorAll("[data-since]")) {
    const words = lasting((Date.now() - Date.parse(item.dataset.since)) / 1000);
    if (item.textContent !== words) item.textContent = words;
  }
}

async function page(url, options = {}) {
  const answer = await fetch(url, { headers: { Accept: "text/html" }, ...options });
  const doc = new DOMParser().parseFromString(await answer.text(), "text/html");
  return { ok: answer.ok, doc, article: doc.getElementById("one-agent") };
}

function complain(words) {
  drawer.querySelector("[role=alert]")?.remove();
  if (!words) return;
  const box = document.createElement("p");
  box.setAttribute("role", "alert");
  box.textContent = words;
  drawer.querySelector(".drawer-bar").after(box);
}

function bar(url) {
  const line = document.createElement("div");
  line.className = "drawer-bar";
  const link = document.createElement("a");
  link.href = url;
  link.textContent = "Open as a page";
  const button = document.createElement("button");
  button.className = "quiet";
  button.textContent = "Close (Esc)";
  button.addEventListener("click", () => drawer.close());
  line.append(link, button);
  return line;
}

async function open(link) {
  const url = link.getAttribute("href");
  const { article } = await page(url).catch(() => ({}));
  if (!article) return location.assign(url);
  if (!drawer.open) opener = link;
  address = url;
  closeTerminal();
  // Otherwise the script of terminals would open it once more by itself.
  const place = article.querySelector("[data-terminal]");
  place.removeAttribute("data-terminal");
  drawer.replaceChildren(bar(url), document.adoptNode(article));
  if (!drawer.open) drawer.showModal();
  document.getElementById("agent-title").focus();
  drawer.scrollTop = 0;
  const { openTerminal } = await import("./terminal.js");
  if (drawer.open && place.isConnected) terminal = openTerminal(place, article.dataset.agentId);
}

function closeTerminal() {
  terminal?.close();
  terminal = null;
}

async function refresh() {
  if (!drawer.open || document.hidden || !drawer.querySelector("[data-live-agent]")) return;
  const asked = address;
  // While the server is away, the bar of the page says so.
  const { ok, article } = await page(asked).catch(() => ({}));
  if (ok && drawer.open && asked === address) update(article);
}

function update(article) {
  take([...article.querySelectorAll("[data-part]")].map((part) => part.outerHTML).join(""));
  if (!article.querySelector("[data-keyboard]")) terminal?.withdraw?.();
}

async function send(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  try {
    const { ok, doc, article } = await page(form.action, { method: "POST", body });
    if (!ok) return complain(doc.querySelector("#main p")?.textContent.trim());
    form.reset();
    form.closest("details")?.removeAttribute("open");
    document.getElementById("agent-title").focus();
    complain(null);
    update(article);
  } catch {
    complain("The server does not answer. Try again in a moment.");
  }
}

function linkOf(target) {
  const link = target.closest("a");
  if (link) return link.hasAttribute("data-agent") ? link : null;
  if (target.closest("button") || getSelection().toString()) return null;
  return target.closest(".agent")?.querySelector("a[data-agent]");
}

if (drawer) {
  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = linkOf(event.target);
    if (!link) return;
    event.preventDefault();
    open(link);
  });
  drawer.addEventListener("click", ({ target }) => target === drawer && drawer.close());
  drawer.addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.target, event.submitter);
  });
  drawer.addEventListener("close", () => {
    closeTerminal();
    drawer.replaceChildren();
    // A refresh may have put another link in its place.
    const same = `a[data-agent][href="${opener.getAttribute("href")}"]`;
    (opener.isConnected ? opener : document.querySelector(same))?.focus();
  });
  setInterval(refresh, REFRESH_MS);
}
setInterval(tick, TICK_MS);

// The screens of the rows in view: the server sends what changes of them.
const inView = new Set();
let telling = 0;
const tell = () => {
  clearTimeout(telling);
  telling = setTimeout(() => socket.emit("watch_screens", { agent_ids: document.hidden ? [] : [...inView].slice(0, MOST_SCREENS) }), 100);
};
const watcher = new IntersectionObserver((changes) => {
  for (const { target, isIntersecting } of changes) inView[isIntersecting ? "add" : "delete"](target.id.slice("agent-".length));
  tell();
});
socket.on("connect", tell);
document.addEventListener("visibilitychange", tell);
socket.on("screens", (screens) => {
  for (const [id, html] of Object.entries(screens)) {
    const place = document.querySelector(`#agent-${id} .glance`);
    if (place) place.innerHTML = html;
  }
});

// Terminals beside the list, which are in the address.
const pinned = new Map();
async function follow() {
  for (const row of document.querySelectorAll(".agent:has(.glance)")) watcher.observe(row);
  for (const [place, shown] of pinned) if (!place.isConnected && pinned.delete(place)) shown.close();
  const added = [...document.querySelectorAll("[data-pinned]")].filter((place) => !pinned.has(place));
  if (!added.length) return;
  const { openTerminal } = await import("./terminal.js");
  for (const place of added) if (!pinned.has(place)) pinned.set(place, openTerminal(place, place.dataset.pinned));
}
function go(event, url) {
  event.preventDefault();
  history.replaceState(null, "", url);
  refreshPage("page");
}
document.addEventListener("submit", (event) => {
  if (event.target.id === "pins") go(event, `/agents?${new URLSearchParams(new FormData(event.target, event.submitter))}`);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-unpin]");
  if (link) go(event, link.href);
});
document.addEventListener("parts", follow);
follow();
key("p", "pin the terminal of this agent", () => document.activeElement.closest(".agent")?.querySelector(".pin-it")?.click());

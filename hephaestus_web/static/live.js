// Keeps a page as the server would render it now: an event says that something changed, and the
// server sends the parts that differ. Nothing is built from an event's own texts.
import { found, isLost, lost, silence, tell } from "./connection.js";
import { take, versions } from "./morphing.js";
import "./waiting.js";

// The workflow that the page is about, or "all"; without one the strip alone is kept.
const scope = document.body.dataset.live;
const QUIET_MS = 50;
// In this time there are two refreshes of a page in view, and in the other one of its title.
const TWO_MS = 1000;
const HIDDEN_MS = 5000;
// The server gives a sign of life each second. After this long it is asked for one.
const SILENT_MS = 1250;
const PATIENCE_MS = { strip: 600, page: 15000 };
const NEWS_MS = 4000;

let timer = 0;
let running = false;
// When the last two refreshes began.
let began = [0, 0];
let stripDue = false;
let pageDue = false;
// The login has ended: nothing more is answered.
let ended = false;
// What changes at the next refresh happened while the server could not be reached.
let away = false;

/** Refreshes soon: the strip, and with "page" all that the page shows. */
export function refresh(what) {
  stripDue = true;
  pageDue ||= what === "page" && Boolean(scope);
  schedule();
}

function schedule() {
  const due = stripDue || (pageDue && !document.hidden);
  if (timer || running || ended || !due) return;
  const next = document.hidden ? began[1] + HIDDEN_MS : began[0] + TWO_MS;
  timer = setTimeout(run, Math.max(QUIET_MS, next - Date.now()));
}

async function run() {
  timer = 0;
  running = true;
  began = [began[1], Date.now()];
  // While the server is silent, the strip tells sooner whether it is there.
  const what = pageDue && !document.hidden && silence() < SILENT_MS ? "page" : "strip";
  stripDue = false;
  if (what === "page") pageDue = false;
  if (!(await ask(what))) {
    pageDue ||= what === "page";
    stripDue = true;
    began = [Date.now(), Date.now()];
  }
  running = false;
  schedule();
}

/** Asks for what differs, and takes it. Returns whether the server has answered. */
async function ask(what) {
  // An answer to what was asked before the loss may lack what came after: the next one has it.
  const wasAway = away || isLost();
  try {
    const answer = await fetch(what === "page" ? location.pathname + location.search : "/strip", {
      headers: { Accept: "text/html", "X-Parts": versions() },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS[what]),
    });
    // A proxy answers so for a server that is away, and the server for its database.
    if (answer.status >= 500) throw new Error(answer.statusText);
    if (answer.type === "opaqueredirect") return leave();
    const parts = answer.ok ? take(await answer.text()) : [];
    away ||= isLost();
    if (what === "page" && away) point(parts);
    if (what === "page" && wasAway) away = false;
    const wasSilent = silence() > SILENT_MS;
    found();
    if (away || wasSilent) refresh("page");
    return true;
  } catch {
    lost();
    return false;
  }
}

/** Points out what has changed while the server was away. */
function point(parts) {
  for (const part of parts) part.classList.add("news");
  setTimeout(() => parts.forEach((part) => part.classList.remove("news")), NEWS_MS);
}

function leave() {
  ended = true;
  socket.disconnect();
  const link = document.createElement("a");
  link.href = `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
  link.textContent = "Log in again";
  tell("Your login has ended.", link);
  return true;
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  timer = 0;
  if (!document.hidden) began = [0, 0];
  schedule();
});

// Parts of a long list are refreshed while they are in sight, or soon will be.
const sight = new IntersectionObserver((changes) => {
  for (const { target, isIntersecting } of changes) target.unseen = !isIntersecting;
  if (changes.some(({ isIntersecting }) => isIntersecting)) refresh("page");
}, { rootMargin: "200px" });
for (const part of document.querySelectorAll("[data-lazy]")) sight.observe(part);

// WebSocket first: several web processes refuse polling, whose requests would have to meet the same
// one each time. Polling is for networks that let no WebSocket through.
export const socket = io({
  auth: { follow: scope ?? "strip" },
  transports: ["websocket", "polling"],
  tryAllTransports: true,
  autoConnect: false,
  reconnectionDelay: 500,
  reconnectionDelayMax: 2000,
  randomizationFactor: 0.5,
});
const badge = document.getElementById("live");
socket.on("connect", () => (badge.hidden = false));
socket.on("disconnect", () => (badge.hidden = true));
// "live" tells that the page acts, too: this event comes after the scripts of the page have run.
addEventListener("DOMContentLoaded", () => socket.connect());
socket.io.on("ping", () => {
  if (!isLost()) found();
});
// Whatever was missed while there was no connection is in a fresh rendering.
socket.on("hello", () => refresh("page"));
socket.on("news", () => refresh("strip"));
socket.on("changed", () => refresh("page"));

addEventListener("offline", lost);
setInterval(() => {
  if (document.hidden || ended) return;
  if (silence() > SILENT_MS) refresh("strip");
  if (silence() > SILENT_MS + PATIENCE_MS.strip) lost();
}, 100);

// Keeps a page as the server would render it now: an event says that something changed, and the
// parts that differ are taken from a fresh rendering. Nothing is built from an event's own texts.
"use strict";

// The workflow that the page is about, or "all"; without one the strip alone is kept.
const scope = document.body.dataset.live;
const QUIET_MS = 300;
let timer = null;
let running = false;
let again = false;
// Whether more than the strip may have changed.
let whole = false;
const seen = new Map();

function openDetails(root) {
  return new Set([...root.querySelectorAll("details[open][id]")].map((item) => item.id));
}

function take(fresh) {
  for (const part of document.querySelectorAll("[data-part]")) {
    const newer = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!newer || newer.innerHTML === seen.get(part)) continue;
    // Somebody is typing or about to press something in it: the next event will do.
    if (part.contains(document.activeElement)) continue;
    const open = openDetails(part);
    seen.set(part, newer.innerHTML);
    part.replaceChildren(...newer.childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  }
  const waiting = fresh.querySelector("[data-waiting]")?.dataset.waiting;
  if (waiting === undefined) return;
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = waiting === "0" ? title : `(${waiting}) ${title}`;
}

async function refresh() {
  if (running) {
    again = true;
    return;
  }
  running = true;
  const address = whole ? location.href : "/strip";
  whole = false;
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (answer.redirected) location.reload();
    else if (answer.ok) take(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // The server is away; the socket says when it is back.
    whole ||= address !== "/strip";
  } finally {
    running = false;
    if (again) {
      again = false;
      soon();
    }
  }
}

function soon() {
  if (document.hidden) {
    again = true;
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(refresh, QUIET_MS);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && again) {
    again = false;
    soon();
  }
});

const live = document.getElementById("live");
// WebSocket first: several web processes refuse polling, whose requests would have to meet the same
// one each time. Polling is for networks that let no WebSocket through.
const socket = io({
  transports: ["websocket", "polling"],
  tryAllTransports: true,
  reconnectionDelayMax: 5000,
  randomizationFactor: 0.5,
});
socket.on("connect", () => {
  live.hidden = false;
});
socket.on("disconnect", () => {
  live.hidden = true;
});
// Whatever was missed while there was no connection is in a fresh rendering.
socket.on("hello", () => {
  whole = Boolean(scope);
  soon();
});
socket.on("event", (event) => {
  if (scope === "all" || (scope && event.workflow_id === scope)) whole = true;
  soon();
});

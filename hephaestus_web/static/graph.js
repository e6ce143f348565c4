// All tasks of a workflow as dots below their creators, on a canvas; a press opens one.
const box = document.querySelector("[data-graph]");
const canvas = box.querySelector("canvas");
const told = document.getElementById("told");
const SPACE = 14;
const REACH = 10;
const CLOSE = 5;
const MOST_COLUMNS = 40;
// Between two loads, as there may be thousands of tasks.
const PAUSE_MS = 5000;
// Names of the style sheet's colours, so that both themes apply.
const COLOURS = {
  waits_for_you: "--call",
  stands_still: "--bad",
  at_work: "--busy",
  waits_its_turn: "--faint",
  done: "--good",
  failed: "--bad",
  stopped: "--faint",
};
const URGENCY = ["done", "stopped", "waits_its_turn", "at_work", "failed", "stands_still", "waits_for_you"];
let graph = { signs: [], nodes: [] };
let dots = [];
let links = [];
let due = 0;

/** Returns the tree of the tasks, with one more above those that nobody's agent created. */
function arranged() {
  const items = graph.nodes.map((_, place) => place);
  const tree = d3
    .stratify()
    .id((place) => String(place))
    .parentId((place) => (place < 0 ? null : String(graph.nodes[place][1])))([-1, ...items]);
  // A deep tree is laid out level by level, a wide one too: its width is fitted to the canvas.
  return d3.tree().nodeSize([SPACE, SPACE * 3])(tree);
}

/** Fits the tree into the canvas, the deeper the further right. */
function place() {
  if (!graph.nodes.length) return;
  const tree = arranged();
  const shown = tree.descendants().filter((node) => node.data >= 0);
  const [low, high] = [Math.min(...shown.map((n) => n.x)), Math.max(...shown.map((n) => n.x))];
  const deepest = Math.max(...shown.map((n) => n.depth));
  const { width, height } = canvas.getBoundingClientRect();
  const margin = 20;
  const across = (depth) => margin + ((depth - 1) / Math.max(deepest - 1, 1)) * (width - 2 * margin);
  const down = (x) => margin + ((x - low) / Math.max(high - low, 1)) * (height - 2 * margin);
  // Where a level has more dots than there is room, they stand side by side.
  const many = shown.reduce((counts, n) => counts.set(n.depth, (counts.get(n.depth) ?? 0) + 1), new Map());
  const seen = new Map();
  const aside = ({ depth }) => {
    const rank = seen.get(depth) ?? 0;
    seen.set(depth, rank + 1);
    const columns = Math.ceil((many.get(depth) * CLOSE) / (height - 2 * margin));
    return (rank % Math.min(columns, MOST_COLUMNS)) * CLOSE * (depth === deepest ? -1 : 1);
  };
  const put = new Map(
    shown.map((n) => [n, { x: across(n.depth) + aside(n), y: high > low ? down(n.x) : height / 2, place: n.data }]),
  );
  dots = [...put.values()];
  links = shown.filter((n) => put.has(n.parent)).map((n) => [put.get(n.parent), put.get(n)]);
}

/** What is urgent is drawn last, above what is not. */
const urgency = (dot) => URGENCY.indexOf(graph.signs[graph.nodes[dot.place][2]][0]);

function draw() {
  const { width, height } = canvas.getBoundingClientRect();
  const scale = devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  pen.scale(scale, scale);
  pen.strokeStyle = colour("--faint");
  pen.beginPath();
  for (const [from, to] of links) {
    pen.moveTo(from.x, from.y);
    pen.bezierCurveTo((from.x + to.x) / 2, from.y, (from.x + to.x) / 2, to.y, to.x, to.y);
  }
  pen.stroke();
  const size = dots.length > 500 ? 2.5 : dots.length > 60 ? 4 : 6;
  for (const dot of dots.toSorted((one, other) => urgency(one) - urgency(other))) {
    const [sign] = graph.signs[graph.nodes[dot.place][2]];
    pen.fillStyle = colour(COLOURS[sign]);
    pen.beginPath();
    pen.arc(dot.x, dot.y, size, 0, 2 * Math.PI);
    pen.fill();
  }
}

/** Returns the task nearest to the pointer, if one is near. */
function under(event) {
  const edge = canvas.getBoundingClientRect();
  const distance = (dot) => Math.hypot(dot.x - event.clientX + edge.left, dot.y - event.clientY + edge.top);
  const nearest = dots.reduce((best, dot) => (!best || distance(dot) < distance(best) ? dot : best), null);
  return nearest && distance(nearest) <= REACH ? graph.nodes[nearest.place] : null;
}

canvas.addEventListener("pointermove", (event) => {
  const task = under(event);
  if (!task) return;
  const [, glyph, words] = graph.signs[task[2]];
  told.textContent = `${glyph} ${words}: ${task[4]}`;
});
canvas.addEventListener("click", (event) => {
  const task = under(event);
  if (task) location.href = `/tasks/${task[0]}`;
});

function show() {
  place();
  draw();
}

async function load() {
  due = 0;
  const answer = await fetch(box.dataset.graph, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) {
    told.textContent = "The graph could not be loaded; reload the page.";
    return;
  }
  graph = await answer.json();
  show();
  canvas.dataset.drawn = dots.length;
}

addEventListener("resize", show);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
// The phases count the tasks by status.
document.addEventListener("parts", (event) => {
  const changed = event.detail.some((part) => part.dataset.part === "phases");
  if (changed) due ||= setTimeout(load, PAUSE_MS);
});
load();

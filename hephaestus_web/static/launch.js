// Shows the first task's text as the form's values make it. The rules are those of the server, which
// has marked the place of each value; nothing is built from markup.
"use strict";

const form = document.getElementById("launch");
const LONGEST = 200_000;
// Bounds of numbers: characters, what a float holds exactly, and the size.
const MOST_DIGITS = 110;
const EXACT = 2 ** 53;
const MOST = 10n ** 100n;

// Control characters become visible, as they do before a text is stored.
function plain(text) {
  return [...text.replace(/\r\n?/g, "\n")]
    .map((each) => {
      const code = each.codePointAt(0);
      if (code < 0x20 && each !== "\t" && each !== "\n") return String.fromCodePoint(0x2400 + code);
      if (code === 0x7f) return "\u2421";
      return code >= 0x80 && code < 0xa0 ? "\ufffd" : each;
    })
    .join("");
}

// A number as the server writes it: 007 as 7, 1e3 as 1000.0, 0.00001 as 1e-05.
function number(text) {
  if (/^[+-]?\d+$/.test(text)) return bounded(BigInt(text.replace("+", "")));
  const value = Number(text);
  if (!Number.isFinite(value)) return null;
  if (Math.abs(value) >= EXACT) return bounded(BigInt(value));
  const [digits, power] = value.toExponential().split("e");
  if (value !== 0 && power < -4) return `${digits}e-${power.slice(1).padStart(2, "0")}`;
  const written = Object.is(value, -0) ? "-0" : value.toString();
  return written.includes(".") ? written : `${written}.0`;
}

function bounded(whole) {
  return whole > -MOST && whole < MOST ? whole.toString() : null;
}

// What stands in the text for a field; null while it is blank or no number.
function shown(field) {
  if (field.type === "checkbox") return field.checked ? "yes" : "no";
  const given = field.value.trim() ? field.value : (field.dataset.default ?? "");
  if (!given.trim()) return null;
  if (field.type !== "number") return plain(given);
  return given.length > MOST_DIGITS ? null : number(given.trim());
}

const places = Map.groupBy(document.querySelectorAll("#prompt [data-of]"), (each) => each.dataset.of);
const note = document.getElementById("prompt-note");
const told = note.textContent;

function follow(field) {
  const spans = places.get(field.id);
  if (!spans) return;
  const text = shown(field);
  const label = field.labels[0].firstChild.textContent.trim();
  // A short text may name a long value many times.
  const long = spans.length * (text ?? "").length > LONGEST;
  note.textContent = long ? `${label} is too long to be shown here.` : told;
  if (long) return;
  for (const span of spans) {
    span.textContent = text ?? `{${label}}`;
    span.className = text === null ? "hole" : "value";
  }
}

form.addEventListener("input", (event) => follow(event.target));
// A browser that comes back to the page keeps what was typed.
for (const field of form.elements) follow(field);

// What the values lead to is looked up by the server: branches, commit, hosts, time and cost. The
// form is sent, not put into an address, since a repository's URL may hold a login.
const look = document.getElementById("look");
const repository = document.getElementById("field-main_repo_path");
const branch = document.getElementById("field-base_branch");
let looking = null;
look.hidden = true;

async function lookAhead() {
  looking?.abort();
  looking = new AbortController();
  const ahead = document.getElementById("ahead");
  ahead.setAttribute("aria-busy", "true");
  try {
    const sent = { method: "POST", body: new FormData(form), signal: looking.signal };
    const answer = await fetch(look.formAction, { ...sent, headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const pressed = document.activeElement.dataset.branch;
    const parts = ["branches", "ahead"].map((id) => fresh.getElementById(id));
    for (const part of parts) document.getElementById(part.id).replaceWith(part);
    document.dispatchEvent(new CustomEvent("parts", { detail: parts }));
    if (pressed) form.querySelector(`[data-branch="${CSS.escape(pressed)}"]`)?.focus();
  } catch (error) {
    if (error.name === "AbortError") return;
    ahead.removeAttribute("aria-busy");
    ahead.textContent = "What the launch would meet could not be looked up; try again.";
  }
}

for (const field of [repository, branch]) field.addEventListener("change", lookAhead);
form.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-branch]");
  if (!chosen) return;
  branch.value = chosen.dataset.branch;
  for (const each of form.querySelectorAll("[data-branch]")) {
    each.setAttribute("aria-pressed", String(each === chosen));
  }
  lookAhead();
});
lookAhead();

// Brings parts of the page up to date and leaves alone what its reader is doing: focus, selection,
// open details, half-typed fields.

/** Says whether the reader has changed a field since the server rendered it. */
function isTyped(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
  const given = [...field.options].findIndex((option) => option.defaultSelected);
  return field.selectedIndex !== Math.max(given, 0);
}

const FIELDS = "textarea, select, input:not([type=hidden])";

function isKept(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return false;
  // Scripts of a page own what stands in such an element: a terminal, a drawing.
  return node.matches("[data-keep]") || (node.matches(FIELDS) && isTyped(node));
}

function isInUse(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return false;
  if (node.matches("[data-keep]")) return true;
  return [node, ...node.querySelectorAll(FIELDS)].some((each) => each.matches(FIELDS) && isTyped(each));
}

const CALLBACKS = {
  beforeNodeMorphed(old, newer) {
    if (isKept(old)) return false;
    // Such a time reads already as it does in the reader's zone.
    return !(old.nodeName === "TIME" && newer.nodeName === "TIME" && old.dateTime === newer.dateTime);
  },
  // The server knows of no open details; their reader does.
  beforeAttributeUpdated: (name, node) => name !== "open" || !/^(DETAILS|DIALOG)$/.test(node.nodeName),
  beforeNodeRemoved(node) {
    if (!isInUse(node)) return true;
    node.dataset.gone = "";
    return false;
  },
};

/** Returns the parts of this page with their versions, as the server is asked for what differs. */
export function versions() {
  const parts = [...document.querySelectorAll("[data-part][data-version]")];
  return parts.map((part) => `${part.dataset.part}=${part.unseen ? "*" : part.dataset.version}`).join(" ");
}

/** Puts newer parts in place of those of the page, and returns these; the event "parts" follows. */
export function take(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const parts = [];
  for (const newer of [...fresh.content.children]) {
    const part = document.querySelector(`[data-part="${newer.dataset.part}"]`);
    if (!part) continue;
    Idiomorph.morph(part, newer, { callbacks: CALLBACKS });
    parts.push(part);
  }
  document.dispatchEvent(new CustomEvent("parts", { detail: parts }));
  return parts;
}

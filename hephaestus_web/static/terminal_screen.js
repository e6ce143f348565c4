// The screen of a terminal: xterm.js under our policy, in our colours.
import { Terminal } from "./vendor/xterm-6.0.0.js";

const COLORS = {
  background: "#161412", foreground: "#ece6df", cursor: "#f08a4b", selectionBackground: "#5a5148",
  black: "#161412", red: "#ff8a80", green: "#6fcf8e", yellow: "#f2c14e", blue: "#82b8f0", magenta: "#d7a5f0",
  cyan: "#7fd4d4", white: "#d8d0c7", brightBlack: "#a69d92", brightRed: "#ffb0a8", brightGreen: "#9be3b2",
  brightYellow: "#f8d98b", brightBlue: "#aed2f7", brightMagenta: "#e6c6f7", brightCyan: "#aee6e6",
  brightWhite: "#ffffff",
};

// xterm.js makes <style> elements, which the policy of our pages refuses. It takes the document to
// work with as an option; this one gives it elements that put the same rules into style sheets made
// by script, which are allowed.

function sheetElement() {
  const element = document.createElement("template");
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  Object.defineProperty(element, "textContent", { set: (rules) => sheet.replaceSync(rules) });
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
    Element.prototype.remove.call(element);
  };
  return element;
}

// The same for the style attributes of cells in true colours, which it sets on spans of the page.
HTMLSpanElement.prototype.setAttribute = function setAttribute(name, value) {
  if (name === "style") this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
};

const documentWithSheets = new Proxy(document, {
  get(target, name) {
    if (name === "createElement") return (tag) => (tag === "style" ? sheetElement() : target.createElement(tag));
    const value = Reflect.get(target, name, target);
    return typeof value === "function" ? value.bind(target) : value;
  },
});

// The agent's own terminal answers what its program asks; a second answer would be keys.
function answerNothing(parser) {
  const questions = ["c", "n"].flatMap((final) => ["", "?", ">", "="].map((prefix) => ({ prefix, final })));
  const modes = [{ intermediates: "$", final: "p" }, { prefix: "?", intermediates: "$", final: "p" }];
  for (const id of [...questions, ...modes]) parser.registerCsiHandler(id, () => true);
  for (const number of [4, 10, 11, 12]) parser.registerOscHandler(number, () => true);
  parser.registerDcsHandler({ intermediates: "$", final: "q" }, () => true);
}

export function newScreen() {
  const term = new Terminal({
    documentOverride: documentWithSheets, disableStdin: true, scrollback: 5000, theme: COLORS, cols: 140, rows: 45,
    lineHeight: 1.15, minimumContrastRatio: 4.5,
    fontFamily: "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace",
  });
  answerNothing(term.parser);
  term.attachCustomKeyEventHandler(() => false); // all keys stay the page's own
  return term;
}

// Chooses letters with which the whole screen fits, if they can still be read.
export function fit(term, place) {
  const wide = (place.clientWidth - 24) / (term.cols * 0.603);
  const high = (window.innerHeight - place.getBoundingClientRect().top - window.scrollY - 72) / (term.rows * 1.4);
  term.options.fontSize = Math.floor(Math.min(14, Math.max(9, wide), Math.max(11, high)));
}

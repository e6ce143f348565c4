// Taking over the keyboard of an agent: one person at a time, until they release it, leave the page
// or press no key for a while. The server holds the lock, and the agent's host asks it for each key.
import { socket } from "./live.js";

const BATCH_MS = 20;
const MOST_CHARACTERS = 2000;
// Leaves the terminal, where Tab belongs to the agent.
const LEAVE_KEY = "F6";

export function offerKeyboard(terminal) {
  const { term, agentId, place } = terminal;
  const said = document.createElement("span");
  said.setAttribute("role", "alert");
  terminal.status.after(said);
  let seconds = 0;
  let typed = "";
  let expiry = 0;
  const ask = (name, more) =>
    new Promise((done) => socket.emit(name, { agent_id: agentId, ...more }, done));
  const isHeld = () => !term.options.disableStdin;

  function show(held, words = "") {
    clearTimeout(expiry);
    term.options.disableStdin = !held;
    place.classList.toggle("is-typing", held);
    toggle.textContent = held ? `Release the keyboard (${LEAVE_KEY})` : "Take the keyboard";
    toggle.classList.toggle("quiet", !held);
    said.textContent = words;
    if (held) expiry = setTimeout(release, seconds * 1000);
  }

  async function take() {
    const answer = await ask("take_keyboard");
    if (answer.error) return show(false, answer.error);
    seconds = answer.seconds;
    show(true, "Keys go to the agent; the Guardian leaves it alone.");
    term.focus();
  }

  async function release() {
    typed = "";
    show(false);
    toggle.focus();
    await ask("release_keyboard");
  }

  async function send() {
    const text = typed.slice(0, MOST_CHARACTERS);
    typed = typed.slice(text.length);
    if (!text) return;
    const answer = await ask("press_keys", { text });
    if (answer.error) typed = "";
    if (answer.error) show(false, answer.error);
    else if (typed) send();
  }

  const toggle = terminal.button("Take the keyboard", () => (isHeld() ? release() : take()));
  // Without the keyboard all keys stay the page's own.
  term.attachCustomKeyEventHandler((event) => {
    if (isHeld() && event.key === LEAVE_KEY && event.type === "keydown") release();
    return isHeld() && event.key !== LEAVE_KEY;
  });
  term.onData((text) => {
    clearTimeout(expiry);
    expiry = setTimeout(release, seconds * 1000);
    if (!typed) setTimeout(send, BATCH_MS);
    typed += text;
  });
  // An agent that has ended takes no keys.
  terminal.withdraw = () => {
    if (isHeld()) show(false);
    toggle.remove();
  };
  terminal.lost = () => isHeld() && show(false, "The connection was lost, and the keyboard with it.");
}

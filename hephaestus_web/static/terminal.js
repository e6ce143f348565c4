// A live terminal of one agent. Its log is the truth: the end of it is shown first, then what the
// server sends as it is written. Each chunk has its byte offset, so whatever was left out is seen
// and read from the log.
import { socket } from "./live.js";
import { offerKeyboard } from "./terminal_keyboard.js";
import { fit, newScreen } from "./terminal_screen.js";

const SNAPSHOT_BYTES = 131072;
// A longer gap is not read: the end of the log is shown anew.
const MOST_GAP = 262144;
const BATCH_MS = 80;
// What a flood writes is drawn less often: nobody reads it, and each drawing costs the same.
const FLOOD = { characters: 1500, batchMs: 250 };
// Without a word for so long, the log is read in place of the stream.
const SILENT_MS = 6000;
const REPLAY = { characters: 1500, pauseMs: 30 };
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class LiveTerminal {
  constructor(place, agentId) {
    Object.assign(this, { place, agentId, socket });
    this.next = null; // the offset after all that is shown
    this.known = 0; // the newest offset that was heard of
    this.heardAt = performance.now();
    this.waiting = []; // chunks that came while the log was read
    Object.assign(this, { batch: [], flushedAt: 0, pace: BATCH_MS });
    this.term = newScreen();
    this.build();
    this.handlers = { connect: () => this.watch(), terminal: (chunk) => this.take(chunk), disconnect: () => this.lost?.() };
    for (const [name, handler] of Object.entries(this.handlers)) this.socket.on(name, handler);
    if (this.socket.connected) this.watch();
    this.clock = setInterval(() => this.look(), 1000);
    this.catchUp();
  }

  build() {
    this.status = document.createElement("span");
    this.status.setAttribute("role", "status");
    this.bar = document.createElement("div");
    this.bar.className = "terminal-bar";
    this.bar.append(this.status);
    this.replayButton = this.button("Replay", () => this.replay());
    this.button("Screen reader", (button) => {
      this.term.options.screenReaderMode = !this.term.options.screenReaderMode;
      button.setAttribute("aria-pressed", this.term.options.screenReaderMode);
    }).setAttribute("aria-pressed", "false");
    if ("keyboard" in this.place.dataset) offerKeyboard(this);
    this.screen = document.createElement("div");
    this.screen.className = "terminal-screen";
    this.place.replaceChildren(this.bar, this.screen);
    this.term.open(this.screen);
    this.resizing = new ResizeObserver(() => fit(this.term, this.place));
    this.resizing.observe(this.place);
  }

  button(words, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "quiet";
    made.textContent = words;
    made.addEventListener("click", () => act(made));
    this.bar.append(made);
    return made;
  }

  say(status, words) {
    this.place.dataset.status = status;
    if (this.status.textContent !== words) this.status.textContent = words;
    if (status === "ended") this.withdraw?.();
  }

  watch() {
    this.socket.emit("watch_terminal", { agent_id: this.agentId }, (answer) => {
      if (answer.error) this.say("refused", answer.error);
    });
  }

  look() {
    if (!this.ended && performance.now() - this.heardAt > SILENT_MS) this.catchUp();
  }

  take(chunk) {
    if (chunk.agent_id !== this.agentId || this.ended) return;
    this.heardAt = performance.now();
    this.known = Math.max(this.known, chunk.end);
    if (chunk.columns !== this.term.cols || chunk.rows !== this.term.rows) {
      this.term.resize(chunk.columns, chunk.rows);
      fit(this.term, this.place);
    }
    if (this.reading || this.replaying) {
      if (this.waiting.length < 64) this.waiting.push(chunk);
      return;
    }
    this.say("live", "● live");
    const already = this.next - chunk.offset;
    if (already === 0) this.write(chunk.text, chunk.end);
    else if (already > 0 && chunk.end > this.next) {
      const bytes = new TextEncoder().encode(chunk.text);
      if (bytes.length !== chunk.end - chunk.offset) this.catchUp();
      else this.write(bytes.slice(already), chunk.end);
    } else if (already < 0) this.catchUp();
    if (chunk.ended) this.catchUp();
  }

  // Reads from the log what is not shown yet.
  async catchUp() {
    if (this.reading || this.replaying || this.closed) return;
    this.reading = true;
    try {
      const gap = this.next === null ? Infinity : this.known - this.next;
      let part = gap > MOST_GAP ? await this.showEnd() : await this.readOn();
      if (part.complete && this.skipped) part = await this.showEnd(MOST_GAP);
      this.ended = part.complete;
      if (this.ended) this.say("ended", "ended");
      else if (performance.now() - this.heardAt > SILENT_MS) this.say("log", "from the log, its host sends nothing");
    } catch (error) {
      this.say("away", `The log cannot be read: ${error.message}`);
    } finally {
      this.reading = false;
    }
    for (const chunk of this.waiting.splice(0)) this.take(chunk);
  }

  async read(query) {
    const answer = await fetch(`/api/v1/agents/${this.agentId}/output?${new URLSearchParams(query)}`);
    const part = await answer.json();
    if (!answer.ok) throw new Error(part.detail ?? answer.statusText);
    return part;
  }

  async showEnd(limit = SNAPSHOT_BYTES) {
    const part = await this.read({ end: true, limit });
    this.skipped = this.next !== null && part.offset > this.next && limit !== MOST_GAP;
    this.batch = [];
    this.term.reset();
    this.write(part.text, part.next_offset);
    return part;
  }

  async readOn() {
    for (;;) {
      const part = await this.read({ offset: this.next, limit: MOST_GAP });
      this.skipped ||= part.offset > this.next;
      this.write(part.text, part.next_offset);
      await new Promise((done) => this.term.write("", done));
      if (!part.text || this.next >= this.known) return part;
    }
  }

  // Few writes of much cost a fraction of many of little.
  write(data, end) {
    this.next = end;
    this.batch.push(data);
    if (this.batch.length > 1) return;
    setTimeout(() => this.flush(), Math.max(0, this.pace - (performance.now() - this.flushedAt)));
  }

  flush() {
    this.flushedAt = performance.now();
    const end = this.next;
    const batch = this.batch.splice(0);
    this.pace = batch.reduce((sum, data) => sum + data.length, 0) > FLOOD.characters ? FLOOD.batchMs : BATCH_MS;
    for (const data of batch) this.term.write(data);
    this.term.write("", () => {
      this.place.dataset.offset = end;
      this.socket.emit("terminal_shown", { agent_id: this.agentId, offset: end });
    });
  }

  // Shows all of the log from its beginning, as if it were written now.
  async replay() {
    this.replaying = !this.replaying;
    if (!this.replaying) return;
    this.replayButton.textContent = "Stop the replay";
    this.say("replay", "replay");
    this.term.reset();
    for (let offset = 0, part = null; this.replaying && part?.text !== ""; offset = part.next_offset) {
      part = await this.read({ offset }).catch(() => ({ text: "" }));
      for (let at = 0; this.replaying && at < part.text.length; at += REPLAY.characters) {
        this.term.write(part.text.slice(at, at + REPLAY.characters));
        await pause(REPLAY.pauseMs);
      }
    }
    this.replaying = false;
    this.replayButton.textContent = "Replay";
    this.next = null;
    await this.catchUp();
  }

  close() {
    this.closed = true;
    this.replaying = false;
    clearInterval(this.clock);
    this.resizing.disconnect();
    for (const [name, handler] of Object.entries(this.handlers)) this.socket.off(name, handler);
    this.socket.emit("leave_terminal", { agent_id: this.agentId });
    this.term.dispose();
    this.place.replaceChildren();
  }
}

// Shows the terminal of an agent in an element; its `close()` ends that.
export const openTerminal = (place, agentId) => new LiveTerminal(place, agentId);

for (const place of document.querySelectorAll("[data-terminal]")) openTerminal(place, place.dataset.terminal);

"""The agent's terminal: it prints marked lines and reads pasted messages.

Each of the agent's own lines starts with a mark. The output of commands is indented, so that it
cannot imitate a mark. A message is a bracketed paste or a typed line, ended by Enter.
"""

import contextlib
import hashlib
import os
import queue
import sys
import termios
import threading

_PASTE_ON, _PASTE_OFF = "\x1b[?2004h", "\x1b[?2004l"
_ESCAPE = b"\x1b"
_PASTE_START, _PASTE_END = b"\x1b[200~", b"\x1b[201~"


class MessageParser:
    """Splits the terminal's input into messages, independent of the size of the reads."""

    def __init__(self) -> None:
        self._pending = b""
        self._text = b""
        self._pasting = False

    def feed(self, data: bytes) -> list[str]:
        """Add the next bytes and return the messages that they complete."""
        self._pending += data
        messages: list[str] = []
        while self._step(messages):
            pass
        return messages

    def _step(self, messages: list[str]) -> bool:
        mark = _PASTE_END if self._pasting else _PASTE_START
        before, found, after = self._pending.partition(mark)
        if not found:
            kept = _beginning_of(mark, before)
            before, after = before[: len(before) - kept], before[len(before) - kept :]
        self._take(before, messages)
        self._pending = after
        if found:
            self._pasting = not self._pasting
        return bool(found)

    def _take(self, data: bytes, messages: list[str]) -> None:
        data = data.replace(b"\r", b"\n")
        if self._pasting:
            self._text += data
            return
        while b"\n" in data:
            line, data = data.split(b"\n", 1)
            text, self._text = self._text + line, b""
            if text.strip():
                messages.append(text.decode(errors="replace"))
        self._text += data


class Terminal:
    """Reads messages in its own thread, so that they arrive while the agent is busy."""

    def __init__(self) -> None:
        self._messages: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._deaf = False

    def open(self) -> None:
        """Start to read messages."""
        if sys.stdin.isatty():
            # With line editing on, the kernel would cut lines at 4,096 bytes.
            settings = termios.tcgetattr(sys.stdin)
            settings[3] &= ~(termios.ICANON | termios.ECHO)
            termios.tcsetattr(sys.stdin, termios.TCSANOW, settings)
            self._write(_PASTE_ON)
        threading.Thread(target=self._read, daemon=True).start()

    def close(self) -> None:
        if sys.stdin.isatty():
            with contextlib.suppress(OSError):
                self._write(_PASTE_OFF)

    def deafen(self) -> None:
        """Stop reading messages, like a program that hangs."""
        self._deaf = True

    def line(self, mark: str, text: str = "") -> None:
        """Print one marked line; further lines of ``text`` are indented."""
        body = text.replace("\n", "\n  ")
        self._write(f"[{mark}] {body}\n" if text else f"[{mark}]\n")

    def output(self, text: str) -> None:
        """Print the output of a command, indented."""
        if text:
            self._write("".join(f"  {line}\n" for line in text.splitlines()))

    def take(self, message: str) -> None:
        """Acknowledge a message and queue it."""
        self._acknowledge(message)
        self._messages.put(message)

    def next_message(self, timeout: float | None = None) -> str | None:
        """Wait for a message; return None if none arrives within ``timeout`` seconds."""
        try:
            return self._messages.get(timeout=timeout)
        except queue.Empty:
            return None

    def _write(self, text: str) -> None:
        with self._lock:
            sys.stdout.write(text)
            sys.stdout.flush()

    def _read(self) -> None:
        parser = MessageParser()
        while data := os.read(sys.stdin.fileno(), 65536):
            if self._deaf:
                return
            if data == _ESCAPE:
                self.line("interrupted")  # a script has no turn that could end
                continue
            for message in parser.feed(data):
                self.take(message)

    def _acknowledge(self, message: str) -> None:
        digest = hashlib.sha256(message.encode()).hexdigest()
        indented = message.replace("\n", "\n  ")
        self._write(f"[received] {indented}\n[message] sha256={digest}\n")


def _beginning_of(mark: bytes, data: bytes) -> int:
    """Return the number of bytes at the end of ``data`` that may begin ``mark``."""
    longest = min(len(mark) - 1, len(data))
    return next((n for n in range(longest, 0, -1) if data.endswith(mark[:n])), 0)

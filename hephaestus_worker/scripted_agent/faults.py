"""Steps that fail on purpose, for fault injection."""

import os
import signal
import sys
import time
from collections.abc import Mapping
from typing import Any, NoReturn

from hephaestus_worker.scripted_agent.errors import StepError
from hephaestus_worker.scripted_agent.player import Player

_MEGABYTE = 1_000_000
#: Characters of a question in a sign, which would be too long in JSON otherwise.
_LONGEST_QUESTION = 600
_FLOOD_LINE = "the same line over and over, as a program gone wrong prints it"


def hang(player: Player, value: Any) -> NoReturn:
    """Hang without taking messages; with ``{ignore_signals: true}`` ignore SIGTERM as well."""
    if isinstance(value, Mapping) and value.get("ignore_signals"):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
    player.terminal.deafen()
    player.terminal.line("hang")
    while True:
        signal.pause()


def stall(player: Player, value: Any) -> str:
    """Do nothing until a message comes, and look busy; the message is the step's result.

    Raises:
        StepError: none came within so many seconds.
    """
    player.terminal.line("working", "…")
    message = player.terminal.next_message(float(value) if value else None)
    if message is None:
        raise StepError(f"No message came within {value} s.")
    return message


def crash(_player: Player, value: Any) -> NoReturn:
    """End at once: ``{signal: KILL}`` or ``{exit: 3}``."""
    value = value if isinstance(value, Mapping) else {"exit": value or 1}
    if "signal" in value:
        os.kill(os.getpid(), signal.Signals[f"SIG{value['signal']}"])
    os._exit(int(value.get("exit", 1)))


def loop(player: Player, value: Any) -> NoReturn:
    """Print the same text for ever: a text, or ``{text, seconds}`` with the pause."""
    value = value if isinstance(value, Mapping) else {"text": value}
    while True:
        player.terminal.line("say", str(value.get("text") or "Let me try that again."))
        time.sleep(float(value.get("seconds", 0.5)))


def flood(_player: Player, value: Any) -> None:
    """Print ``megabytes`` of text."""
    size = value["megabytes"] if isinstance(value, Mapping) else value or 1
    lines = "\n".join(["  " + _FLOOD_LINE] * 1000) + "\n"
    for _ in range(int(float(size) * _MEGABYTE / len(lines)) + 1):
        sys.stdout.write(lines)
    sys.stdout.flush()


def daemon(player: Player, value: Any) -> int:
    """Start a background process that outlives its parent; return its process id.

    ``{keep_environment: false}`` also gives it a bare environment and a session of its own.
    """
    import subprocess  # put off, because each start of an agent would take longer

    bare = isinstance(value, Mapping) and value.get("keep_environment") is False
    # The shell ends at once, so that init adopts the child.
    script = "trap '' HUP; sleep 86400 >/dev/null 2>&1 </dev/null & echo $!"
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        env={"PATH": os.environ.get("PATH", "/usr/bin:/bin")} if bare else None,
        start_new_session=not bare,
        stdout=subprocess.PIPE,
        check=True,
    )
    pid = int(done.stdout)
    player.terminal.line("daemon", str(pid))
    return pid


def refused(player: Player, value: Any) -> NoReturn:
    """Try again for ever, as a program does whose model's server refuses its key."""
    player.terminal.line("working", "The server does not answer; trying again")
    while True:
        player.leave_sign({"refused": str(value or "401 Incorrect key")})
        time.sleep(0.2)


def waits(player: Player, value: Any) -> NoReturn:
    """Wait at a question of its own, as a program does that asks at its terminal."""
    asked = str(value or "Which one?")
    player.terminal.line("waiting", asked)
    player.leave_sign({"asks": asked[:_LONGEST_QUESTION]})
    while True:
        signal.pause()


STEPS = {
    "waits": waits,
    "refused": refused,
    "hang": hang,
    "stall": stall,
    "crash": crash,
    "loop": loop,
    "flood": flood,
    "daemon": daemon,
}

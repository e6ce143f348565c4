"""Steps that work in the worktree, and steps that control the script's course."""

import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from hephaestus_worker.scripted_agent.errors import StepError
from hephaestus_worker.scripted_agent.player import Player
from hephaestus_worker.scripted_agent.script import confined, read_steps

_LONGEST_REASON = 300
_IDENTITY = ("-c", "user.name=Scripted agent", "-c", "user.email=scripted@localhost")


def say(player: Player, text: Any) -> None:
    player.terminal.line("say", str(text))


def run(player: Player, command: Any) -> str:
    """Run a shell command in the worktree; its output is the step's result."""
    return _output_of(player, ["/bin/sh", "-c", str(command)], str(command))


def write(player: Player, value: Any) -> None:
    path = _path(player, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_field(value, "content"))


def append(player: Player, value: Any) -> None:
    path = _path(player, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(_field(value, "content"))


def edit(player: Player, value: Any) -> None:
    """Replace the only occurrence of ``find``.

    Raises:
        StepError: the text does not occur exactly once.
    """
    path, find = _path(player, value), _field(value, "find")
    text = path.read_text() if path.is_file() else ""
    if text.count(find) != 1:
        raise StepError(f"{find!r} is in {value['path']} {text.count(find)} times, not once.")
    path.write_text(text.replace(find, _field(value, "replace")))


def commit(player: Player, message: Any) -> str:
    """Commit all changes; do nothing if there are none."""
    _output_of(player, ["git", "add", "-A"], "git add")
    if not _output_of(player, ["git", "status", "--porcelain"], "git status"):
        return ""
    text = str(message or "Work of a scripted agent")
    return _output_of(player, ["git", *_IDENTITY, "commit", "-q", "-m", text], "git commit")


def sleep(_player: Player, seconds: Any) -> None:
    time.sleep(float(seconds))


def wait_for_message(player: Player, value: Any) -> str:
    """Wait up to ``timeout`` seconds for a message, with the text ``contains`` if given.

    Raises:
        StepError: no such message arrived in time.
    """
    value = value or {}
    timeout = value.get("timeout")
    deadline = None if timeout is None else time.monotonic() + float(timeout)
    while True:
        player.terminal.line("idle", "waits for a message")
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        message = player.terminal.next_message(left)
        if message is None:
            raise StepError(f"No message came within {timeout} s.")
        if value.get("contains", "") in message:
            player.terminal.line("working")
            player.known["message"] = message
            return message


def repeat(player: Player, value: Any) -> None:
    steps = read_steps(value.get("steps"), "repeat")
    for number in range(1, int(value.get("times", 1)) + 1):
        player.known["number"] = number
        player.play(steps)


def leave(_player: Player, status: Any) -> NoReturn:
    sys.exit(int(status or 0))


def _output_of(player: Player, argv: list[str], name: str) -> str:
    import subprocess  # put off, because each start of an agent would take longer

    done = subprocess.run(
        argv,
        cwd=player.worktree,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    output = done.stdout.decode(errors="replace")
    player.terminal.output(output)
    if done.returncode:
        raise StepError(_ending(name, done.returncode, output))
    return output.strip()


def _ending(name: str, status: int, output: str) -> str:
    """Say how a command ended, with the end of what it printed: mostly that is the reason."""
    last = output.rstrip().rpartition("\n")[2].strip()
    told = f"`{name.partition(chr(10))[0]}` ended with exit status {status}"
    return f"{told}: {last[:_LONGEST_REASON]}" if last else f"{told}."


def _path(player: Player, value: Any) -> Path:
    return confined(player.worktree, _field(value, "path"))


def _field(value: Any, name: str) -> str:
    if not isinstance(value, dict) or name not in value:
        raise StepError(f"The step needs a field {name!r}.")
    return str(value[name])


STEPS = {
    "say": say,
    "run": run,
    "write": write,
    "append": append,
    "edit": edit,
    "commit": commit,
    "sleep": sleep,
    "wait_for_message": wait_for_message,
    "repeat": repeat,
    "exit": leave,
}

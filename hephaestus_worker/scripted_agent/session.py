"""One run of the agent: play the script, then wait for messages like any agent program."""

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from hephaestus_worker.scripted_agent import engine_steps, faults, usage, work_steps
from hephaestus_worker.scripted_agent.errors import AttemptOver, EngineAway, StepError
from hephaestus_worker.scripted_agent.player import Known, Player, StepFunction
from hephaestus_worker.scripted_agent.script import Script, role_of, script_for
from hephaestus_worker.scripted_agent.terminal import Terminal
from hephaestus_worker.scripted_agent.tools import Tools

EXIT_ATTEMPT_OVER = 3
EXIT_ENGINE_AWAY = 4
PROGRESS = "scripted.progress"

_FUNCTIONS: dict[str, StepFunction] = {
    **work_steps.STEPS,
    **engine_steps.STEPS,
    **faults.STEPS,
    **usage.STEPS,
}


def run(home: str, settings: Mapping[str, str], prompt: str, *, resume: bool) -> int:
    """Play until the script or a signal ends the run; return the exit status."""
    signal.signal(signal.SIGTERM, _end)
    terminal = Terminal()
    terminal.open()
    try:
        _play(_player(Path(home), settings, terminal), prompt, resume=resume)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except AttemptOver:
        return EXIT_ATTEMPT_OVER
    except EngineAway as error:
        terminal.line("away", str(error))
        return EXIT_ENGINE_AWAY
    finally:
        terminal.close()


def _end(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


def _player(home: Path, settings: Mapping[str, str], terminal: Terminal) -> Player:
    tools = Tools(
        settings["mcp_url"],
        settings["token"],
        on_retry=lambda reason: terminal.line("waiting", f"for the engine: {reason}"),
    )
    return Player(
        worktree=Path(settings["worktree"]),
        home=home,
        terminal=terminal,
        tools=tools,
        known=Known(tools, os.environ.get("HEPHAESTUS_AGENT", "")),
        functions=_FUNCTIONS,
    )


def _play(player: Player, prompt: str, *, resume: bool) -> NoReturn:
    if resume:
        player.terminal.take(prompt)
        prompt = (player.home / "prompt.md").read_text()
    script = Script(steps=())
    try:
        script = script_for(prompt, player.worktree, lambda: role_of(player.known["task"]))
        _play_steps(player, script)
    except StepError as error:
        _report_failure(player, str(error))
    while True:
        _on_message(player, script, _next_message(player))


def _play_steps(player: Player, script: Script) -> None:
    """Play the steps that were not played before the agent was resumed."""
    progress = player.home / PROGRESS
    played = int(progress.read_text()) if progress.exists() else 0
    for number, step in enumerate(script.steps[played:], start=played + 1):
        player.play_one(step)
        # In one step: a kill leaves the old number or the new one.
        new = progress.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(str(number))
        new.replace(progress)


def _next_message(player: Player) -> str:
    player.terminal.line("idle", "waits for a message")
    message = player.terminal.next_message()
    assert message is not None, "no timeout was given"
    player.terminal.line("working")
    return message


def _on_message(player: Player, script: Script, message: str) -> None:
    player.known["message"] = message
    try:
        player.play(script.on_message)
    except StepError as error:
        _report_failure(player, str(error))


def _report_failure(player: Player, reason: str) -> None:
    player.terminal.line("failed", reason)
    try:
        engine_steps.fail(player, reason)
    except StepError as error:
        player.terminal.line("failed", str(error))

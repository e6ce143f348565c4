"""Ways to start a program other than the adapter does, so that it asks or does not come up."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Final

from hephaestus_worker.agent_programs.base import Command, Launch

TOO_LONG: Final = (
    "prompt is too long: 213404 tokens > 200000 maximum; Your input exceeds the context window of"
    " this model. Please adjust your input and try again."
)
_BYPASS: Final = "--dangerously-skip-permissions"


def claude_asks(command: Command, launch: Launch) -> Command:
    return _without_bypass(command)


def claude_plans(command: Command, launch: Launch) -> Command:
    asking = _without_bypass(command).argv
    return replace(command, argv=(asking[0], "--permission-mode", "plan", *asking[1:]))


def opencode_asks(command: Command, launch: Launch) -> Command:
    environment = {
        name: value.replace('"question": "deny"', '"bash": "ask"')
        for name, value in command.environment.items()
    }
    argv = tuple(word for word in command.argv if word != "--auto")
    return replace(command, argv=argv, environment=environment)


def untrusted(command: Command, launch: Launch) -> Command:
    state = launch.folder / "config" / ".claude.json"
    if state.exists():
        state.write_text(json.dumps({**json.loads(state.read_text()), "projects": {}}))
    else:
        config = launch.folder / "config" / "config.toml"
        config.write_text(config.read_text().partition("[projects")[0])
    return command


def unknown_key(command: Command, launch: Launch) -> Command:
    state = launch.folder / "config" / ".claude.json"
    kept = json.loads(state.read_text())
    del kept["customApiKeyResponses"]
    state.write_text(json.dumps(kept))
    return command


def without_provider(command: Command, launch: Launch) -> Command:
    config = launch.folder / "config" / "config.toml"
    lines = [line for line in config.read_text().splitlines() if "model_provider" not in line]
    config.write_text("\n".join(line for line in lines if not _of_provider(line)) + "\n")
    return command


def interactive(command: Command, launch: Launch) -> Command:
    return replace(command, argv=("droid",))


def without_prompt(command: Command, launch: Launch) -> Command:
    argv = tuple(word for word in command.argv if word != "--")
    return replace(command, argv=_script(launch, 'exec "$@"', argv), prompt_prefix=None)


def blank(command: Command, launch: Launch) -> Command:
    return replace(command, argv=_script(launch, "exec sleep 600", ()), prompt_prefix=None)


def _script(launch: Launch, text: str, argv: tuple[str, ...]) -> tuple[str, ...]:
    path = Path(launch.folder, "config", "start.sh")
    path.parent.mkdir(exist_ok=True)
    path.write_text(text + "\n")
    return ("/bin/sh", str(path), *argv)


def _without_bypass(command: Command) -> Command:
    return replace(command, argv=tuple(word for word in command.argv if word != _BYPASS))


def _of_provider(line: str) -> bool:
    return line.startswith(
        ("name =", "base_url", "env_key", "wire_api", "request_max", "stream_max")
    )

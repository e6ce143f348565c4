"""Reading Codex's session files ("rollouts") and its history: one JSON object on each line."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Final

from hephaestus_core.contract import agent_files
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_worker.agent_programs.base import Places, Reading, Sign
from hephaestus_worker.agent_programs.following import follow
from hephaestus_worker.agent_programs.records import count, part, text
from hephaestus_worker.agent_programs.signs import action, entry_of, new_lines, sign

_HISTORY: Final = "history.jsonl"
_INDEX: Final = "state_*.sqlite*"
_ID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$")


def size(config: Path) -> int:
    """Return the size of the history in bytes, as the ``start`` for ``has_message``."""
    return agent_files.size(config, _HISTORY) or 0


def has_message(config: Path, start: int, message: str) -> bool:
    """Return whether the history has the whole message, said or queued, after byte ``start``."""
    wanted = message.strip()
    entries = agent_files.json_lines(config, _HISTORY, start=start)
    return any(text(entry, "text").strip() == wanted for entry in entries)


def session_id(config: Path) -> str | None:
    """Return the id of the agent's own session, the oldest; None before it begins."""
    readable = (name for name in _rollouts(config) if agent_files.size(config, name) is not None)
    found = next(readable, None)
    name = _ID.search(found.stem) if found else None
    return name[0] if name else None


def forget_places(config: Path) -> None:
    """Delete the program's index of its sessions, which names them by absolute path.

    It makes one anew of the sessions that it finds; with the old one it finds none of a moved
    folder.
    """
    for name in agent_files.files(config, _INDEX):
        (config / name).unlink(missing_ok=True)


def turns(config: Path, after: Places) -> Reading:
    """Return the turns noted since ``after`` in all sessions, those of subagents included."""
    return follow(config, _rollouts(config), after, _turns)


def signs(config: Path, read: dict[str, int]) -> list[Sign]:
    """Return what the sessions have noted since the last call: actions, and ends of turns."""
    return [
        found
        for name in _rollouts(config)
        for line in new_lines(config, name, read)
        if (found := _sign(part(entry_of(line), "payload")))
    ]


def _sign(payload: dict[str, Any]) -> Sign | None:
    match payload.get("type"):
        case "function_call":
            arguments = entry_of(text(payload, "arguments").encode(errors="replace"))
            return action(text(payload, "name"), arguments)
        case "task_complete" | "turn_aborted":
            return sign("stopped", "")
    return None


def _turns(
    entries: Iterator[dict[str, Any]], name: agent_files.Name, model: str
) -> tuple[list[Turn], str]:
    """Return the turns; the program repeats a count with the same running total."""
    found: list[Turn] = []
    for entry in entries:
        payload = part(entry, "payload")
        if entry.get("type") == "turn_context":
            model = text(payload, "model") or model
        elif payload.get("type") == "token_count":
            info = part(payload, "info")
            total = count(part(info, "total_token_usage"), "total_tokens")
            key = f"{PurePosixPath(name).stem} {total}"
            found.append(Turn(key, _tokens(part(info, "last_token_usage")), model or None))
    return found, model


def _tokens(used: dict[str, Any]) -> Tokens:
    cached = min(count(used, "cached_input_tokens"), count(used, "input_tokens"))
    return Tokens(
        input_tokens=count(used, "input_tokens") - cached,
        output_tokens=count(used, "output_tokens"),
        cache_read_tokens=cached,
    )


def _rollouts(config: Path) -> list[PurePosixPath]:
    """Return the sessions' files, oldest first; their names begin with the time."""
    return agent_files.files(config, "sessions/*/*/*/rollout-*.jsonl")

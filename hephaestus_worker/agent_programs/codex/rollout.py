"""Reading Codex's session files ("rollouts") and its history: one JSON object on each line."""

import re
from pathlib import Path, PurePosixPath
from typing import Any, Final

from hephaestus_core.contract import agent_files
from hephaestus_worker.agent_programs.base import Sign, Usage
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


def usage(config: Path) -> Usage | None:
    """Return the sum of tokens over all sessions, subagents included; None without counts."""
    totals = [total for name in _rollouts(config) if (total := _total(config, name))]
    if not totals:
        return None
    cached = sum(count(total, "cached_input_tokens") for total in totals)
    return Usage(
        input_tokens=sum(count(total, "input_tokens") for total in totals) - cached,
        output_tokens=sum(count(total, "output_tokens") for total in totals),
        cache_read_tokens=cached,
        model=_model(config),
    )


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


def _total(config: Path, rollout: PurePosixPath) -> dict[str, Any]:
    """Return the newest running total, which includes the use before a resume."""
    last: dict[str, Any] = {}
    for entry in agent_files.json_lines(config, rollout):
        payload = part(entry, "payload")
        if payload.get("type") == "token_count":
            last = part(payload, "info", "total_token_usage") or last
    return last


def _model(config: Path) -> str | None:
    models = (
        text(part(entry, "payload"), "model")
        for name in _rollouts(config)
        for entry in agent_files.json_lines(config, name)
        if entry.get("type") == "turn_context"
    )
    return next(filter(None, models), None)


def _rollouts(config: Path) -> list[PurePosixPath]:
    """Return the sessions' files, oldest first; their names begin with the time."""
    return agent_files.files(config, "sessions/*/*/*/rollout-*.jsonl")

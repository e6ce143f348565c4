"""Reading Codex's session files ("rollouts") and its history: one JSON object on each line."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from hephaestus_worker.agent_programs.base import Usage

_HISTORY: Final = "history.jsonl"
_INDEX: Final = "state_*.sqlite*"
_ID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$")


def size(config: Path) -> int:
    """Return the size of the history in bytes, as the ``start`` for ``has_message``."""
    path = config / _HISTORY
    return path.stat().st_size if path.exists() else 0


def has_message(config: Path, start: int, message: str) -> bool:
    """Return whether the history has the whole message, said or queued, after byte ``start``."""
    wanted = message.strip()
    entries = _entries(config / _HISTORY, start)
    return any(str(entry.get("text", "")).strip() == wanted for entry in entries)


def session_id(config: Path) -> str | None:
    """Return the id of the agent's own session, the oldest; None before it begins."""
    found = next(_rollouts(config), None)
    name = _ID.search(found.stem) if found else None
    return name[0] if name else None


def forget_places(config: Path) -> None:
    """Delete the program's index of its sessions, which names them by absolute path.

    It makes one anew of the sessions that it finds; with the old one it finds none of a moved
    folder.
    """
    for path in config.glob(_INDEX):
        path.unlink()


def usage(config: Path) -> Usage | None:
    """Return the sum of tokens over all sessions, subagents included; None without counts."""
    totals = [total for path in _rollouts(config) if (total := _total(path)) is not None]
    if not totals:
        return None
    cached = sum(total.get("cached_input_tokens", 0) for total in totals)
    return Usage(
        input_tokens=sum(total["input_tokens"] for total in totals) - cached,
        output_tokens=sum(total["output_tokens"] for total in totals),
        cache_read_tokens=cached,
        model=_model(config),
    )


def _total(rollout: Path) -> dict[str, int] | None:
    """Return the newest running total, which includes the use before a resume."""
    last = None
    for entry in _entries(rollout, 0):
        payload = entry.get("payload") or {}
        if payload.get("type") == "token_count" and payload.get("info"):
            last = payload["info"]["total_token_usage"]
    return last


def _model(config: Path) -> str | None:
    models = (
        str(entry["payload"]["model"])
        for path in _rollouts(config)
        for entry in _entries(path, 0)
        if entry.get("type") == "turn_context"
    )
    return next(models, None)


def _rollouts(config: Path) -> Iterator[Path]:
    """Return the sessions' files, oldest first; their names begin with the time."""
    return iter(sorted(config.glob("sessions/*/*/*/rollout-*.jsonl")))


def _entries(path: Path, start: int) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # The program is still writing the line.
            if isinstance(entry, dict):
                yield entry

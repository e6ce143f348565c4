"""What Claude Code has written down about its sessions, one JSON object a line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hephaestus_worker.agent_programs.base import Usage

_TAB = "    "
"""What the program's input line makes of a tab."""


def find(config: Path, session: str | None) -> Path | None:
    """Return the transcript of the session; None before its first entry."""
    if session is None:
        return None
    return next(config.glob(f"projects/*/{session}.jsonl"), None)


def has_message(transcript: Path, start: int, message: str) -> bool:
    """Say whether the whole message was taken, or queued, after byte ``start``."""
    wanted = message.replace("\t", _TAB).strip()
    return any(_message_of(entry).strip() == wanted for entry in _entries(transcript, start))


def usage(config: Path) -> Usage | None:
    """Sum the tokens of all answers, those of subagents too; None without any."""
    counts: dict[str, dict[str, Any]] = {}
    model = None
    for transcript in config.glob("projects/**/*.jsonl"):
        for entry in _entries(transcript, 0):
            message = entry.get("message")
            if entry.get("type") == "assistant" and isinstance(message, dict):
                # An answer takes a line for each of its parts; the last has the final counts.
                counts[str(message.get("id"))] = message.get("usage") or {}
                model = _real(message.get("model")) or model
    if not counts:
        return None
    return Usage(
        input_tokens=_sum(counts, "input_tokens"),
        output_tokens=_sum(counts, "output_tokens"),
        cache_read_tokens=_sum(counts, "cache_read_input_tokens"),
        cache_creation_tokens=_sum(counts, "cache_creation_input_tokens"),
        model=model,
    )


def _entries(transcript: Path, start: int) -> Iterator[dict[str, Any]]:
    with transcript.open("rb") as file:
        file.seek(start)
        for line in file:
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # still being written
            if isinstance(entry, dict):
                yield entry


def _message_of(entry: dict[str, Any]) -> str:
    if entry.get("type") == "queue-operation" and entry.get("operation") == "enqueue":
        return str(entry.get("content", ""))
    if entry.get("type") != "user":
        return ""
    content = (entry.get("message") or {}).get("content", "")
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content if part.get("type") == "text")


def _real(model: Any) -> str | None:
    # Messages of the program itself, such as errors, name a model "<synthetic>".
    return model if isinstance(model, str) and not model.startswith("<") else None


def _sum(counts: dict[str, dict[str, Any]], name: str) -> int:
    return sum(int(count.get(name) or 0) for count in counts.values())

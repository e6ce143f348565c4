"""Reading Claude Code's transcripts: one file for each session, one JSON object on each line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hephaestus_worker.agent_programs.base import Usage

_TAB = "    "
"""The program's input line replaces a tab by these spaces."""


def find(config: Path, session: str | None) -> Path | None:
    """Return the transcript of the session; None until it has an entry."""
    if session is None:
        return None
    return next(config.glob(f"projects/*/{session}.jsonl"), None)


def has_message(transcript: Path, start: int, message: str) -> bool:
    """Return whether the transcript has the whole message, said or queued, after byte ``start``."""
    wanted = message.replace("\t", _TAB).strip()
    return any(_message_of(entry).strip() == wanted for entry in _entries(transcript, start))


def usage(config: Path) -> Usage | None:
    """Return the sum of tokens over all answers, subagents included; None without answers."""
    counts: dict[str, dict[str, Any]] = {}
    model = None
    for transcript in config.glob("projects/**/*.jsonl"):
        for entry in _entries(transcript, 0):
            message = entry.get("message")
            if entry.get("type") == "assistant" and isinstance(message, dict):
                # Each part of an answer has its own line; the last line has the final counts.
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
                continue  # The program is still writing the line.
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
    # The program's own messages, such as errors, have the model "<synthetic>".
    return model if isinstance(model, str) and not model.startswith("<") else None


def _sum(counts: dict[str, dict[str, Any]], name: str) -> int:
    return sum(int(count.get(name) or 0) for count in counts.values())

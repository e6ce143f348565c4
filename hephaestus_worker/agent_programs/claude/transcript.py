"""Reading Claude Code's transcripts: one file for each session, one JSON object on each line."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from hephaestus_core.contract import agent_files
from hephaestus_worker.agent_programs.base import Usage
from hephaestus_worker.agent_programs.records import count, items, part, text

_OWN = "projects/*/*.jsonl"
_TAB = "    "
"""The program's input line replaces a tab by these spaces."""


def sizes(config: Path) -> dict[PurePosixPath, int]:
    """Return the sizes of the sessions' transcripts in bytes, as ``starts`` for ``noted``."""
    return {name: agent_files.size(config, name) or 0 for name in agent_files.files(config, _OWN)}


def exists(config: Path, session: str) -> bool:
    """Return whether the session has a transcript, which it gets with its first entry."""
    return bool(agent_files.files(config, f"projects/*/{session}.jsonl"))


def noted(config: Path, starts: Mapping[PurePosixPath, int], message: str) -> bool:
    """Return whether a transcript has the whole message, said or queued, after its start."""
    wanted = message.replace("\t", _TAB).strip()
    return any(
        _message_of(entry).strip() == wanted
        for name in agent_files.files(config, _OWN)
        for entry in agent_files.json_lines(config, name, start=starts.get(name, 0))
    )


def usage(config: Path) -> Usage | None:
    """Return the sum of tokens over all answers, subagents included; None without answers."""
    counts: dict[str, dict[str, Any]] = {}
    model = None
    for name in agent_files.files(config, "projects/**/*.jsonl"):
        for entry in agent_files.json_lines(config, name):
            message = part(entry, "message")
            if entry.get("type") == "assistant" and message:
                # Each part of an answer has its own line; the last line has the final counts.
                counts[str(message.get("id"))] = part(message, "usage")
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


def _message_of(entry: dict[str, Any]) -> str:
    if entry.get("type") == "queue-operation" and entry.get("operation") == "enqueue":
        return text(entry, "content")
    if entry.get("type") != "user":
        return ""
    message = part(entry, "message")
    parts = [item for item in items(message, "content") if part(item).get("type") == "text"]
    return "\n".join(text(item, "text") for item in parts) or text(message, "content")


def _real(model: Any) -> str | None:
    # The program's own messages, such as errors, have the model "<synthetic>".
    return model if isinstance(model, str) and not model.startswith("<") else None


def _sum(counts: dict[str, dict[str, Any]], name: str) -> int:
    return sum(count(found, name) for found in counts.values())

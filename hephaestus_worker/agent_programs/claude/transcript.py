"""Reading Claude Code's transcripts: one file for each session, one JSON object on each line."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from hephaestus_core.contract import agent_files
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_worker.agent_programs.base import Places, Reading
from hephaestus_worker.agent_programs.following import follow
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


def turns(config: Path, after: Places) -> Reading:
    """Return the answers noted since ``after``, those of subagents included.

    Each part of an answer has its own line; the last one has the final counts. A session that was
    forked has copies of earlier answers, which keep their ids.
    """
    return follow(config, agent_files.files(config, "projects/**/*.jsonl"), after, _answers)


def _answers(
    entries: Iterator[dict[str, Any]], _: agent_files.Name, note: str
) -> tuple[list[Turn], str]:
    answers = (entry for entry in entries if entry.get("type") == "assistant")
    return [_turn(entry) for entry in answers if text(part(entry, "message"), "id")], note


def _turn(entry: dict[str, Any]) -> Turn:
    answer = part(entry, "message")
    used = part(answer, "usage")
    tokens = Tokens(
        input_tokens=count(used, "input_tokens"),
        output_tokens=count(used, "output_tokens"),
        cache_read_tokens=count(used, "cache_read_input_tokens"),
        cache_creation_tokens=count(used, "cache_creation_input_tokens"),
    )
    # Other servers than Anthropic's may give several answers the same id.
    key = f"{text(answer, 'id')} {text(entry, 'requestId')}".rstrip()
    return Turn(key, tokens, _real(answer.get("model")))


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

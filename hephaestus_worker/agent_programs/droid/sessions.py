"""Reading Droid's session files, which are JSON."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from hephaestus_core.contract.failures import FailureClass
from hephaestus_worker.agent_programs.base import Failure, Usage

_SESSIONS: Final = ".factory/sessions"
_OUTCOME: Final = "agent_turn_outcome"
_OF_MODEL: Final = "model_"
# Classes by the reason that the program records for the end of a turn. Other reasons that begin
# with "model_" are transient.
_CLASSES: Final = {
    "model_authentication_failed": FailureClass.PERMANENT,
    "model_not_available_for_org": FailureClass.PERMANENT,
    "model_not_found": FailureClass.PERMANENT,
    "model_request_rejected": FailureClass.PERMANENT,
    "model_rate_limited": FailureClass.QUOTA,
    "model_usage_exhausted": FailureClass.QUOTA,
    "model_context_window_exceeded": FailureClass.AGENT_FAULT,
}


def usage(home: Path, *, model: str | None) -> Usage | None:
    """Return the sum of tokens over all sessions, subagents included; None without counts."""
    counts = [count for path in _files(home, "settings.json") if (count := _tokens(path))]
    if not counts:
        return None
    return Usage(
        input_tokens=_sum(counts, "inputTokens"),
        output_tokens=_sum(counts, "outputTokens"),
        cache_read_tokens=_sum(counts, "cacheReadTokens"),
        cache_creation_tokens=_sum(counts, "cacheCreationTokens"),
        model=model,
    )


def failure(home: Path) -> Failure | None:
    """Return the model server's failure that ended the agent's turn; None if there was none."""
    # The agent's own session ends after its subagents' sessions.
    own = max(_files(home, "jsonl"), key=lambda path: path.stat().st_mtime, default=None)
    entries = list(_entries(own)) if own else []
    reasons = [str(entry.get("reason")) for entry in entries if entry.get("type") == _OUTCOME]
    if not reasons or not reasons[-1].startswith(_OF_MODEL):
        return None
    class_ = _CLASSES.get(reasons[-1], FailureClass.TRANSIENT)
    said = _said_to_user(entries) or reasons[-1]
    return Failure(class_, said, of_provider=class_ is FailureClass.TRANSIENT)


def _said_to_user(entries: list[dict[str, Any]]) -> str | None:
    """Return the first line of the program's last message to the user alone."""
    messages = [entry["message"] for entry in entries if entry.get("type") == "message"]
    told = [message for message in messages if message.get("visibility") == "user_only"]
    return str(told[-1]["content"][0]["text"]).partition("\n")[0] if told else None


def _tokens(path: Path) -> dict[str, int]:
    try:
        return dict(json.loads(path.read_text()).get("tokenUsage") or {})
    except ValueError:
        return {}  # The program is still writing the file.


def _sum(counts: list[dict[str, int]], name: str) -> int:
    return sum(count.get(name, 0) for count in counts)


def _files(home: Path, ending: str) -> list[Path]:
    return sorted((home / _SESSIONS).glob(f"*/*.{ending}"))


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(errors="replace").splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue  # The program is still writing the line.

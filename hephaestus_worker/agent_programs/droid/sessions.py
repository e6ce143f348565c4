"""Reading Droid's session files, which are JSON."""

from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Final

from hephaestus_core.contract import agent_files
from hephaestus_core.contract.failures import FailureClass
from hephaestus_worker.agent_programs.base import Failure, Usage
from hephaestus_worker.agent_programs.records import count, items, part, text

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
    found = (agent_files.json_object(home, name) for name in _files(home, "settings.json"))
    counts = [counted for settings in found if (counted := part(settings, "tokenUsage"))]
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
    own = max(_files(home, "jsonl"), key=partial(agent_files.changed, home), default=None)
    reason, said = _last_outcome(home, own) if own else ("", "")
    if not reason.startswith(_OF_MODEL):
        return None
    class_ = _CLASSES.get(reason, FailureClass.TRANSIENT)
    return Failure(class_, said or reason, of_provider=class_ is FailureClass.TRANSIENT)


def _last_outcome(home: Path, session: PurePosixPath) -> tuple[str, str]:
    """Return the recorded reason for the end of the last turn, and the last message to the user."""
    reason = said = ""
    for entry in agent_files.json_lines(home, session):
        message = part(entry, "message")
        if entry.get("type") == _OUTCOME:
            reason = str(entry.get("reason"))
        elif entry.get("type") == "message" and message.get("visibility") == "user_only":
            content = items(message, "content")
            said = text(part(content[0]), "text").partition("\n")[0] if content else ""
    return reason, said


def _sum(counts: list[dict[str, Any]], name: str) -> int:
    return sum(count(counted, name) for counted in counts)


def _files(home: Path, ending: str) -> list[PurePosixPath]:
    return agent_files.files(home, f"{_SESSIONS}/*/*.{ending}")

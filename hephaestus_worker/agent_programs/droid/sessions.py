"""Reading Droid's session files, which are JSON."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Final

from hephaestus_core.contract import agent_files
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_core.guardian.screens.faults import Fault, kind
from hephaestus_worker.agent_programs.base import Failure, Reading, Sign
from hephaestus_worker.agent_programs.records import count, items, part, text
from hephaestus_worker.agent_programs.signs import action, entry_of, new_lines, sign

_SESSIONS: Final = ".factory/sessions"
#: Most sessions of which one reading takes the sums.
_MOST_SESSIONS: Final = 200
_LONGEST_ERROR: Final = 400
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


def turns(home: Path, *, model: str | None) -> Reading:
    """Return one turn for each session, subagents' included: the program notes only their sums."""
    names = _files(home, "settings.json")[:_MOST_SESSIONS]
    sums = {name: part(agent_files.json_object(home, name), "tokenUsage") for name in names}
    return Reading(tuple(_turn(name, used, model) for name, used in sums.items() if used))


def _turn(name: PurePosixPath, used: dict[str, Any], model: str | None) -> Turn:
    tokens = Tokens(
        input_tokens=count(used, "inputTokens"),
        output_tokens=count(used, "outputTokens"),
        cache_read_tokens=count(used, "cacheReadTokens"),
        cache_creation_tokens=count(used, "cacheCreationTokens"),
    )
    return Turn(name.name, tokens, model)


def signs(home: Path, read: dict[str, int]) -> list[Sign]:
    """Return what the sessions have noted since the last call: actions, failures, ends of turns."""
    return [
        found
        for name in _files(home, "jsonl")[:_MOST_SESSIONS]
        for line in new_lines(home, name, read)
        for found in _signs(entry_of(line))
    ]


def _signs(entry: dict[str, Any]) -> Iterator[Sign]:
    if entry.get("type") == _OUTCOME:
        yield sign("stopped", "")
    for item in map(part, items(part(entry, "message"), "content")):
        if item.get("type") == "tool_use":
            yield action(text(item, "name"), item.get("input"))
        elif item.get("type") == "tool_result" and item.get("is_error") is True:
            yield sign("action_failed", str(item.get("content"))[:_LONGEST_ERROR])


def failure(home: Path) -> Failure | None:
    """Return the model server's failure that ended the agent's turn; None if there was none."""
    # The agent's own session ends after its subagents' sessions.
    own = max(_files(home, "jsonl"), key=partial(agent_files.changed, home), default=None)
    reason, said = _last_outcome(home, own) if own else ("", "")
    if not reason.startswith(_OF_MODEL):
        return None
    class_ = _CLASSES.get(reason, FailureClass.TRANSIENT)
    if kind(said) is Fault.CONTEXT:  # noted like any other request that its server refused
        class_ = FailureClass.AGENT_FAULT
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


def _files(home: Path, ending: str) -> list[PurePosixPath]:
    return agent_files.files(home, f"{_SESSIONS}/*/*.{ending}")

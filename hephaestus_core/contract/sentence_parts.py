"""What sentences about events have in common."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from hephaestus_core.contract.texts import first_line

#: Characters of an id, and of a commit, that a sentence shows.
SHORT: Final = 8
#: Most characters of a text that somebody wrote.
WORDS: Final = 200


class Happened(Protocol):
    """An event, as the log or as a client has it."""

    @property
    def type(self) -> str: ...
    @property
    def workflow_id(self) -> object: ...
    @property
    def task_id(self) -> object: ...
    @property
    def agent_id(self) -> object: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Named:
    """What a sentence calls the things that its event is about."""

    task: str
    agent: str
    workflow: str


Sentence = Callable[[Happened, Mapping[str, Any], Named], str]


def of_agent(words: str) -> Sentence:
    """Return the sentence that says this of the event's agent, and the reason."""
    return lambda _event, data, named: f"{named.agent} {words}{because(data)}"


def because(data: Mapping[str, Any]) -> str:
    """Return the end of a sentence, with the reason in an event's data; "" if none is there."""
    reason = data.get("reason") or data.get("feedback") or data.get("summary")
    return f": {first_line(str(reason), WORDS)}" if reason else ""


def short(identity: object) -> str:
    """Return the beginning of an id."""
    return str(identity or "?")[:SHORT]

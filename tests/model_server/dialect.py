"""What the server asks of an API that a program may speak."""

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from tests.model_server.answers import Answer, Fault

PIECE = 40
"""Characters that one event of a stream brings."""

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Part:
    """One thing in a conversation: words, the call of a tool (its name), or what a tool answered.

    Role ``assistant`` is the model; what tools answered has the role ``tool``.
    """

    role: str
    kind: Literal["text", "call", "result"]
    text: str


class Dialect(Protocol):
    """One API: reads its requests, writes its answers."""

    def tools(self, body: Mapping[str, Any]) -> list[str]:
        """Return the names of the tools on offer."""
        ...

    def parts(self, body: Mapping[str, Any]) -> Iterator[Part]:
        """Return the conversation so far, oldest first."""
        ...

    def whole(self, answer: Answer, model: str) -> dict[str, Any]:
        """Return the answer in one piece."""
        ...

    def stream(self, answer: Answer, model: str) -> Iterator[str]:
        """Return the answer as server-sent events, each as it goes over the wire."""
        ...

    def fault(self, fault: Fault) -> dict[str, Any]:
        """Return the body of a refusal."""
        ...


def sent(event: Mapping[str, Any]) -> str:
    """Return an event that names its type, as it goes over the wire."""
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"


def pieces(text: str) -> Iterator[str]:
    """Return the text cut as a model would send it."""
    return (text[start : start + PIECE] for start in range(0, len(text), PIECE))


def next_id(prefix: str) -> str:
    """Return an identifier that no answer of this process had before."""
    return f"{prefix}_{next(_numbers):024d}"

"""Scripted answers of the model, whichever API carries them."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_LONGEST_HOLD_SECONDS = 60.0


@dataclass(frozen=True)
class Text:
    """Words of the model."""

    text: str


@dataclass(frozen=True)
class ToolUse:
    """A call of a tool, by the name that the program offers it under."""

    name: str
    input: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """One answer of the model.

    ``until`` holds it back until that is set, at most a minute: the program is busy meanwhile.
    """

    blocks: tuple[Text | ToolUse, ...]
    until: threading.Event | None = None
    input_tokens: int = 100
    output_tokens: int = 20

    def wait(self) -> None:
        if self.until is not None:
            self.until.wait(_LONGEST_HOLD_SECONDS)


@dataclass(frozen=True)
class Fault:
    """A refusal with an HTTP status; ``details`` join what the API says of it."""

    status: int
    message: str = "scripted fault"
    headers: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)


Reply = Answer | Fault

"""Kinds of a program's own error, by its words. Only a line that the program drew comes here."""

import re
from enum import StrEnum
from typing import Final


class Fault(StrEnum):
    """Kinds of errors by their remedy."""

    CONTEXT = "context"
    LIMIT = "limit"
    KEY = "key"
    OTHER = "other"


_CONTEXT: Final = re.compile(
    r"prompt is too long|context limit reached|context window|out of room in the model|"
    r"maximum context|context length|context_length_exceeded|input is too long|during compaction|"
    r"conversation (?:is )?too long",
    re.IGNORECASE,
)
_LIMIT: Final = re.compile(
    r"\b429\b|\b529\b|rate.?limit|usage limit|session limit|weekly limit|hit your \w{0,20} ?limit"
    r"|quota|overload|credit balance|out of (?:usage )?credits|usage exceeded|too many requests"
    r"|at capacity|insufficient (?:balance|credits)|high (?:load|demand)|limit reached|resets \d",
    re.IGNORECASE,
)
_KEY: Final = re.compile(
    r"\b40[13]\b|/login|not logged in|invalid (?:x-)?api.?key|unauthorized|authentication"
    r"|refused the login|oauth token|disabled organization|incorrect api key|token revoked",
    re.IGNORECASE,
)


def kind(error: str) -> Fault | None:
    """Return the kind of an error; None for none."""
    if not error:
        return None
    found = ((_CONTEXT, Fault.CONTEXT), (_LIMIT, Fault.LIMIT), (_KEY, Fault.KEY))
    return next((fault for sign, fault in found if sign.search(error)), Fault.OTHER)

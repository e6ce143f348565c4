"""Parts of the sentences in which conditions give their reasons."""

from datetime import UTC, datetime
from typing import Final

#: Characters of a reason that somebody else wrote; the whole stands where it comes from.
_MOST: Final = 300


def at(moment: datetime, now: datetime) -> str:
    """Return a time in UTC: the time alone if it is of today, else with its date."""
    moment = moment.astimezone(UTC)
    same_day = moment.date() == now.astimezone(UTC).date()
    return f"{moment:%H:%M:%S} UTC" if same_day else f"{moment:%Y-%m-%d %H:%M} UTC"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 task``, ``2 tasks``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def quoted(title: str | None) -> str:
    """Return a title between quotation marks."""
    return f"“{title or 'without a title'}”"


def sentence(text: str, because: str | None = None) -> str:
    """Return a text as a sentence, with what somebody else says of it behind a colon."""
    because = " ".join((because or "").split())
    if len(because) > _MOST:
        because = f"{because[: _MOST - 1]}…"
    whole = f"{text}: {because}" if because else text
    end = "" if whole.endswith((".", "!", "?", "…")) else "."
    return f"{whole[:1].upper()}{whole[1:]}{end}"

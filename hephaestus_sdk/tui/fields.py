"""Names with values, as the right side shows them."""

from collections.abc import Iterator
from datetime import datetime

from rich.text import Text

from hephaestus_core.contract.texts import plain

#: Yields names and values; a value alone has ``""`` as its name, and what is empty is left out.
Fields = Iterator[tuple[str, object]]


def shown(fields: Fields) -> Text:
    """Return the fields as text that no terminal obeys."""
    text = Text()
    for name, value in fields:
        if value in (None, ""):
            continue
        if name:
            text.append(f"{name}: ", "dim")
        text.append(f"{_said(value)}\n", "" if name or len(text) else "bold")
    return text


def _said(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M:%S %Z}"
    return plain(str(value))

"""Checks of texts from outside: they limit the size and replace control characters."""

import re
from typing import Final

from hephaestus_core.contract.errors import InvalidInput

DESCRIPTION_LIMIT: Final = 200_000
TEXT_LIMIT: Final = 65_536
NAME_LIMIT: Final = 200

#: Control characters become visible symbols (U+2400…). So people may paste a log with colours into
#: a description, but no text can end a bracketed paste or move a cursor.
_VISIBLE: Final = (
    {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"}
    | {0x7F: 0x2421}
    | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
)

#: Characters that neither the database nor a file system can store.
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
#: The end of an error message that begins with the field's name.
UNSTORABLE: Final = "holds a NUL or half of a character (a lone surrogate); leave that out."


def is_storable(text: str) -> bool:
    """Return whether a name, an id or a path can be looked up and stored unchanged."""
    return _UNSTORABLE.search(text) is None


def refuse_unstorable(text: str, field: str) -> None:
    """Check that ``text`` can be looked up and stored unchanged.

    Raises:
        InvalidInput: it holds a NUL or a lone surrogate.
    """
    if not is_storable(text):
        raise InvalidInput(f"'{field}' {UNSTORABLE}", field=field)


def plain_text(
    value: object, field: str, *, limit: int = TEXT_LIMIT, required: bool = False
) -> str:
    """Return ``value`` as text that is safe to store, show and paste.

    Raises:
        InvalidInput: ``value`` is no text, too long, or empty though required.
    """
    if not isinstance(value, str):
        raise InvalidInput(f"'{field}' must be a text.", field=field)
    if len(value) > limit:
        raise InvalidInput(
            f"'{field}' has {len(value):,} characters; at most {limit:,} are taken. "
            "Put long material in a file of the repository and name that file.",
            field=field,
        )
    if required and not value.strip():
        raise InvalidInput(f"'{field}' is empty; enter a text.", field=field)
    return plain(value)


def plain(value: str) -> str:
    """Return a text of any length that is safe to store, show and paste."""
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return text.translate(_VISIBLE).encode("utf-8", "replace").decode()


def plain_texts(values: object, field: str, *, most: int = 100) -> list[str]:
    """Return a list of safe texts.

    Raises:
        InvalidInput: ``values`` is no list of texts, or has more than ``most``.
    """
    if not isinstance(values, list | tuple):
        raise InvalidInput(f"'{field}' must be a list of texts.", field=field)
    if len(values) > most:
        raise InvalidInput(
            f"'{field}' has {len(values)} entries; at most {most} are taken.", field=field
        )
    return [plain_text(value, f"{field}[{number}]") for number, value in enumerate(values)]


def first_line(text: str, limit: int = 72) -> str:
    """Return the first line of a text that is not blank, shortened to ``limit`` characters.

    Control characters are replaced, since agents write these texts.
    """
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    line = "".join(char if char.isprintable() else "?" for char in line)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"

"""The reader of each program's screen."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from hephaestus_core.guardian.screens import claude, codex, droid, opencode, plain
from hephaestus_core.guardian.screens.screen import Screen

_READERS: Final[Mapping[str, Callable[[str], Screen]]] = {
    "claude": claude.read,
    "codex": codex.read,
    "opencode": opencode.read,
    "droid": droid.read,
}


@lru_cache(maxsize=1024)
def read(program: str, text: str) -> Screen:
    """Read a screen of the program; the answer is kept, because each look is judged repeatedly."""
    return _READERS.get(program, plain.read)(text)


#: Programs with a reader of their own.
KNOWN: Final = frozenset(_READERS)

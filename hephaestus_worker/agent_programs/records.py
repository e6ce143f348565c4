"""Values in what programs, or their agents, have recorded: each may be missing or of any kind."""

from typing import Any, Final

_MOST: Final = 2**53


def part(value: Any, *names: str) -> dict[str, Any]:
    """Return the object under these names; an empty one if there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def items(value: dict[str, Any], name: str) -> list[Any]:
    """Return the list under a name; an empty one if there is none."""
    found = value.get(name)
    return found if isinstance(found, list) else []


def text(value: dict[str, Any], name: str) -> str:
    """Return the text under a name; an empty one if there is none."""
    found = value.get(name)
    return found if isinstance(found, str) else ""


def count(value: dict[str, Any], name: str) -> int:
    """Return the whole number from 0 under a name; 0 if there is none."""
    return as_count(value.get(name))


def as_count(value: Any) -> int:
    """Return a whole number from 0; 0 for anything else."""
    return value if isinstance(value, int) and 0 <= value < _MOST else 0

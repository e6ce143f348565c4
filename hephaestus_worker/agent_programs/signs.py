"""Signs that programs leave in files: read from where the last look ended, within bounds."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from hephaestus_core.contract import agent_files
from hephaestus_core.contract.texts import plain
from hephaestus_worker.agent_programs.base import Sign, SignKind

#: Most bytes of one file that one look reads; of more, the newest.
MOST_BYTES: Final = 256 * 1024
_LONGEST_TEXT: Final = 200
#: That of a question, which nothing else tells.
LONGEST_QUESTION: Final = 600


def new_lines(folder: Path, name: agent_files.Name, read: dict[str, int]) -> Iterator[bytes]:
    """Yield the whole lines that a file has got since the last call.

    Args:
        read: the bytes read of each file, brought up to date.
    """
    size = agent_files.size(folder, name) or 0
    start = read.get(str(name), 0)
    if size < start:
        start = 0  # it was begun anew
    skipped = size - start > MOST_BYTES
    if skipped:
        start = size - MOST_BYTES
    content = b"" if size == start else agent_files.read(folder, name, most=MOST_BYTES, start=start)
    whole, _, rest = (content or b"").rpartition(b"\n")
    read[str(name)] = size if skipped and not whole else start + len(content or b"") - len(rest)
    lines = whole.split(b"\n") if whole else []
    yield from lines[1:] if skipped else lines


def entry_of(line: bytes) -> dict[str, Any]:
    """Return the JSON object on a line; an empty one for anything else."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def sign(kind: SignKind, text: str, *, same: Any = None, most: int = _LONGEST_TEXT) -> Sign:
    """Return a sign with a text that is fit to be stored.

    Args:
        same: equal for equal actions; any JSON.
        most: characters of the text that are kept.
    """
    digest = "" if same is None else hashlib.sha256(_canonical(same)).hexdigest()[:16]
    return Sign(kind, plain(" ".join(text[: 4 * most].split())[:most]), digest)


def action(tool: str, arguments: Any) -> Sign:
    """Return the sign of an action: its tool, and the first words of its arguments."""
    return sign("action", f"{tool}: {_words(arguments)}".removesuffix(": "), same=[tool, arguments])


def _words(arguments: Any) -> str:
    if isinstance(arguments, dict):
        named = (arguments.get(name) for name in ("command", "cmd", "file_path", "path", "query"))
        found = next((value for value in named if isinstance(value, str)), None)
        return found if found is not None else ", ".join(map(str, arguments.values()))
    return arguments if isinstance(arguments, str) else ""


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, default=str).encode(errors="replace")

"""The signs that OpenCode leaves in its database: calls of tools, those that failed, its stops."""

from collections.abc import Iterator
from typing import Final

from hephaestus_worker.agent_programs.base import Sign
from hephaestus_worker.agent_programs.opencode.sessions import Part, Sessions
from hephaestus_worker.agent_programs.signs import action, entry_of, sign

_NEWEST: Final = "parts"
#: Parts before the newest that are read again: calls of several sessions may go on at once.
_READ_AGAIN: Final = 200
_OVER: Final = {"completed", "error"}
#: Tools by which it would wait for a person at its terminal. It asks by `ask_person` instead.
DENIED: Final = ("question", "plan_enter", "plan_exit")

_TOLD, _SETTLED = 1, 2


def signs(sessions: Sessions, read: dict[str, int]) -> list[Sign]:
    """Return what the sessions have noted since the last call.

    Args:
        read: what was told of each of the newest parts, brought up to date.
    """
    newest = read.get(_NEWEST, 0)
    found: list[Sign] = []
    for part in sessions.parts(max(0, newest - _READ_AGAIN)):
        found.extend(_signs(part, read))
        newest = max(newest, part.number)
    read[_NEWEST] = newest
    for key in [key for key in read if key.isdigit() and int(key) <= newest - _READ_AGAIN]:
        del read[key]
    return found


def _signs(part: Part, read: dict[str, int]) -> Iterator[Sign]:
    told = read.get(str(part.number), 0)
    if part.kind == "step-finish" and not told:
        read[str(part.number)] = _SETTLED
        if part.reason == "stop":
            yield sign("stopped", "")
    if part.kind != "tool" or part.state not in {"running", *_OVER}:
        return
    if not told:
        read[str(part.number)] = _TOLD
        yield _begun(part)
    if part.state in _OVER and told != _SETTLED:
        read[str(part.number)] = _SETTLED
        if part.error:
            yield sign("action_failed", f"{part.tool}: {part.error}", same=part.given)


def _begun(part: Part) -> Sign:
    if part.tool in DENIED and part.state == "running":
        return sign("asks", part.tool)
    return action(part.tool, entry_of(part.given.encode(errors="replace")) or part.given)

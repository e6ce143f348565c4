"""The reference of all events as Markdown: ``python -m hephaestus_core.events.reference``."""

import sys
from collections.abc import Iterator
from typing import Final

from hephaestus_core.contract.events import EventType

_HEAD: Final = """\
# Events

Made from the code by `make docs`. Every change of state is an event, written with it.
`GET /api/v1/events`, the MCP tool `watch_workflow` and Socket.IO give them in order.

An event has `seq` (its number, which grows with each commit), `type`, `at` (UTC), the ids
`workflow_id`, `task_id` and `agent_id` where it is about such, and `data` with the fields below.
Fields marked *optional* may be missing or null.
"""


def reference() -> str:
    """Return the whole document."""
    by_noun: dict[str, list[EventType]] = {}
    for event in EventType:
        by_noun.setdefault(event.split(".")[0], []).append(event)
    contents = " · ".join(f"[{noun.capitalize()}](#{noun})" for noun in by_noun)
    parts = [_HEAD, f"{contents}\n"]
    for noun, events in by_noun.items():
        parts.append(f"## {noun.capitalize()}\n")
        parts += [line for event in events for line in _section(event)]
    return "\n".join(parts)


def _section(event: EventType) -> Iterator[str]:
    yield f"### `{event}`\n"
    yield f"{event.sentence}\n"
    if event.fields:
        yield "| field | type | what |"
        yield "|---|---|---|"
        for field in event.fields:
            optional = ", optional" if field.optional else ""
            yield f"| `{field.name}` | {field.type}{optional} | {field.sentence} |"
        yield ""


if __name__ == "__main__":
    sys.stdout.write(reference())

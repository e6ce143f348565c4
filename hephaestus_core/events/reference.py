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
    return "\n".join([_HEAD, *_sections()])


def _sections() -> Iterator[str]:
    noun = ""
    for event in EventType:
        if event.split(".")[0] != noun:
            noun = event.split(".")[0]
            yield f"## {noun.capitalize()}\n"
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

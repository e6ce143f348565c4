"""The terminal of one agent: live, and as text."""

import re
from typing import Final
from uuid import UUID

from flask import Response, render_template

from hephaestus_core.agents.service import get_agent
from hephaestus_core.tasks.service import get_task
from hephaestus_web.access.auth import caller, may
from hephaestus_web.live import keyboards
from hephaestus_web.live.agent_output import output_reader
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.wiring import database

#: Bytes of output that are shown as text.
_TEXT_BYTES: Final = 65_536
#: Control sequences: of colours and the cursor, of titles, and of one letter.
_SEQUENCES: Final = re.compile(
    r"\x1b(?:\[[0-?]*+[ -/]*+[@-~]?|\][^\x07\x1b]*+(?:\x07|\x1b\\)?|[ -/]*+[0-~]?)"
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@blueprint.get("/agents/<uuid:agent_id>/terminal")
def terminal(agent_id: UUID) -> str:
    """Show the terminal of an agent, live."""
    agent = get_agent(database(), agent_id)
    return render_template(
        "terminal.html",
        agent=agent,
        task=get_task(database(), agent.task_id),
        may_type=agent.ended_at is None and may(caller(), keyboards.ACCESS),
    )


@blueprint.get("/agents/<uuid:agent_id>/terminal.txt")
def terminal_text(agent_id: UUID) -> Response:
    """Show the end of an agent's output as text, without colours and movements of the cursor."""
    part = output_reader().read_end(get_agent(database(), agent_id), most=_TEXT_BYTES)
    return Response(as_text(part["text"]), content_type="text/plain; charset=utf-8")


def as_text(output: str) -> str:
    """Return what a terminal was sent as text."""
    lines = _SEQUENCES.sub("", output).replace("\r\n", "\n").split("\n")
    # What stands before a carriage return was overwritten.
    return "\n".join(_CONTROL.sub("", line.rstrip("\r").rpartition("\r")[2]) for line in lines)

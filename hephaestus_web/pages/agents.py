"""The page of all agents, and the page of one, where people act on it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.agents import service
from hephaestus_core.agents.board import MOST_LIVE, ended_rows, live_rows, row_of, rows_of
from hephaestus_core.agents.watches import screen_of
from hephaestus_core.clock import utcnow
from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.guardian import overruling
from hephaestus_core.guardian.reading import page_of_interventions
from hephaestus_core.guardian.restarting import restart_from_commit
from hephaestus_core.guardian.undoable import undoable
from hephaestus_core.messages.mailbox import page_of_messages
from hephaestus_core.messages.service import send
from hephaestus_web.access.auth import access_of, caller, may
from hephaestus_web.live import keyboards
from hephaestus_web.live.screen_html import as_html
from hephaestus_web.pages.agent_address import FACETS, Address, address_of
from hephaestus_web.pages.agent_filters import board, shown
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.pages.chunks import chunked_agents
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.wiring import database

#: Ended agents on one page, and those that are looked at for it: filters are applied to these.
_PAGE: Final = 50
_WINDOW: Final = 300
#: Newest attempts, acts of the Guardian and messages on an agent's page.
_MOST_ATTEMPTS: Final = 20
_MOST_ACTS: Final = 10
_MOST_MESSAGES: Final = 5
#: Minutes for which a person may call an agent fine.
_FINE_MINUTES: Final = {"0", "30", "240"}

_MINUTE: Final = 60
_HOUR: Final = 3600


@blueprint.app_template_filter("lasting")
def lasting(seconds: float) -> str:
    """Return a duration by its greatest unit: ``42 s``, ``11 min``, ``3 h 20 min``."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


@blueprint.app_template_filter("amount")
def amount(tokens: int) -> str:
    """Return a number of tokens in three digits: ``840``, ``84k``, ``1.2M``."""
    if tokens < 1000:  # noqa: PLR2004
        return str(tokens)
    if tokens < 999_500:  # noqa: PLR2004
        return f"{tokens / 1000:.0f}k"
    return f"{tokens / 1_000_000:.1f}M"


@blueprint.get("/agents")
def agents() -> str:
    """Show the live agents in the order of their starts, filtered by the address; or the ended."""
    address, now = address_of(request.args), utcnow()
    if address.is_of_ended:
        return _ended(address, now)
    found = live_rows(database())
    filtered = board(found, address, now)
    return render_template(
        "agents.html",
        address=address,
        board=filtered,
        chunks=chunked_agents(filtered.rows),
        pinned=[shown(row, now) for row in rows_of(database(), address.pins)],
        may_type=may(caller(), keyboards.ACCESS),
        facets=FACETS,
        total=len(found),
        cut=len(found) == MOST_LIVE,
    )


def _ended(address: Address, now: datetime) -> str:
    """Show a page of what fits among the ended agents of a window, whose length bounds its cost."""
    found, beyond = ended_rows(
        database(),
        workflow_id=_workflow_id(address.wanted),
        limit=_WINDOW,
        cursor=cursor_key(request.args.get("cursor")),
    )
    filtered = board(found, address, now)
    rows = filtered.rows[:_PAGE]
    last = rows[-1].agent if len(filtered.rows) > _PAGE else None
    return render_template(
        "agents_ended.html",
        address=address,
        board=filtered,
        rows=rows,
        facets=FACETS | {"verdict": "End"},
        workflow_id=_workflow_id(address.wanted),
        window=len(found),
        goes_on=last is None,
        next_cursor=cursor_text((last.started_at, last.id) if last else beyond),
    )


def _workflow_id(given: Mapping[str, str]) -> UUID | None:
    value = given.get("workflow")
    try:
        return UUID(value) if value else None
    except ValueError:
        raise InvalidInput("'workflow' is no id of a workflow.", field="workflow") from None


@blueprint.get("/agents/<uuid:agent_id>")
def agent(agent_id: UUID) -> str:
    """Show one agent: verdict, screen, terminal, what was done about it, and the acts."""
    with database().reading() as session:
        row, screen = row_of(session, agent_id), screen_of(session, agent_id)
    attempts, _ = service.page_of_agents(database(), task_id=row.task_id, limit=_MOST_ATTEMPTS)
    acts, _ = page_of_interventions(database(), agent_id=agent_id, limit=_MOST_ACTS)
    messages, _ = page_of_messages(database(), agent_id=agent_id, limit=_MOST_MESSAGES)
    return render_template(
        "agent.html",
        it=shown(row, utcnow()),
        agent=service.get_agent(database(), agent_id),
        screen=as_html(screen) if screen else None,
        attempts=attempts,
        acts=acts,
        undoable=undoable(database(), [act.id for act in acts]),
        messages=messages,
        may_act=may(caller(), access_of("pages.message_agent")),
    )


@blueprint.post("/agents/<uuid:agent_id>/message")
def message_agent(agent_id: UUID) -> ResponseReturnValue:
    """Send a live agent a message, in place of what it does now where the form says so."""
    text, interrupt = request.form.get("text", ""), "interrupt" in request.form
    send(database(), agent_id, text, sender=caller().name, interrupt=interrupt)
    return _back(agent_id)


@blueprint.post("/agents/<uuid:agent_id>/fine")
def call_agent_fine(agent_id: UUID) -> ResponseReturnValue:
    """Have the Guardian leave a live agent alone for a while, or no longer."""
    minutes = request.form.get("minutes", "")
    if minutes not in _FINE_MINUTES:
        raise InvalidInput(f"Give {', '.join(sorted(_FINE_MINUTES))} minutes.", field="minutes")
    overruling.call_fine(database(), agent_id, minutes=int(minutes), by=caller().name)
    return _back(agent_id)


@blueprint.post("/agents/<uuid:agent_id>/restart")
def restart_agent(agent_id: UUID) -> ResponseReturnValue:
    """End an agent at work, and have another one begin from its last saved commit."""
    restart_from_commit(database(), agent_id, by=caller().name)
    return _back(agent_id)


@blueprint.post("/agents/<uuid:agent_id>/stop")
def stop_agent(agent_id: UUID) -> ResponseReturnValue:
    """Stop a live agent; its work is saved, and its task fails."""
    reason = request.form.get("reason", "").strip() or f"stopped by {caller().name}"
    service.request_stop(database(), agent_id, reason=reason)
    return _back(agent_id)


@blueprint.post("/agents/<uuid:agent_id>/undo/<uuid:intervention_id>")
def undo_intervention(agent_id: UUID, intervention_id: UUID) -> ResponseReturnValue:
    """Take an act of the Guardian back."""
    overruling.undo(database(), intervention_id, by=caller().name)
    return _back(agent_id)


def _back(agent_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("pages.agent", agent_id=agent_id), 303)

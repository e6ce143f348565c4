"""The page of one workflow: how it stands, its tasks, and what has come of them."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from hephaestus_core.agents.service import list_agents, list_with_leftovers
from hephaestus_core.agents.views import AgentView
from hephaestus_core.budgets.service import budget_of
from hephaestus_core.conductor.service import coherence_of
from hephaestus_core.contract.event_sentences import sentence
from hephaestus_core.contract.signs import Sign, counted_by_sign
from hephaestus_core.contract.texts import first_line
from hephaestus_core.costs import sums
from hephaestus_core.diagnoses.service import diagnoses_of, rhythm_of
from hephaestus_core.events.log import EventView, read_newest
from hephaestus_core.guardian.reading import page_of_interventions
from hephaestus_core.guardian.views import InterventionView
from hephaestus_core.hosts.service import HostView, list_hosts
from hephaestus_core.lifecycle import deleting, service
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_core.outline.service import graph, outline, timeline
from hephaestus_core.results.service import result_of
from hephaestus_core.summaries.merged import merged_work
from hephaestus_core.tasks import store as tasks
from hephaestus_web.access.auth import access_of, caller, may
from hephaestus_web.history.files import WorkflowFiles
from hephaestus_web.history.service import files_by_author
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.pages.chunks import chunked
from hephaestus_web.pages.folds import fold, outline_address
from hephaestus_web.pages.timeline import drawn
from hephaestus_web.wiring import database, wiring

#: Newest events that the page shows.
_EVENTS: Final = 20
#: Live agents that the page shows.
_AGENTS: Final = 20
#: Newest acts of the Guardian among which those on live agents are looked for.
_ACTS: Final = 100
#: The ways to look at the tasks.
_VIEWS: Final = ("outline", "graph", "timeline")


@blueprint.get("/workflows/<uuid:workflow_id>")
def workflow(workflow_id: UUID) -> str:
    """Show one workflow: its tasks as an outline, graph or timeline, and what came of them.

    Its files, which git is asked for, are shown on request alone.
    """
    db = database()
    shown = service.get_workflow(db, workflow_id)
    agents = list_agents(db, workflow_id=workflow_id, live=True, limit=_AGENTS)
    with db.reading() as session:
        spent = sums.of_workflow(session, workflow_id)
        agent_tasks = tasks.titles_of(session, {agent.task_id for agent in agents})
        events = _events(session, workflow_id)
    view = request.args.get("view", _VIEWS[0])
    return render_template(
        "workflow.html",
        workflow=shown,
        view=view if view in _VIEWS else _VIEWS[0],
        signs=list(Sign),
        phases=[(phase, counted_by_sign(phase.task_counts)) for phase in shown.phases],
        phase_names={phase.id: phase.name for phase in shown.phases},
        agents=agents,
        agent_tasks=agent_tasks,
        acts=_newest_acts(workflow_id) if agents else {},
        hosts=_hosts_of(agents),
        with_leftovers=list_with_leftovers(db, workflow_id),
        merged=merged_work(db, workflow_id),
        files=_files(workflow_id) if "files" in request.args else None,
        result=result_of(db, workflow_id, shown.result_id),
        events=events,
        spent=spent,
        budget=budget_of(db, workflow_id),
        coherence=coherence_of(db, workflow_id, wiring().settings.conductor_policy),
        diagnoses=diagnoses_of(
            db, workflow_id, rhythm_of(wiring().settings), condition=shown.condition
        ),
        may_approve=may(caller(), access_of("pages.approve")),
        may_stop=may(caller(), access_of("pages.stop")),
        may_delete=may(caller(), access_of("pages.delete")),
        **_tasks_in(view, shown),
    )


def _files(workflow_id: UUID) -> WorkflowFiles:
    return files_by_author(database(), wiring().settings, workflow_id)


@blueprint.get("/workflows/<uuid:workflow_id>/graph")
def workflow_graph(workflow_id: UUID) -> ResponseReturnValue:
    """Return the tasks as dots, each after its creator: id, place of its creator, and how it
    stands, in a short form, since there may be thousands.
    """
    places = {sign: number for number, sign in enumerate(Sign)}
    nodes = graph(database(), workflow_id)
    return jsonify(
        signs=[[sign, sign.glyph, sign.words] for sign in Sign],
        nodes=[[n.id, n.parent, places[n.sign], n.phase_id, n.title] for n in nodes],
    )


@blueprint.get("/workflows/<uuid:workflow_id>/stop")
def confirm_stop(workflow_id: UUID) -> str:
    """Ask whether the workflow is to be stopped, where no script lets people undo it."""
    shown = service.get_workflow(database(), workflow_id)
    return render_template("workflow/confirm_stop.html", workflow=shown)


@blueprint.post("/workflows/<uuid:workflow_id>/stop")
def stop(workflow_id: UUID) -> ResponseReturnValue:
    """Stop the workflow and all of its tasks."""
    service.stop_workflow(database(), workflow_id, reason="stopped in the browser")
    return redirect(url_for("pages.workflow", workflow_id=workflow_id), 303)


@blueprint.get("/workflows/<uuid:workflow_id>/delete")
def confirm_delete(workflow_id: UUID) -> str:
    """Show what the deletion of the workflow takes away, and ask."""
    shown = deleting.preview_deletion(database(), workflow_id)
    return render_template("workflow/confirm_delete.html", deletion=shown)


@blueprint.post("/workflows/<uuid:workflow_id>/delete")
def delete(workflow_id: UUID) -> ResponseReturnValue:
    """Delete the workflow."""
    drop = "drop_unmerged" in request.form
    deleting.delete_workflow(database(), workflow_id, by=caller().name, drop_unmerged=drop)
    return redirect(url_for("pages.confirm_delete", workflow_id=workflow_id), 303)


def _tasks_in(view: str, shown: WorkflowView) -> dict[str, Any]:
    """Return what one way to look at the tasks shows."""
    if view == "graph":
        return {}
    if view == "timeline":
        return {"chart": drawn(timeline(database(), shown.id), datetime.now(UTC))}
    address = outline_address(request.args)
    found = outline(database(), shown.id, address.wanted, address.folds)
    return {
        "address": address,
        "fold": fold,
        "outline": found,
        "chunks": chunked(found.lines),
    }


def _events(session: Session, workflow_id: UUID) -> list[tuple[EventView, str]]:
    """Return the newest events, each with its sentence."""
    found = read_newest(session, limit=_EVENTS, workflow_id=workflow_id)
    titles = tasks.titles_of(session, {each.task_id for each in found if each.task_id})
    return [(each, sentence(each, _called(each, titles), "the workflow")) for each in found]


def _called(event: EventView, titles: dict[UUID, str]) -> str:
    title = titles.get(event.task_id) if event.task_id else None
    return f"“{first_line(title, 80)}”" if title else "a task"


def _newest_acts(workflow_id: UUID) -> dict[UUID, InterventionView]:
    """Return the newest act on each agent among the newest acts of a workflow."""
    found, _ = page_of_interventions(database(), workflow_id=workflow_id, limit=_ACTS)
    return {act.agent_id: act for act in reversed(found)}


def _hosts_of(agents: list[AgentView]) -> list[HostView]:
    names = {agent.host for agent in agents}
    if not names:
        return []
    return [host for host in list_hosts(database()) if host.name in names]

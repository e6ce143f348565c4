"""One workflow as it runs."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.agents.service import list_agents, list_with_leftovers
from hephaestus_core.agents.views import AgentView
from hephaestus_core.budgets.service import budget_of
from hephaestus_core.changes.service import list_merges
from hephaestus_core.conductor.service import coherence_of
from hephaestus_core.costs import sums
from hephaestus_core.diagnoses.service import diagnoses_of, rhythm_of
from hephaestus_core.events.log import read_newest
from hephaestus_core.guardian.reading import page_of_interventions
from hephaestus_core.guardian.views import InterventionView
from hephaestus_core.hosts.service import HostView, list_hosts
from hephaestus_core.lifecycle import service
from hephaestus_core.lifecycle.approving import approve_delivery
from hephaestus_core.summaries.service import summarize
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.pages.tree import lines_of
from hephaestus_web.wiring import database, wiring

#: Newest events that a workflow's page shows.
_EVENTS = 50
#: Newest acts of the Guardian among which those on live agents are looked for.
_ACTS = 100


@blueprint.get("/workflows/<uuid:workflow_id>")
def workflow(workflow_id: UUID) -> str:
    """Show one workflow: tasks by phase, who created what, agents, merges, result, events."""
    shown = service.get_workflow(database(), workflow_id)
    summary = summarize(database(), workflow_id)
    agents = list_agents(database(), workflow_id=workflow_id, live=True)
    with database().reading() as session:
        events = read_newest(session, limit=_EVENTS, workflow_id=workflow_id)
        spent = sums.of_workflow(session, workflow_id)
    return render_template(
        "workflow.html",
        workflow=shown,
        summary=summary,
        tree=lines_of(summary.tree),
        titles={task.task_id: task.title for task in summary.tree},
        agents=agents,
        acts=_newest_acts(workflow_id),
        hosts=_hosts_of(agents),
        with_leftovers=list_with_leftovers(database(), workflow_id),
        merges=list_merges(database(), workflow_id),
        events=events,
        spent=spent,
        budget=budget_of(database(), workflow_id),
        coherence=coherence_of(database(), workflow_id, wiring().settings.conductor_policy),
        diagnoses=diagnoses_of(database(), workflow_id, rhythm_of(wiring().settings)),
    )


def _newest_acts(workflow_id: UUID) -> dict[UUID, InterventionView]:
    """Return the newest act on each agent among the newest acts of a workflow."""
    found, _ = page_of_interventions(database(), workflow_id=workflow_id, limit=_ACTS)
    return {act.agent_id: act for act in reversed(found)}


def _hosts_of(agents: list[AgentView]) -> list[HostView]:
    names = {agent.host for agent in agents}
    return [host for host in list_hosts(database()) if host.name in names]


@blueprint.post("/workflows/<uuid:workflow_id>/approve")
def approve(workflow_id: UUID) -> ResponseReturnValue:
    """Let the workflow's work go on to its base branch, or accept where that was moved to."""
    approve_delivery(database(), workflow_id)
    return redirect(url_for("pages.workflow", workflow_id=workflow_id), 303)


@blueprint.post("/workflows/<uuid:workflow_id>/stop")
def stop(workflow_id: UUID) -> ResponseReturnValue:
    """Stop the workflow and all of its tasks."""
    service.stop_workflow(database(), workflow_id, reason="stopped in the browser")
    return redirect(url_for("pages.workflow", workflow_id=workflow_id), 303)

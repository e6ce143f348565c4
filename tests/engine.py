"""The use cases of the engine with short names and defaults, for readable tests."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from hephaestus_core.agents import claims, hosting, reports
from hephaestus_core.agents.views import AgentView, Ending, Trouble
from hephaestus_core.changes import service as changes
from hephaestus_core.changes.rules import MergeReport
from hephaestus_core.db.engine import Database
from hephaestus_core.definitions import service as workflows
from hephaestus_core.events.log import EventView, read_after
from hephaestus_core.hosts import service as hosts
from hephaestus_core.intake import service as intake
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_core.reviews.endings import record_ended
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tasks.views import TaskView
from hephaestus_core.tokens import token_hash

PHASES = [
    {"id": 1, "name": "find", "description": "Find it.", "done_definitions": ["found"]},
    {"id": 2, "name": "fix", "description": "Fix it.", "done_definitions": ["fixed"]},
]


@dataclass
class Engine:
    """A database with the use cases as methods."""

    db: Database
    workflow_id: UUID = field(default_factory=uuid4)
    fallback: tuple[str, ...] = ()
    """The host's setting ``cli_fallback``."""

    def with_host(
        self,
        name: str,
        *,
        slots: int = 4,
        labels: tuple[str, ...] = (),
        programs: tuple[str, ...] = (),
    ) -> "Engine":
        hosts.register(
            self.db, name, slots=slots, labels=labels, programs=programs, lease_seconds=60
        )
        return self

    def define(self, *, phases: list[dict[str, Any]] | None = None, **config: Any) -> str:
        definition = {
            "id": "wf",
            "name": "Workflow",
            "phases": phases or PHASES,
            "config": config,
        }
        return workflows.save_definition(self.db, definition).id

    def start_workflow(self, *, max_agents: int | None = None, **config: Any) -> WorkflowView:
        return self.launch(self.define(**config), max_agents=max_agents)

    def launch(self, definition_id: str = "wf", *, max_agents: int | None = None) -> WorkflowView:
        order = LaunchOrder(
            definition_id=definition_id, repository="/nowhere", max_agents=max_agents
        )
        workflow = lifecycle.start_workflow(self.db, order)
        self.workflow_id = workflow.id
        return workflow

    def create(self, description: str = "work", **order: Any) -> TaskView:
        order.setdefault("phase_id", 1)
        order.setdefault("workflow_id", self.workflow_id)
        return intake.create_task(self.db, TaskOrder(description=description, **order))

    def claim(self, host: str = "a", *, most_in_system: int = 100) -> AgentView | None:
        return claims.claim_next(
            self.db,
            host,
            most_in_system=most_in_system,
            lease_seconds=60,
            defaults=claims.Defaults("scripted", fallback=self.fallback),
        )

    def claimed(self, host: str = "a") -> AgentView:
        agent = self.claim(host)
        assert agent is not None, "nothing could be claimed"
        return agent

    def run(self, agent: AgentView, *, token: str | None = None) -> AgentView:
        """Start a claimed agent's work; ``token`` is its attempt's token."""
        hashed = token_hash(token or str(agent.id))
        hosting.record_prepared(
            self.db, agent.id, fence=agent.fence, base_commit="base", token_hash=hashed
        )
        hosting.record_running(self.db, agent.id, fence=agent.fence)
        return agent

    def report_done(self, agent: AgentView, summary: str = "did it") -> TaskView:
        return reports.report_status(self.db, agent.id, status="done", summary=summary)

    def end(self, agent: AgentView, *, failure: Trouble | None = None, **ending: Any) -> bool:
        ending.setdefault("trouble", failure)
        ending.setdefault("commit", f"commit-of-{agent.id}")
        return record_ended(self.db, agent.id, fence=agent.fence, ending=Ending(**ending))

    def merge_due(self) -> int:
        due = changes.due_merges(self.db)
        for job in due:
            changes.record_merge(self.db, job.merge_id, MergeReport("merged", f"m-{job.merge_id}"))
        return len(due)

    def finish(self, agent: AgentView) -> None:
        """Take an agent through all steps from running to merged."""
        self.report_done(agent)
        self.end(agent)
        self.merge_due()

    def status(self, task: TaskView) -> str:
        return tasks.get_task(self.db, task.id).status

    def events(self, type_: str | None = None) -> list[EventView]:
        with self.db.reading() as session:
            found = read_after(session, 0, limit=100_000)
        return [event for event in found if type_ is None or event.type == type_]

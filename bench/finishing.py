"""The time to merge branches that finish at once, compared with one after another.

Agents end here as on a host: threads of one worker do the work of the Celery task ``finish_agent``
for each agent. Their worktrees have 20 changed files, and the agents have reported done; their
programs have already ended.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from bench.databases import new_database
from bench.rows import Row, Target, p50
from bench.surroundings import (
    DEFINITION,
    age_indexes,
    edit_files,
    folder_on_disk,
    make_repository,
    running_stack,
)
from hephaestus_core.agents import claims, hosting, reports
from hephaestus_core.agents.views import AgentView
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.db.engine import Database
from hephaestus_core.definitions import service as definitions
from hephaestus_core.hosts import service as hosts
from hephaestus_core.intake import service as intake
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.settings.config import Settings
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tokens import token_hash
from hephaestus_worker.agents.finishing import finish_agent
from hephaestus_worker.git.worktrees import worktrees
from hephaestus_worker.host.machine import Machine, folders_of
from hephaestus_worker.host.repositories import mirror_of
from hephaestus_worker.passes.integrating import integrate
from hephaestus_worker.terminal.tmux import Tmux

SAMPLES: Final = 9
SIDE_BY_SIDE: Final = 8
_HOST: Final = "bench"
_LEASE_SECONDS: Final = 600.0


def measure() -> dict[str, Row]:
    """Return the row ``parallel_merges_ratio``."""
    together, single = [], []
    with running_stack() as stack, new_database(stack, "finishing") as (database, url):
        definitions.save_definition(database, DEFINITION.to_dict())
        for _ in range(SAMPLES):
            with folder_on_disk() as folder, _ground(database, url, folder) as ground:
                single.append(sum(ground.finish([agent]) for agent in ground.agents()))
                together.append(ground.finish(ground.agents()))
    figures = {
        "ms": together,
        "ms_p50": p50(together),
        "sum_of_single_ms": single,
        "sum_of_single_ms_p50": p50(single),
    }
    ratio = p50(together) / p50(single)
    return {"parallel_merges_ratio": Row(ratio, "x", Target(0.7), SAMPLES, figures)}


@dataclass(frozen=True)
class _Ground:
    """A host, and a workflow on its own repository."""

    machine: Machine
    workflow_id: UUID
    repository: str

    def agents(self) -> list[AgentView]:
        """Return 8 agents that have done their work and reported it."""
        db = self.machine.db
        agents = [self._begun() for _ in range(SIDE_BY_SIDE)]
        age_indexes()
        for agent in agents:
            edit_files(self.machine.folders.worktree(agent.id), agent.fence)
            reports.report_status(db, agent.id, status="done", summary="Edited 20 files.")
        return agents

    def finish(self, agents: list[AgentView]) -> float:
        """End all agents at once; return the milliseconds until their work is merged."""
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            start = time.perf_counter()
            list(pool.map(self._finish, agents))
            taken = (time.perf_counter() - start) * 1000
        for agent in agents:
            status = tasks.get_task(self.machine.db, agent.task_id).status
            if status != "done":
                raise RuntimeError(f"Task {agent.task_id} is {status}; its work is not merged.")
        return taken

    def _finish(self, agent: AgentView) -> None:
        if finish_agent(self.machine, agent.id):
            integrate(self.machine)

    def _begun(self) -> AgentView:
        db = self.machine.db
        order = TaskOrder(workflow_id=self.workflow_id, description="Edit files.", phase_id=1)
        intake.create_task(db, order)
        agent = claims.claim_next(
            db,
            _HOST,
            most_in_system=SIDE_BY_SIDE,
            lease_seconds=_LEASE_SECONDS,
            defaults=claims.Defaults("scripted"),
        )
        if agent is None:
            raise RuntimeError("The new task could not be claimed.")
        mirror = mirror_of(self.machine, self.repository)
        base = mirror.resolve("main")
        hosting.record_prepared(
            db, agent.id, fence=agent.fence, base_commit=base, token_hash=token_hash(str(agent.id))
        )
        worktree = self.machine.folders.worktree(agent.id)
        worktrees.add(mirror, worktree, branch=agent.branch, commit=base)
        hosting.record_running(db, agent.id, fence=agent.fence)
        return agent


@contextmanager
def _ground(database: Database, url: str, folder: Path) -> Iterator[_Ground]:
    settings = Settings(home=folder / "home", host_name=_HOST, database_url=url)
    machine = Machine(
        settings=settings,
        db=database,
        tmux=Tmux(HomeLayout(settings.home).tmux_socket),
        folders=folders_of(settings),
        send=lambda _bell: None,
    )
    hosts.register(
        *(database, _HOST),
        slots=SIDE_BY_SIDE,
        labels=(),
        lease_seconds=_LEASE_SECONDS,
        programs=machine.installed_programs(),
    )
    repository = str(make_repository(folder / "origin"))
    # Delivery is not measured here, so it waits for a person.
    order = LaunchOrder(definition_id=DEFINITION.id, repository=repository, auto_merge=False)
    workflow_id = lifecycle.start_workflow(database, order).id
    yield _Ground(machine, workflow_id, repository)

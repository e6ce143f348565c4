"""Hints of a model on an agent's task, asked for before its prompt is written.

A model may take its time. So it is asked on a thread of its own, and the start, which goes on once
it has answered or failed, keeps nothing busy meanwhile.
"""

import logging
from functools import partial
from threading import Event
from uuid import UUID

from hephaestus_core.agents import hosting
from hephaestus_core.bells import CeleryTaskName, reconcile_bell
from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.db.engine import AWAY
from hephaestus_core.enrichment.rules import TaskText, likely_paths
from hephaestus_core.enrichment.service import enrich
from hephaestus_core.logging import log_event
from hephaestus_worker.git.objects import changes
from hephaestus_worker.host.machine import Machine, paused_on_failure
from hephaestus_worker.host.repositories import mirror_of

logger = logging.getLogger(__name__)


def is_enriched(machine: Machine, agent_id: UUID) -> bool:
    """Say whether the prompt of the agent may be written.

    If a model is to be asked first, that is begun on a thread, whose end rings for this start
    again.

    Raises:
        StaleAttempt: the attempt is over.
    """
    if not machine.settings.task_enrichment_enabled:
        return True
    task = hosting.hints_wanted(machine.db, agent_id)
    if task is None:
        return True
    machine.long_work.begin(
        agent_id,
        partial(_enrich, machine, agent_id, task),
        then=lambda: machine.send(reconcile_bell(machine.name)),
    )
    return False


def _enrich(machine: Machine, agent_id: UUID, task: TaskText, _stop: Event) -> None:
    # A call that is under way cannot be called back; it is bounded by its own time.
    try:
        with paused_on_failure(machine, CeleryTaskName.START_AGENT, agent_id):
            outcome = enrich(machine.db, machine.llm, task, _paths(machine, task))
    except AWAY as error:  # a later pass asks again
        log_event(logger, "hints_not_kept", level=logging.WARNING, agent_id=agent_id, reason=error)
        return
    log_event(logger, "hints_asked", agent_id=agent_id, task_id=task.task_id, outcome=outcome)


def _paths(machine: Machine, task: TaskText) -> list[str]:
    """Return the paths that the task may be about; none if they cannot be listed."""
    try:
        mirror = mirror_of(machine, task.repository)
        tip = mirror.tip(task.base_branch)
        listed = () if tip is None else changes.files(mirror.path, tip)
    except (HephaestusError, OSError) as error:  # the start, which is next, ends the attempt by it
        log_event(logger, "files_not_listed", task_id=task.task_id, reason=error)
        return []
    return likely_paths(f"{task.title}\n{task.description}", listed)

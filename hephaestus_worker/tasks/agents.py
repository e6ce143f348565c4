"""Celery tasks about single agents: parse, call one function, report."""

from uuid import UUID

from celery import shared_task
from sqlalchemy.exc import OperationalError

from hephaestus_core.bells import CeleryTaskName
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.agents import checkpoints, finishing, mail, starting
from hephaestus_worker.passes.integrating import integrate
from hephaestus_worker.passes.reconcile import reconcile
from hephaestus_worker.process import current

#: A database that is down is no fault of the Celery task: the next pass repeats it.
AWAY = (OperationalError,)

#: Work that cannot be saved now is recorded with its reason, and tried again after a pause.
UNSAVED = (*AWAY, RepositoryError)


@shared_task(name=CeleryTaskName.START_AGENT, throws=AWAY)
def start_agent(agent_id: str) -> None:
    """Start a claimed agent; a second delivery finds it working."""
    starting.start_agent(current().machine, UUID(agent_id))


@shared_task(name=CeleryTaskName.FINISH_AGENT, throws=UNSAVED)
def finish_agent(agent_id: str) -> None:
    """End an agent, save and merge its work; a second delivery finds it gone."""
    machine = current().machine
    if finishing.finish_agent(machine, UUID(agent_id)):
        integrate(machine)
        reconcile(machine)


@shared_task(name=CeleryTaskName.CHECKPOINT_AGENT, throws=UNSAVED)
def checkpoint_agent(agent_id: str) -> None:
    """Save a live agent's work, and release the tasks that wait for it."""
    checkpoints.checkpoint_agent(current().machine, UUID(agent_id))


@shared_task(name=CeleryTaskName.DELIVER_MESSAGES, throws=AWAY)
def deliver_messages(agent_id: str) -> None:
    """Give an agent its messages; a second delivery finds none."""
    mail.deliver_messages(current().machine, UUID(agent_id))

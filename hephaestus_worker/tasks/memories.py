"""Answers to bells about memories: parse, call one function, report."""

import logging

from hephaestus_core.bells import CeleryTaskName
from hephaestus_core.logging import log_event
from hephaestus_core.memory import forgetting
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.tasks.answers import answers

logger = logging.getLogger(__name__)


@answers(CeleryTaskName.FORGET_MEMORIES)
def forget_memories(machine: Machine) -> None:
    """Forget memories by policy, and delete those that were forgotten long ago."""
    policy = forgetting.forgetting_policy(machine.settings)
    forgotten, deleted = forgetting.sweep(machine.db, policy)
    if forgotten or deleted:
        log_event(logger, "memories_forgotten", forgotten=forgotten, deleted=deleted)

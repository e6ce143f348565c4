"""The hooks of worktrees: commands from a person's settings at their begin and their end."""

import logging
import os
from pathlib import Path
from threading import Event
from typing import Final
from uuid import UUID

from hephaestus_core.agents import hosting
from hephaestus_core.agents.views import AgentView, LaunchPlan
from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.contract.texts import plain
from hephaestus_core.lifecycle.service import repository_of
from hephaestus_core.logging import log_event
from hephaestus_core.settings.repository_settings import settings_of
from hephaestus_worker.agents import worktree_commands
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import worktrees
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.terminal.commands import Ended
from hephaestus_worker.terminal.private_files import private_folder, write_private
from hephaestus_worker.terminal.sandbox import Reach

logger = logging.getLogger(__name__)

#: File in the agent's folder: its last hook has been begun.
LAST_HOOK: Final = "before-remove.done"
#: Most seconds of the last hook, which keeps one of the host's threads.
_LAST_SECONDS: Final = 60.0
#: Characters of a failed hook's output in its event.
_TOLD: Final = 500


def after_create(machine: Machine, plan: LaunchPlan, reach: Reach, stop: Event) -> None:
    """Run the hook of the plan's repository in a new worktree, if there is one."""
    command = settings_of(machine.settings.repositories, plan.repository).after_create
    if command:
        seconds = machine.settings.setup_minutes * 60
        ended = worktree_commands.run(
            machine, plan.agent_id, command, reach=reach, seconds=seconds, stop=stop
        )
        _tell_of_failure(machine, plan.agent_id, "after_create", ended)


def before_remove(machine: Machine, agent: AgentView, mirror: Mirror, worktree: Path) -> None:
    """Run the hook of the agent's repository, once, in a worktree whose work is saved.

    What it changes there is saved like work of the agent. If it cannot be run, the worktree goes
    without it.
    """
    if not machine.settings.repositories or not worktrees.is_made(worktree):
        return
    repository = repository_of(machine.db, agent.workflow_id)
    command = settings_of(machine.settings.repositories, repository).before_remove
    done = private_folder(machine.folders.agent(agent.id)) / LAST_HOOK
    if not command or os.path.lexists(done):
        return
    write_private(done, "")
    try:
        ended = worktree_commands.run(
            machine,
            agent.id,
            command,
            reach=worktree_commands.reach_of(machine, agent.id, mirror, worktree),
            seconds=min(_LAST_SECONDS, machine.settings.setup_minutes * 60),
            stop=machine.stopping,
        )
    except (HephaestusError, OSError) as error:
        log_event(logger, "hook_not_run", level=logging.WARNING, agent_id=agent.id, reason=error)
        return
    _tell_of_failure(machine, agent.id, "before_remove", ended)


def _tell_of_failure(machine: Machine, agent_id: UUID, hook: str, ended: Ended) -> None:
    """Record that a hook failed; the work goes on."""
    if ended.exit_status == 0 or ended.how == "stopped":
        return
    how = f"exit status {ended.exit_status}" if ended.how == "exited" else "its time limit"
    said = plain(ended.output.decode(errors="replace"))[-_TOLD:].strip()
    reason = f"{how} after {ended.seconds:.0f} s: {said}"
    hosting.record_hook_failed(machine.db, agent_id, hook=hook, reason=reason)

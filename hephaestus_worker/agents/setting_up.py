"""Making an agent's worktree a place where tests run, before the agent's program starts.

Set-up may take minutes. So it runs on a thread of its own, and the start, which goes on once it is
done, keeps nothing busy meanwhile.
"""

import logging
import os
import time
from dataclasses import replace
from functools import partial
from threading import Event
from typing import Final

from hephaestus_core.agents import hosting
from hephaestus_core.agents.views import LaunchPlan
from hephaestus_core.bells import CeleryTaskName, reconcile_bell
from hephaestus_core.contract.errors import HephaestusError, RepositoryError, StaleAttempt
from hephaestus_core.contract.home import PANE_LOG
from hephaestus_core.contract.setups import OUTPUT_LIMIT, SetUp
from hephaestus_core.contract.texts import plain
from hephaestus_core.db.engine import AWAY
from hephaestus_core.logging import log_event
from hephaestus_core.settings.repository_settings import settings_of
from hephaestus_worker.agents import hooks, worktree_commands
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees.place import private_of
from hephaestus_worker.host.kept_setups import KeptSetup, keeping_of, kept_setup
from hephaestus_worker.host.machine import Machine, paused_on_failure
from hephaestus_worker.terminal.commands import Ended
from hephaestus_worker.terminal.private_files import write_private
from hephaestus_worker.terminal.sandbox import Reach

logger = logging.getLogger(__name__)

#: Files in the agent's folder: a mark that all has been done, and the end of the output.
READY: Final = "setup.done"
SETUP_LOG: Final = "setup.log"


def is_ready(machine: Machine, plan: LaunchPlan, mirror: Mirror, *, commit: str | None) -> bool:
    """Say whether the agent's program may start in its worktree.

    If hook or set-up have to run first, they are begun on a thread, whose end rings for this start
    again. After a restart of the worker the next start begins them anew.

    Args:
        commit: what the worktree was made of; None if it holds work beside that.
    """
    hook = settings_of(machine.settings.repositories, plan.repository).after_create
    done = machine.folders.agent(plan.agent_id) / READY
    if not (hook or plan.setup_command) or os.path.lexists(done):
        return True
    worktree = machine.folders.worktree(plan.worktree_id)
    reach = worktree_commands.reach_of(machine, plan.agent_id, mirror, worktree)
    kept = _kept(machine, plan, mirror, commit)
    machine.long_work.begin(
        plan.agent_id,
        partial(_make_ready, machine, plan, reach, kept),
        then=lambda: machine.send(reconcile_bell(machine.name)),
    )
    return False


def _kept(
    machine: Machine, plan: LaunchPlan, mirror: Mirror, commit: str | None
) -> KeptSetup | None:
    """Return the place of the set-up's result; None if an agent may have worked here already."""
    begun = os.path.lexists(machine.folders.agent(plan.agent_id) / PANE_LOG)
    if commit is None or begun or not plan.setup_command:
        return None
    return kept_setup(
        keeping_of(machine.settings, plan.repository, plan.base_branch),
        *(mirror, commit, machine.folders.worktree(plan.worktree_id)),
        command=plan.setup_command,
        working_directory=plan.working_directory,
    )


def _make_ready(
    machine: Machine, plan: LaunchPlan, reach: Reach, kept: KeptSetup | None, stop: Event
) -> None:
    try:
        with paused_on_failure(machine, CeleryTaskName.START_AGENT, plan.agent_id):
            hooks.after_create(machine, plan, reach, stop)
            if plan.setup_command and not stop.is_set():
                _set_up(machine, plan, reach, kept, stop)
            if not stop.is_set():
                write_private(machine.folders.agent(plan.agent_id) / READY, "")
    except StaleAttempt:
        return  # whatever came of the set-up, the end of the attempt is next
    except (HephaestusError, OSError, *AWAY) as error:  # a later pass begins it anew
        log_event(
            logger, "set_up_broke", level=logging.WARNING, agent_id=plan.agent_id, reason=error
        )


def _set_up(
    machine: Machine, plan: LaunchPlan, reach: Reach, kept: KeptSetup | None, stop: Event
) -> None:
    try:
        worktree = machine.folders.worktree(plan.worktree_id)
        folder = worktree_commands.folder_in(worktree, plan.working_directory)
    except RepositoryError:
        return  # the start, which is next, ends the attempt with this reason
    copied = _copied(plan, kept)
    if copied is not None:
        hosting.record_set_up(machine.db, plan.agent_id, fence=plan.fence, setup=copied)
        return
    ended = worktree_commands.run(
        machine,
        plan.agent_id,
        plan.setup_command,
        reach=replace(reach, working_directory=folder),
        seconds=machine.settings.setup_minutes * 60,
        stop=stop,
    )
    if ended.how == "stopped":
        return
    output = ended.output.decode(errors="replace")
    write_private(machine.folders.agent(plan.agent_id) / SETUP_LOG, output)
    contained = machine.enclosure.holds_files
    setup = outcome(plan.setup_command, ended, contained=contained)
    if kept is not None and setup.status == "succeeded":
        kept.keep()
    hosting.record_set_up(machine.db, plan.agent_id, fence=plan.fence, setup=setup)


def _copied(plan: LaunchPlan, kept: KeptSetup | None) -> SetUp | None:
    """Return the record of a kept result that was copied; None if there is none."""
    begun = time.monotonic()
    made = kept.copied(private_of(kept.worktree)) if kept is not None else None
    if made is None:
        return None
    return SetUp(
        command=plan.setup_command,
        status="succeeded",
        seconds=round(time.monotonic() - begun, 1),
        copied_from=made.isoformat(timespec="seconds"),
    )


def outcome(command: str, ended: Ended, *, contained: bool) -> SetUp:
    """Return the record of a set-up that has ended."""
    return SetUp(
        command=command,
        status="succeeded"
        if ended.exit_status == 0
        else "timed_out"
        if ended.how == "timed out"
        else "failed",
        seconds=round(ended.seconds, 1),
        exit_status=ended.exit_status,
        output=plain(ended.output.decode(errors="replace"))[-OUTPUT_LIMIT:],
        contained=contained,
    )

"""Starting an agent: worktree, token, prompt, session. Each step reuses an earlier try's result."""

import logging
from contextlib import suppress
from dataclasses import replace
from functools import partial
from uuid import UUID

from hephaestus_core.agents import hosting, setups
from hephaestus_core.agents.uncommitted import take_over_uncommitted
from hephaestus_core.agents.views import Ending, LaunchPlan
from hephaestus_core.bells import start_bell
from hephaestus_core.changes.base_moves import note_base
from hephaestus_core.changes.endings import record_ended
from hephaestus_core.contract.errors import StaleAttempt
from hephaestus_core.contract.quoting import Marks
from hephaestus_core.logging import log_event
from hephaestus_core.tokens import new_token, token_hash
from hephaestus_worker.agent_programs.base import Launch
from hephaestus_worker.agents import launcher
from hephaestus_worker.agents.conversations import plan_with_conversation
from hephaestus_worker.agents.enriching import is_enriched
from hephaestus_worker.agents.host_failures import FAILURES, trouble_of
from hephaestus_worker.agents.launch_files import TOKEN
from hephaestus_worker.agents.memory_marks import changed_files
from hephaestus_worker.agents.setting_up import is_ready
from hephaestus_worker.agents.steering_files import STEERING, remove_made
from hephaestus_worker.agents.submodules import prompt_with_submodules
from hephaestus_worker.agents.worktree_commands import access, folder_in
from hephaestus_worker.git.merging import bases, merges
from hephaestus_worker.git.merging.bases import BaseMoved
from hephaestus_worker.git.origins import filters
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import worktrees
from hephaestus_worker.host.machine import Machine, working_on
from hephaestus_worker.host.repositories import mirror_of
from hephaestus_worker.terminal.environment import agent_environment
from hephaestus_worker.terminal.private_files import private_folder, read_word, write_private

logger = logging.getLogger(__name__)


def start_agent(machine: Machine, agent_id: UUID) -> None:
    """Start an agent that this host has claimed. Safe to repeat at any point.

    If too many starts run already, the agent stands in line, and the end of one rings for it.
    Nothing happens either while a model is asked for hints or the set-up of its worktree runs,
    whose ends ring. A failure of the host (disk, git, tmux), and one that a retry cannot mend (no
    such program, no such branch), ends the attempt with its reason; the next pass retries after any
    other failure.
    """
    with machine.starts.try_acquire(agent_id, partial(_ring, machine)) as placed:
        if not placed:
            return
        with working_on(machine, agent_id) as mine:
            if mine and not machine.long_work.runs(agent_id):
                _start_claimed(machine, agent_id)


def _ring(machine: Machine, agent_id: UUID) -> None:
    machine.send(start_bell(machine.name, agent_id))


def _start_claimed(machine: Machine, agent_id: UUID) -> None:
    try:
        if not is_enriched(machine, agent_id):
            return
        auto_commit = machine.settings.auto_commit
        plan = hosting.launch_plan(
            machine.db, agent_id, auto_commit=auto_commit, vectors=machine.vectors
        )
    except StaleAttempt:
        return
    if plan.runs:
        return
    try:
        ready = plan_with_conversation(machine, plan)
        if ready is not None:
            _start(machine, ready)
    except StaleAttempt:
        launcher.stop(str(agent_id), machine.tmux, grace=1.0)
    except FileNotFoundError:
        raise  # something is being deleted beside this start; the next pass tries again
    except FAILURES as error:
        trouble = trouble_of(machine, error)
        log_event(logger, "agent_start_refused", agent_id=agent_id, reason=trouble.reason)
        ending = Ending(commit=None, trouble=trouble)
        record_ended(machine.db, agent_id, fence=plan.fence, ending=ending)


def _start(machine: Machine, plan: LaunchPlan) -> None:
    agent_program = machine.program(plan.program)
    environment = agent_environment(machine.settings.agent_environment)
    agent_program.ensure_installed(environment)
    mirror = mirror_of(machine, plan.repository)
    mirror.refresh_ignore_rules()
    _note_base(machine, mirror, plan)
    base = plan.base_commit or _choose_base(mirror, plan)
    filters.prepare(mirror, machine.settings.git_filters, commit=base, base_branch=plan.base_branch)
    token = _token(machine, plan.agent_id)
    takes_over = plan.attempt > 1 and not plan.judges
    uncommitted = take_over_uncommitted(machine.db, plan.agent_id) if takes_over else None
    if uncommitted is not None:
        mirror.fetch_commit(None, uncommitted)
    # Recorded before the worktree is made, because a second try must choose the same commit.
    prompt = hosting.record_prepared(
        machine.db,
        plan.agent_id,
        fence=plan.fence,
        base_commit=base,
        token_hash=token_hash(token),
        changed=changed_files(mirror, plan, base),
    )
    plan = replace(plan, prompt=prompt)
    worktree = machine.folders.worktree(plan.worktree_id)
    worktrees.add(
        *(mirror, worktree),
        branch=plan.branch,
        commit=base,
        uncommitted=uncommitted,
        left_out=STEERING if plan.judges else (),
    )
    prompt = prompt_with_submodules(machine, plan, mirror, worktree)
    fresh = uncommitted is None and plan.worktree_id == plan.agent_id
    if not is_ready(machine, plan, mirror, commit=base if fresh else None):
        return
    if plan.judges:
        remove_made(worktree)
    launch = Launch(
        agent_id=str(plan.agent_id),
        folder=machine.folders.agent(plan.agent_id),
        worktree=worktree,
        working_directory=folder_in(worktree, plan.working_directory),
        prompt=prompt + setups.note(plan.setup, Marks()),
        mcp_url=f"{machine.settings.agent_url}/mcp",
        token=token,
        model=plan.model,
        resume_session=plan.resume.conversation if plan.resume else None,
        environment=environment,
        judges=plan.judges,
        logins=machine.folders.logins if machine.enclosure.holds_files else None,
        **access(machine, mirror, worktree),
    )
    launcher.start(launch, agent_program, machine.tmux, machine.enclosure)
    hosting.record_running(machine.db, plan.agent_id, fence=plan.fence)
    log_event(logger, "agent_started", agent_id=plan.agent_id, task_id=plan.task_id)


def _note_base(machine: Machine, mirror: Mirror, plan: LaunchPlan) -> None:
    """Record where the base branch is, unless it was moved back: merges will say that."""
    with suppress(BaseMoved):
        tip = bases.forward(mirror, plan.base_seen, plan.base_branch)
        if tip != plan.base_seen:
            note_base(machine.db, plan.workflow_id, before=plan.base_seen, commit=tip)


def _choose_base(mirror: Mirror, plan: LaunchPlan) -> str:
    """Return the commit that the agent starts from, which every host finds in the origin.

    Raises:
        RepositoryError: the commit to continue from, or the branch to merge with, is missing.
    """
    if plan.starts_as_is and plan.start_commit is not None:
        mirror.fetch_commit(None, plan.start_commit)
        return plan.start_commit
    commit = merges.start_commit(
        mirror,
        parent=plan.start_commit,
        target_branch=plan.integration_branch,
        base_branch=plan.base_branch,
        policy=plan.conflict_resolution,
    )
    if plan.start_commit is not None and commit not in mirror.heads().values():
        # A new merge commit. Tasks that this agent creates may start from it on other hosts.
        mirror.push(commit, plan.branch, expected=mirror.tip(plan.branch))
    return commit


def _token(machine: Machine, agent_id: UUID) -> str:
    """Return the attempt's token, the same on every try, because the agent may already have it."""
    folder = machine.folders.agent(agent_id)
    private_folder(folder)
    kept = folder / TOKEN
    token = read_word(kept)
    if token is None:
        token = new_token("agent")
        write_private(kept, token)
    return token

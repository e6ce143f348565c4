"""Ending an agent: stop its processes, save its work, report the attempt, delete the worktree."""

import logging
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from hephaestus_core.agents import hosting, unsaved
from hephaestus_core.agents.kept_commits import record_kept
from hephaestus_core.agents.rules import next_step
from hephaestus_core.agents.uncommitted import record_uncommitted
from hephaestus_core.agents.views import AgentView, Ending, HostAgent
from hephaestus_core.bells import CeleryTaskName
from hephaestus_core.contract.diffs import Diff
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.home import session_name
from hephaestus_core.contract.left_out import LeftOut
from hephaestus_core.contract.statuses import AgentStatus, TaskStatus
from hephaestus_core.lifecycle.service import repository_of
from hephaestus_core.logging import log_event
from hephaestus_core.reviews import checking
from hephaestus_core.reviews.endings import record_ended
from hephaestus_core.reviews.left_out import record_set_aside
from hephaestus_core.reviews.service import send_back
from hephaestus_core.tasks.service import get_task
from hephaestus_worker.agent_programs.base import Failure
from hephaestus_worker.agents import hooks, keeping, launcher, resolving
from hephaestus_worker.agents.checkpoints import SavedWork, record_diff_of, save_work
from hephaestus_worker.agents.conversations import conversation_of
from hephaestus_worker.agents.launch_files import OWN
from hephaestus_worker.agents.metering import meter_ended
from hephaestus_worker.agents.sessions import Sessions, look, session_of
from hephaestus_worker.git.merging import branches
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.git.worktrees import left_out, worktrees
from hephaestus_worker.host.machine import Machine, paused_on_failure, working_on
from hephaestus_worker.host.repositories import mirror_of
from hephaestus_worker.terminal.private_files import delete

logger = logging.getLogger(__name__)

#: Grace period, in seconds, for an agent's processes to end by themselves.
_GRACE = 2.0


def finish_agent(machine: Machine, agent_id: UUID) -> bool:
    """End an agent that is due to end, for whatever reason. Safe to repeat at any point.

    The bell is only a hint: this function holds the agent's lock and reads its rows and session
    again. It does nothing if the agent is not due.

    Returns:
        Whether work was left to merge.

    Raises:
        RepositoryError: the origin cannot take the work now; worktree and branch stay, and later
            passes try again, after growing pauses. If waiting cannot help, the attempt has ended.
    """
    with working_on(machine, agent_id) as mine:
        return mine and _finish(machine, agent_id)


def _finish(machine: Machine, agent_id: UUID) -> bool:
    with paused_on_failure(machine, CeleryTaskName.FINISH_AGENT, agent_id):
        known = hosting.agent_of(machine.db, machine.name, agent_id)
        # Rows before sessions: the session of an agent that its row shows working exists by then.
        sessions = look(machine)
        if known is None or not _is_due(machine, known, sessions):
            return False
        if machine.long_work.stop(agent_id):  # its end rings for the next pass
            return False
        agent = hosting.attempt_of(machine.db, agent_id)
        if (
            _sent_back(machine, agent, sessions)
            or _waits_for_checks(machine, agent, sessions)
            or _is_to_bring_in(machine, agent, sessions)
        ):
            return False
        return _end(machine, agent, sessions)


def end_agent(machine: Machine, agent_id: UUID) -> None:
    """End an agent now, because its host shuts down; errors as in :func:`finish_agent`."""
    with working_on(machine, agent_id) as mine:
        if mine:
            _end(machine, hosting.attempt_of(machine.db, agent_id), look(machine))


def _is_due(machine: Machine, known: HostAgent, sessions: Sessions | None) -> bool:
    if next_step(known, session_of(known.id, sessions)) in {"finish", "abandon"}:
        return True
    return known.status != AgentStatus.STARTING and known.id in agents_without_worktree(machine)


def agents_without_worktree(machine: Machine) -> set[UUID]:
    """Return the agents of this host whose worktree somebody has deleted."""
    gone = {folder.name for folder in worktrees.vanished(machine.folders.worktrees)}
    if not gone:
        return set()
    known = hosting.agents_of(machine.db, machine.name)
    return {agent.id for agent in known if str(agent.worktree_id) in gone}


def _end(machine: Machine, agent: AgentView, sessions: Sessions | None) -> bool:
    failure = _look_for_failure(machine, agent, sessions) if agent.ended_at is None else None
    launcher.stop(str(agent.id), machine.tmux, grace=_GRACE)
    meter_ended(machine, agent.id, agent.program)
    delete(machine.folders.agent(agent.id) / OWN)
    # The base is recorded before the worktree is made. Without a base there is no worktree, and
    # perhaps not even a repository.
    worked = agent.base_commit is not None
    reported = _save_and_report(machine, agent, failure) if worked else _report(machine, agent)
    hosting.record_released(machine.db, agent.id)
    log_event(logger, "agent_finished", agent_id=agent.id)
    return reported


def _save_and_report(machine: Machine, agent: AgentView, failure: Failure | None) -> bool:
    try:
        mirror, saved = _save(machine, agent)
        if saved.left_out or agent.left_out:
            _set_aside(machine, agent, saved.left_out)
        _keep_other_commits(machine, agent)
    except RepositoryError as error:
        keeping.keep(machine, agent, error)
        raise
    if not machine.settings.auto_commit:
        record_uncommitted(machine.db, agent.id, commit=saved.uncommitted)
    tip = saved.commit
    if agent.unsaved_since is not None or agent.status == AgentStatus.LOST:
        unsaved.record_saved_late(machine.db, agent.id, commit=tip)
    reported = False
    worktree = machine.folders.worktree(agent.worktree_id)
    if agent.ended_at is None:
        diff = record_diff_of(machine, mirror, agent, tip)
        ending = _ending(machine, agent, tip, failure, diff)
        left = not machine.settings.auto_commit and saved.uncommitted is not None
        ending = replace(ending, lost=saved.lost, unread=saved.unread, uncommitted=left)
        reported = record_ended(machine.db, agent.id, fence=agent.fence, ending=ending)
    if not machine.settings.auto_commit and saved.uncommitted is None:
        _drop_uncommitted(machine, mirror, agent)
    # After a conversation was noted, the next attempt may have its worktree at the same path.
    if agent.conversation is None or worktrees.branch_at(worktree) == agent.branch:
        hooks.before_remove(machine, agent, mirror, worktree)
        worktrees.remove(mirror, worktree, machine.saving_rules)
    return reported


def _keep_other_commits(machine: Machine, agent: AgentView) -> None:
    """Keep and record the commits that the agent made elsewhere than on its branch."""
    if _has_worktree(machine, agent):
        worktree = machine.folders.worktree(agent.worktree_id)
        kept, repository = worktrees.keep_other_commits(worktree)
        if kept or agent.kept_commits:
            record_kept(machine.db, agent.id, kept=kept, path=str(repository))


def _drop_uncommitted(machine: Machine, mirror: Mirror, agent: AgentView) -> None:
    """Delete the snapshots of a task that was reported done with all of its work committed."""
    if get_task(machine.db, agent.task_id).status not in {TaskStatus.UNDER_REVIEW, TaskStatus.DONE}:
        return
    try:
        branches.drop_uncommitted(mirror, agent.branch)
    except RepositoryError as error:  # Left snapshots do no harm.
        log_event(logger, "snapshots_left", reason=error.message, agent_id=agent.id)


def _set_aside(machine: Machine, agent: AgentView, left: tuple[LeftOut, ...]) -> None:
    """Keep the files that are in no commit on this host, and record their folder."""
    folder = machine.folders.set_aside(agent.id)
    record_set_aside(machine.db, agent.id, left_out=left, folder=str(folder))
    if left:
        worktree = machine.folders.worktree(agent.worktree_id)
        left_out.set_aside(worktree, folder, machine.saving_rules, left)


def _report(machine: Machine, agent: AgentView) -> bool:
    """Report the end of an attempt without a worktree."""
    if agent.ended_at is not None:
        return False
    return record_ended(machine.db, agent.id, fence=agent.fence, ending=Ending(commit=None))


def _sent_back(machine: Machine, agent: AgentView, sessions: Sessions | None) -> bool:
    """Have a live agent commit what it has reported done, if agents have to commit themselves."""
    if machine.settings.auto_commit or not _is_reachable(agent, sessions):
        return False
    worktree = machine.folders.worktree(agent.worktree_id)
    if not worktrees.is_made(worktree):
        return False
    reported = get_task(machine.db, agent.task_id).status == TaskStatus.UNDER_REVIEW
    if not reported or not _is_dirty(machine, worktree):
        return False
    reason = (
        "You reported your task done, but your worktree has uncommitted changes, which are not "
        "committed for you here. Commit or discard them, then report again."
    )
    return send_back(machine.db, agent.id, reason=reason)


def _waits_for_checks(machine: Machine, agent: AgentView, sessions: Sessions | None) -> bool:
    """Begin the review of a live agent's reported work; say whether the agent waits for its checks.

    It lives on until then: what fails is told to the same session.
    """
    if not _is_reachable(agent, sessions):
        return False
    stage = checking.stage_of(machine.db, agent.id)
    if stage == "due" and _has_worktree(machine, agent):
        _begin_review(machine, agent)
        stage = checking.stage_of(machine.db, agent.id)
    return stage == "checking"


def _is_to_bring_in(machine: Machine, agent: AgentView, sessions: Sessions | None) -> bool:
    """Say whether a live resolver of a conflict is sent back, as it lacks the other side."""
    if not _is_reachable(agent, sessions) or not _has_worktree(machine, agent):
        return False
    if not resolving.resolves(machine, agent):
        return False
    try:
        mirror, saved = _save(machine, agent)
    except RepositoryError as error:  # its end meets it, too
        log_event(logger, "resolver_not_saved", agent_id=agent.id, reason=error.message)
        return False
    commit = saved.commit or agent.base_commit
    return commit is not None and resolving.lacks_other_side(machine, mirror, agent, commit)


def _is_reachable(agent: AgentView, sessions: Sessions | None) -> bool:
    """Say whether an agent can still be told something in its session."""
    if agent.ended_at is not None or agent.status == AgentStatus.STOPPING:
        return False
    return session_of(agent.id, sessions) != "gone"


def _begin_review(machine: Machine, agent: AgentView) -> None:
    """Save the work, and begin its review; what cannot be saved now ends as without a review."""
    try:
        mirror, saved = _save(machine, agent)
    except RepositoryError as error:
        log_event(logger, "review_not_begun", agent_id=agent.id, reason=error.message)
        return
    commit = saved.commit or agent.base_commit
    if commit is not None and saved.lost is None:
        record_diff_of(machine, mirror, agent, commit)
        checking.begin_review(machine.db, agent.id, commit=commit)


def _is_dirty(machine: Machine, worktree: Path) -> bool:
    try:
        return worktrees.is_dirty(worktree, machine.saving_rules)
    except RepositoryError:
        return False  # Saving the work reports the same error.


def _save(machine: Machine, agent: AgentView) -> tuple[Mirror, SavedWork]:
    """Save the work and push it; return the mirror and the saved work."""
    mirror = mirror_of(machine, repository_of(machine.db, agent.workflow_id))
    if not _has_worktree(machine, agent):
        return mirror, SavedWork(agent.commit, uncommitted=agent.uncommitted)
    task = get_task(machine.db, agent.task_id)
    message = _message(agent, task.summary, task.description)
    return mirror, save_work(machine, mirror, agent, message)


def _has_worktree(machine: Machine, agent: AgentView) -> bool:
    worktree = machine.folders.worktree(agent.worktree_id)
    return worktrees.is_made(worktree) and worktrees.branch_at(worktree) == agent.branch


def _message(agent: AgentView, summary: str | None, description: str) -> str:
    title = next(line for line in (summary or description).splitlines() if line.strip())
    return (
        f"{title[:72]}\n\nHephaestus-Task: {agent.task_id}\nHephaestus-Attempt: {agent.attempt}\n"
    )


def _look_for_failure(
    machine: Machine, agent: AgentView, sessions: Sessions | None
) -> Failure | None:
    """Read from screen and exit status why the program stopped, before both are deleted.

    None if the program still runs: then the reason for its end lies elsewhere.
    """
    folder = machine.folders.agent(agent.id)
    session = session_name(str(agent.id))
    if sessions is None:
        sessions = machine.tmux.sessions()
    info = sessions.get(session)
    if info is not None and not info.dead:
        return None
    screen = machine.tmux.capture(session) if info is not None else ""
    exit_code = launcher.exit_status(folder)
    failure = machine.program(agent.program).diagnose(screen, exit_code, folder=folder)
    if failure is None and exit_code is None:
        return Failure(FailureClass.TRANSIENT, "its session vanished")
    return failure


def _ending(
    machine: Machine,
    agent: AgentView,
    tip: str | None,
    failure: Failure | None,
    diff: Diff | None,
) -> Ending:
    return Ending(
        commit=tip,
        exit_code=launcher.exit_status(machine.folders.agent(agent.id)),
        trouble=failure.trouble() if failure else None,
        conversation=conversation_of(machine, agent) if _has_worktree(machine, agent) else None,
        files=diff.files if diff else 0,
        insertions=diff.insertions if diff else 0,
        deletions=diff.deletions if diff else 0,
    )

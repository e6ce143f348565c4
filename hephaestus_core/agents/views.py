"""Agents as readers and hosts see them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.home import session_name
from hephaestus_core.contract.kept_commits import KeptCommit
from hephaestus_core.contract.left_out import LeftOut
from hephaestus_core.contract.policies import ConflictPolicy
from hephaestus_core.contract.setups import SetUp
from hephaestus_core.contract.statuses import AgentStatus, TaskStatus
from hephaestus_core.memory.rules import LearnedAt
from hephaestus_core.trajectories.views import TrajectoryView

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What the Guardian last saw of an agent."""

    looked_at: datetime
    last_output_at: datetime | None = None
    """When its terminal last showed something new."""
    last_tool: str | None = None
    """Its last action, as its program noted it; None: the program tells none."""
    last_tool_at: datetime | None = None
    last_change_at: datetime | None = None
    """When a save last found new work of it."""
    repeats: int = 0
    """How often it has taken this action in a row."""
    silent_since: datetime | None = None
    """Since when neither output, action nor saved work is new; None: something is. Of an agent that
    hangs, what moves by itself, such as a clock, is no output."""
    last_line: str | None = None
    """The last line of its screen that says something; it may be anything."""
    verdict: str | None = None
    """The Guardian's judgement; None: there is none yet."""
    evidence: list[str] = field(default_factory=list)
    """What it is based on, in lines."""


@dataclass(frozen=True)
class AgentView:
    """An agent: one attempt at a task."""

    id: UUID
    task_id: UUID
    workflow_id: UUID
    attempt: int
    fence: int
    host: str
    program: str
    model: str | None
    stands_in_for: str | None
    status: AgentStatus
    branch: str
    base_commit: str | None
    commit: str | None
    exit_code: int | None
    failure_class: str | None
    failure_reason: str | None
    started_at: datetime
    running_at: datetime | None
    ended_at: datetime | None
    tmux_session: str
    worktree_id: UUID
    """Names the folder of its worktree: its own id, or that of the attempt which began the
    conversation that it goes on with."""
    resumes_id: UUID | None = None
    """The earlier attempt whose conversation this one goes on with."""
    conversation: str | None = None
    """The program's id of its conversation, once the next attempt may go on with it."""
    unsaved_since: datetime | None = None
    """Since when saving its last work has failed; None: nothing is unsaved."""
    uncommitted: str | None = None
    """Snapshot of what it left uncommitted, where hosts do not commit for agents."""
    left_out: list[LeftOut] = field(default_factory=list)
    """New files that its host does not commit unasked, because they are too many or too large."""
    left_out_in: str | None = None
    """The folder on its host that has them: the worktree, and another one when that is gone."""
    kept_commits: list[KeptCommit] = field(default_factory=list)
    """Commits on its other branches, tags and stashes, which its own branch does not hold."""
    kept_in: str | None = None
    """The repository on its host that has them, under ``refs/hephaestus/kept``."""
    lost_work: str | None = None
    """Why work of it is lost; None: none is."""
    asked_done_at: datetime | None = None
    """When it first called its task done, where that is answered with what is still to be done."""
    setup: SetUp | None = None
    """How the set-up of its worktree went; None: none ran, or it runs."""
    task_title: str = ""
    """The line by which people tell its task apart."""
    watch: Watch | None = None
    """What the Guardian last saw of it; None: it has not looked yet."""
    trajectory: TrajectoryView | None = None
    """A model's newest judgement on its way to its goal; None: there is none."""
    fine_until: datetime | None = None
    """Until then the Guardian leaves it alone, because a person says that it is fine."""
    fine_by: str | None = None


def view(
    agent: "Agent",
    watch: Watch | None = None,
    trajectory: TrajectoryView | None = None,
    task_title: str = "",
) -> AgentView:
    """Return the agent as readers see it."""
    return AgentView(
        id=agent.id,
        task_id=agent.task_id,
        workflow_id=agent.workflow_id,
        attempt=agent.attempt,
        fence=agent.fence,
        host=agent.host,
        program=agent.program,
        model=agent.model,
        stands_in_for=agent.stands_in_for,
        status=agent.status,
        branch=agent.branch,
        base_commit=agent.base_commit,
        commit=agent.checkpoint_commit,
        exit_code=agent.exit_code,
        failure_class=agent.failure_class,
        failure_reason=agent.failure_reason,
        started_at=agent.started_at,
        running_at=agent.running_at,
        ended_at=agent.ended_at,
        tmux_session=session_name(agent.id),
        worktree_id=agent.worktree_id or agent.id,
        resumes_id=agent.resumes_id,
        conversation=agent.conversation,
        unsaved_since=agent.unsaved_since,
        uncommitted=agent.uncommitted_commit,
        left_out=[LeftOut(**each) for each in agent.left_out],
        left_out_in=agent.left_out_in,
        kept_commits=[KeptCommit(**each) for each in agent.kept_commits],
        kept_in=agent.kept_in,
        lost_work=agent.lost_work,
        asked_done_at=agent.asked_done_at,
        setup=SetUp.from_dict(agent.setup),
        task_title=task_title,
        watch=watch,
        trajectory=trajectory,
        fine_until=agent.fine_until,
        fine_by=agent.fine_by,
    )


@dataclass(frozen=True)
class HostAgent:
    """The facts of an agent by which its host decides its next step."""

    id: UUID
    task_id: UUID
    worktree_id: UUID
    fence: int
    program: str
    status: AgentStatus
    ended: bool
    current: bool
    """The task still belongs to this attempt."""
    task_status: TaskStatus
    stop_requested: bool
    saved_commit: str | None
    """Its newest saved work."""
    awaited: bool
    """Tasks wait for this agent's work to be saved."""


@dataclass(frozen=True)
class Resume:
    """The earlier attempt whose conversation a new one goes on with, and the program's id of it."""

    agent_id: UUID
    conversation: str


@dataclass(frozen=True)
class LaunchPlan:
    """The plan by which a host starts an agent; read in one transaction."""

    agent_id: UUID
    task_id: UUID
    workflow_id: UUID
    attempt: int
    fence: int
    program: str
    model: str | None
    repository: str
    base_branch: str
    base_seen: str | None
    """Where hosts saw the base branch last."""
    integration_branch: str
    conflict_resolution: ConflictPolicy
    branch: str
    start_commit: str | None
    starts_as_is: bool
    """From that commit exactly, without what others have merged meanwhile."""
    base_commit: str | None
    """Set by an earlier try to start this same attempt."""
    working_directory: str
    judges: bool
    """It judges the work of another, whose settings in the repository do not count."""
    worktree_id: UUID
    """Names the folder of its worktree."""
    resume: Resume | None
    """The conversation to go on with; ``prompt`` is then its next message."""
    prompt: str
    learned: Sequence[LearnedAt]
    """The memories in it that name files and have a commit."""
    setup_command: str
    """Makes its worktree ready; empty: nothing does."""
    setup: SetUp | None
    """How it went; None: it has not been run to its end."""
    runs: bool
    """Its program was started before, so nothing is to be done."""


@dataclass(frozen=True)
class Trouble:
    """Why an attempt cannot go on."""

    failure_class: FailureClass
    reason: str
    until: datetime | None = None
    program_failed: bool = False
    """The program or its provider failed, so a fallback may succeed."""
    of_repository: bool = False
    """The host's failure concerns this one repository: its mirror, or the way to its origin."""


@dataclass(frozen=True)
class Ending:
    """How an attempt ended, as its host saw it."""

    commit: str | None
    """Newest saved commit of the work; None if nothing was saved."""
    exit_code: int | None = None
    trouble: Trouble | None = None
    """The failure, if it failed."""
    conversation: str | None = None
    """The program's id of its conversation, if the host can go on with that."""
    kept_at: str | None = None
    """Folder on the host with work that could not be saved, for the reason in ``trouble``."""
    lost: str | None = None
    """Why files of the attempt are lost; the next one goes on."""
    unread: str | None = None
    """Why commits of the attempt are lost, although its files are saved."""
    uncommitted: bool = False
    """Whether it leaves changes uncommitted where agents have to commit themselves."""
    files: int = 0
    insertions: int = 0
    deletions: int = 0

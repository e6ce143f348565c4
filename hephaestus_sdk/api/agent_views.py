"""Views of agents as the API returns them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from hephaestus_core.contract.kept_commits import KeptCommit
from hephaestus_core.contract.left_out import LeftOut
from hephaestus_core.contract.signs import Sign, sign_of_agent
from hephaestus_sdk.api.setup_views import SetUp


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What the Guardian last saw of an agent."""

    looked_at: datetime | None = None
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
    """Since when neither output, action nor saved work is new; None: something is."""
    last_line: str | None = None
    """The last line of its screen that says something; it may be anything."""
    verdict: str | None = None
    """The Guardian's judgement; None: there is none yet."""
    evidence: tuple[str, ...] = ()
    """What it is based on, in lines."""


@dataclass(frozen=True, kw_only=True)
class Trajectory:
    """A model's newest judgement on an agent's way to its goal."""

    asked_at: datetime | None = None
    model: str | None = None
    alignment: float = 0.0
    """From 0, its work has nothing to do with the task, to 1: it does exactly the task."""
    stage: str = ""
    """What it is at, such as exploration or verification."""
    focus: str = ""
    """The thing that it works on."""
    progress: str = ""
    """What it has done so far, and what is left."""
    issues: tuple[str, ...] = ()
    """Where it departs from its task."""
    constraints: tuple[str, ...] = ()
    """Those that it has to keep."""
    lifted: tuple[str, ...] = ()
    """Constraints that stand no more."""
    needs_steering: bool = False
    steering_type: str | None = None
    """stuck, drifting, violating_constraints, over_engineering, confused or idle."""
    steering_text: str = ""
    """The message that would set it right."""
    evidence: str = ""
    """The line of its screen that the wish to steer is based on."""


@dataclass(frozen=True, kw_only=True)
class Agent:
    """One attempt of an agent program at a task."""

    id: str
    task_id: str = ""
    task_title: str = ""
    """The line by which people tell its task apart."""
    workflow_id: str = ""
    attempt: int = 0
    fence: int = 0
    """A number that grows over all attempts of all tasks."""
    host: str = ""
    program: str = ""
    model: str | None = None
    stands_in_for: str | None = None
    """The task's first choice, if this program is a fallback."""
    status: str = ""
    """starting, working, idle, stopping, finished or lost."""
    started_at: datetime | None = None
    running_at: datetime | None = None
    """When the program had its prompt."""
    ended_at: datetime | None = None
    exit_code: int | None = None
    branch: str | None = None
    base_commit: str | None = None
    """The commit from which its work starts."""
    commit: str | None = None
    """The newest commit of its saved work."""
    failure_class: str | None = None
    failure_reason: str | None = None
    tmux_session: str | None = None
    worktree_id: str | None = None
    """Names the folder of its worktree: its own id, or that of the attempt which began the
    conversation that it goes on with."""
    conversation: str | None = None
    """The program's id of its conversation, once the next attempt may go on with it."""
    resumes_id: str | None = None
    """The earlier attempt whose conversation this one goes on with."""
    unsaved_since: datetime | None = None
    """Since when saving its last work has failed; None: nothing is unsaved."""
    uncommitted: str | None = None
    """Snapshot of what it left uncommitted, where ``auto_commit`` is off."""
    left_out: tuple[LeftOut, ...] = ()
    """New files that its host does not commit unasked, because they are too many or too large."""
    left_out_in: str | None = None
    """The folder on its host that has them."""
    kept_commits: tuple[KeptCommit, ...] = ()
    """Commits on its other branches, tags and stashes, which its own branch does not hold."""
    kept_in: str | None = None
    """The repository on its host that has them, under ``refs/hephaestus/kept``."""
    lost_work: str | None = None
    """Why work of it is lost; None: none is."""
    asked_done_at: datetime | None = None
    """When it first called its task done, where that is answered before the report counts."""
    setup: SetUp | None = None
    """How the set-up of its worktree went; None: none ran, or it runs."""
    watch: Watch | None = None
    """What the Guardian last saw of it; None: it has not looked yet."""
    trajectory: Trajectory | None = None
    """A model's newest judgement on its way to its goal; None: there is none."""
    fine_until: datetime | None = None
    """Until then the Guardian leaves it alone, because a person says that it is fine."""
    fine_by: str | None = None

    @property
    def sign(self) -> Sign:
        """How it stands, in the vocabulary of all faces."""
        now = datetime.now(UTC)
        return sign_of_agent(
            self.status,
            self.watch.verdict if self.watch else None,
            failed=self.failure_class is not None,
            fine=self.fine_until is not None and self.fine_until > now,
        )

    @property
    def condition(self) -> str:
        """The status in words, and whether only its host has its work."""
        return f"{self.status}, unsaved" if self.unsaved_since else self.status


@dataclass(frozen=True, kw_only=True)
class AgentOutput:
    """A part of an agent's output."""

    text: str = ""
    offset: int = 0
    """Its first byte: of agents on other machines only the end can be read."""
    next_offset: int = 0
    """Offset for the next call, in bytes."""
    complete: bool = False
    """Whether the agent has ended and the output is complete."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message to an agent."""

    id: str
    workflow_id: str = ""
    task_id: str = ""
    """The task of its recipient; what is unread goes to the next attempt at it."""
    recipient_agent_id: str = ""
    sender: str = ""
    sender_kind: str = ""
    """person, agent or system."""
    sender_agent_id: str | None = None
    text: str = ""
    status: str = ""
    """The receipt: sent, delivered (pasted into its session) or read (fetched by its agent)."""
    created_at: datetime | None = None
    delivered_at: datetime | None = None
    interrupts: bool = False
    """Its agent's turn is ended first."""

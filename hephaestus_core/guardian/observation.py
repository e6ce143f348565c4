"""Values of supervision: a look at an agent, and the verdict on its situation. No IO.

None always means unknown, and unknown is never a reason to end an agent.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Alive(StrEnum):
    """Whether the program's process and session exist."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Signal(StrEnum):
    """The newest word of the program itself, from its hooks; it counts before the screen."""

    BUSY = "busy"
    IDLE = "idle"
    ASKS = "asks"


class Label(StrEnum):
    """The situation of an agent. Only an LLM can find that one drifts."""

    WORKING = "working"
    LONG_COMMAND = "long_command"
    IDLE = "idle_unreported"
    ASKING = "waiting_for_person"
    FAILING = "failing_repeatedly"
    LOOPING = "looping"
    HUNG = "hung"
    DRIFTING = "drifting"
    LIMITED = "limited"
    CONTEXT_FULL = "context_full"
    NEVER_STARTED = "never_started"
    DEAD = "dead"
    UNKNOWN = "unknown"


class Act(StrEnum):
    """A proposed action."""

    LEAVE = "leave"
    TELL = "tell"
    """Tell a person."""
    STEER = "steer"
    """Send the agent a message."""
    ASK = "ask"
    """Answer its question by policy, or make it the person's and park the agent."""
    PARK = "park"
    """End the program, give its slot back, and go on when ``until`` is over or a person says so."""
    INTERRUPT = "interrupt"
    RESTART = "restart"
    """Start the program again in the same worktree, with its conversation."""
    RENEW = "renew"
    """Start it again without its conversation, with a summary of it."""
    NEXT_PROGRAM = "next_program"
    """Go on with the next program of the chain."""
    RETRY = "retry"
    """End the attempt; another one starts from what is saved."""


#: Acts that end the program or its turn: each needs two looks that agree, and a minimum age.
KILLS: Final = frozenset(
    {Act.PARK, Act.INTERRUPT, Act.RESTART, Act.RENEW, Act.NEXT_PROGRAM, Act.RETRY}
)


@dataclass(frozen=True)
class Since:
    """Since when an agent is as a look shows it, also beyond the looks that are kept.

    Moments are on the clock of the looks; None: it is not so.
    """

    first: float
    """The first look at it."""
    moved: float
    """Nothing has moved that does not move by itself."""
    picture: float
    """Its screen is the same."""
    timer: float
    """The clock on its screen shows the same."""
    command: float | None = None
    """The same command runs."""
    background: float | None = None
    """It waits at its prompt for a background command of its own."""
    error: float | None = None
    """Its screen shows an error of its provider."""
    begun: bool = False
    """A look has seen that it has begun with its prompt."""
    calls: int | None = None
    """Tool calls when its worktree last changed."""


@dataclass(frozen=True)
class Look:
    """The facts about an agent at one moment. Ages and moments are in seconds."""

    at: float
    """A moment on a clock that all looks of a history share, such as POSIX time."""
    screen: str | None = None
    """The pane's text without escapes."""
    process: Alive = Alive.UNKNOWN
    reported: bool | None = None
    """The task was reported done or failed."""
    tool_calls: int | None = None
    """Tool calls so far; ``turns`` and tokens are totals too."""
    last_tool: str | None = None
    """Name and arguments, bounded, such as ``Bash: pytest -q``."""
    last_tool_digest: str | None = None
    """Digest of the last call's name and arguments."""
    repeats: int | None = None
    """How many of the newest calls have that digest in a row."""
    last_tool_failed: bool | None = None
    tool_running: bool | None = None
    """The last call has no result yet, by the program's hooks or transcript."""
    changed_files: int | None = None
    commits: int | None = None
    worktree_digest: str | None = None
    """Digest of what is changed in the worktree: it tells edits of a file from no edit."""
    input_tokens: int | None = None
    output_tokens: int | None = None
    turns: int | None = None
    cost: float | None = None
    """US dollars."""
    started_at: float | None = None
    """When the program was started; None: at the first look, as far as is known."""
    last_output_at: float | None = None
    """When the program last wrote to its terminal."""
    signal: Signal | None = None
    queued_messages: int | None = None
    """Messages to the agent that it has not read."""
    typed: int | None = None
    """How often a message was typed into its terminal, which changes its screen."""
    children: int | None = None
    """Tasks that the agent has created."""
    limited_until: float | None = None
    """When the limit of its provider ends, as its program says."""
    since: Since | None = None
    """Carried on from look to look; None: it is not known what was before."""


@dataclass(frozen=True)
class Verdict:
    """The verdict on an agent's situation."""

    label: Label
    rule: str
    """Name of the rule that found it."""
    act: Act
    evidence: tuple[str, ...] = ()
    """Lines of the screen and facts, each bounded. Untrusted."""
    since: float | None = None
    """The first of the kept looks that agree on the label without a gap."""
    until: float | None = None
    """When a limit ends, if known."""
    looks: int = 1
    """How many looks in a row agree on the label."""
    silence: float = 0.0
    """Seconds since anything moved that does not move by itself."""

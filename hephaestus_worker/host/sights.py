"""What a worker remembers of a live agent between two looks; a new worker begins anew."""

import threading
from collections import deque
from dataclasses import dataclass, field

from hephaestus_core.guardian.assessing import LONGEST_HISTORY
from hephaestus_core.guardian.observation import Look
from hephaestus_core.guardian.usage import Counts, Usage


@dataclass
class Sight:
    """The memory of one agent."""

    read: dict[str, int] = field(default_factory=dict)
    """Bytes read of the files in which its program leaves signs."""
    screen: str = ""
    coloured: str = ""
    """Its last lines with the sequences of their colours."""
    line: str | None = None
    """Its last line that says something."""
    log_state: tuple[int, float] | None = None
    """Size and time of its log when the screen was read; None: it has not been."""
    output_at: float | None = None
    """When it last wrote to its terminal, by this host's monotonic clock; None: nobody knows."""
    read_at: float | None = None
    """When its log was looked at, by the same clock."""
    action: str | None = None
    """Its last action."""
    digest: str = ""
    acted_at: float = 0.0
    """When that began, by this host's monotonic clock."""
    repeats: int = 0
    """How often it was taken in a row."""
    actions: int = 0
    """Actions that were seen."""
    failed: bool | None = None
    """Whether the last action failed; None: it goes on, or its program does not tell."""
    failures: int = 0
    """How many of the equal actions in a row have failed, as far as its program tells."""
    usage: Usage | None = None
    """What its attempt has used; None: nobody has asked, since it has no limits."""
    counts: Counts | None = None
    """What the database counts of it; None: nobody has asked."""
    history: deque[Look] = field(default_factory=lambda: deque(maxlen=LONGEST_HISTORY))
    """The last looks, with their screens."""
    refusals: int = 0
    """How often in a row its model's server has refused its key."""
    refusal: str = ""
    """The server's words."""
    asks: str | None = None
    """The question at which it waits, by its program's own sign; None: it does not."""
    asks_in_words: bool = False
    """The sign tells the whole question, and not only that there is one."""
    limited_until: float | None = None
    """When the limit ends that its program shows, in seconds since 1970; None: it does not."""
    retries: bool = False
    """By its program's own sign, it may wait to ask its model's server again."""
    retry_looks: int = 0
    """Looks that this sign still brings: a program may draw the end of a limit after the retry."""
    unsure: bool = False
    """Its screen showed what one more look, soon after, confirms."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while signs are read, so that each counts once."""

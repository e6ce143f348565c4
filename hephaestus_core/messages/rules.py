"""When an unconfirmed message is tried again, and how many are read at once."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate, pairwise
from typing import Final
from uuid import UUID

from hephaestus_core.contract.quoting import Marks
from hephaestus_core.contract.senders import introduced
from hephaestus_core.contract.statuses import AgentStatus, SenderKind
from hephaestus_core.contract.texts import TEXT_LIMIT

MOST_PASTES: Final = 5
"""Most pastes of a message that is never confirmed.

After that the message waits for its agent to fetch it: each further paste might repeat a text that
has arrived.
"""

LOOPING_ANSWERS: Final = 10
"""Answers of two agents to each other within ``LOOP_TIME`` from which on they are a loop."""

LOOP_TIME: Final = timedelta(minutes=10)

RECEIVING: Final = (AgentStatus.WORKING, AgentStatus.IDLE)
"""Statuses of agents whose programs can take messages."""

UNDER_WAY: Final = timedelta(minutes=5)
"""Time for which a message counts as on its way to its agent.

What has not arrived by then may never: the program may take no input any more.
"""

_SHORTEST: Final = timedelta(seconds=30)
_LONGEST: Final = timedelta(minutes=10)


def pause_after(pastes: int) -> timedelta:
    """Return the pause after this many unconfirmed pastes, which may be 0."""
    return min(_SHORTEST * (1 << max(0, pastes - 1)), _LONGEST)


def pasted_text(message_id: UUID, text: str, *, sender: str, kind: SenderKind) -> str:
    """Return a message as it is pasted into a session.

    A line of ours says from whom it is. The text stands between marks of the message's own, which
    its author could not know, so no text can end them or pretend to be another message. They are
    the same at each paste, by which an agent knows a repetition.
    """
    marks = Marks(message_id.hex[:8])
    quoted = marks.quoted("message", text, limit=TEXT_LIMIT)
    return f"A message from {introduced(kind, sender)}:\n{quoted}"


def answers(senders: Sequence[object]) -> int:
    """Return how many of the messages between two senders, in order, answer the one before."""
    return sum(one != following for one, following in pairwise(senders))


def fitting(lengths: Sequence[int], most: int) -> int:
    """Return how many texts from the first on have at most ``most`` characters together.

    The first one always counts, since a longer one would block the rest.
    """
    return max(sum(total <= most for total in accumulate(lengths)), min(len(lengths), 1))

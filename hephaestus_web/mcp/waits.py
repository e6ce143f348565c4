"""Calls of tools that wait, on threads of their own: the others find a free thread meanwhile."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Final, TypeVar

from anyio import CapacityLimiter, to_thread

from hephaestus_web.live.permits import WAITING_CLIENTS
from hephaestus_web.mcp.identity import AgentDoor, PersonDoor

D = TypeVar("D", AgentDoor, PersonDoor)
T = TypeVar("T")

#: More threads than permits, for calls of the same tools that do not wait.
_WAITERS: Final = CapacityLimiter(WAITING_CLIENTS + 100)


async def waiting(own: D, seconds: float, wait: Callable[[D], T]) -> T:
    """Run ``wait`` on a thread; with a permit if it may take ``seconds``.

    Raises:
        Unavailable: all permits are held.
    """
    with own.permits.acquired() if seconds else nullcontext():
        return await to_thread.run_sync(wait, own, limiter=_WAITERS)

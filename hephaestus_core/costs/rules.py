"""Pure decisions about what turns used: what is believed, and how readings of one turn agree."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from hephaestus_core.contract.texts import plain
from hephaestus_core.costs.views import TOKENS, Tokens, Turn

#: Most turns of one attempt that the ledger keeps; an agent may invent as many as it likes.
MOST_TURNS: Final = 20_000
#: No program is believed a larger number of tokens, or of dollars, in one turn.
MOST_TOKENS: Final = 10**10
MOST_DOLLARS: Final = 10_000.0

_LONGEST: Final = 200


def believed(turn: Turn) -> Turn:
    """Return the turn fit for the ledger: what no program can have meant counts as nothing."""
    counts = (getattr(turn.tokens, name) for name in TOKENS)
    tokens = Tokens(*(number if 0 <= number <= MOST_TOKENS else 0 for number in counts))
    model = plain(turn.model[:_LONGEST]).strip() if turn.model else ""
    cost = turn.cost
    if cost is not None and not 0 <= cost <= MOST_DOLLARS:
        cost = None
    return replace(turn, key=_key(turn.key), tokens=tokens, model=model or None, cost=cost)


def latest(earlier: Turn, later: Turn) -> Turn:
    """Return one turn of two readings: the larger of each number, and the model that came first.

    Programs note a turn while it goes on, so numbers only grow. As the largest count, readings may
    come again and in any order.
    """
    numbers = (max(getattr(earlier.tokens, n), getattr(later.tokens, n)) for n in TOKENS)
    costs = [cost for cost in (earlier.cost, later.cost) if cost is not None]
    return replace(
        earlier,
        tokens=Tokens(*numbers),
        model=earlier.model or later.model,
        cost=max(costs, default=None),
    )


def by_key(turns: Iterable[Turn]) -> dict[str, Turn]:
    """Return the believed turns by key, each once, without those that used nothing."""
    found: dict[str, Turn] = {}
    for turn in map(believed, turns):
        if turn.tokens.total or turn.cost:
            found[turn.key] = latest(found[turn.key], turn) if turn.key in found else turn
    return found


def _key(key: str) -> str:
    if len(key) <= _LONGEST and key.isascii() and key.isprintable():
        return key
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()

"""Amounts of a budget."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.money import in_dollars
from hephaestus_core.contract.statuses import BudgetAction

#: Part of a budget from which on people are warned.
NEAR: Final = 0.8
#: Why a task is queued whose attempt was parked.
WAITS_FOR_BUDGET: Final = "waits for its budget"
#: The subject of the one budget of the day.
WHOLE_DAY: Final = UUID(int=0)
MOST_DOLLARS: Final = 1_000_000.0
MOST_TOKENS: Final = 10**15


@dataclass(frozen=True)
class Amount:
    """The most that may be used; None: as much as one likes."""

    dollars: float | None = None
    """Without tokens of models whose price is not known."""
    tokens: int | None = None
    """Of all kinds, those from a cache included."""

    def checked(self) -> "Amount":
        """Return the amount.

        Raises:
            InvalidInput: it names neither dollars nor tokens, or one that is out of bounds.
        """
        if self.dollars is None and self.tokens is None:
            raise InvalidInput("A budget needs dollars or tokens; name one or both.")
        if self.dollars is not None and not 0 < self.dollars <= MOST_DOLLARS:
            raise InvalidInput(
                f"'dollars' must be more than 0 and at most {MOST_DOLLARS:,.0f}.", field="dollars"
            )
        if self.tokens is not None and not 0 < self.tokens <= MOST_TOKENS:
            raise InvalidInput(f"'tokens' must be from 1 to {MOST_TOKENS}.", field="tokens")
        return self


@dataclass(frozen=True)
class LaunchBudget:
    """The budget of a new workflow."""

    most: Amount
    action: BudgetAction = BudgetAction.PARK


def in_words(dollars: float | None, tokens: int | None) -> str:
    """Return an amount in words: ``$5.00``, ``1,000 tokens`` or both."""
    said = [
        "" if dollars is None else in_dollars(dollars),
        "" if tokens is None else f"{tokens:,} tokens",
    ]
    return " or ".join(filter(None, said))

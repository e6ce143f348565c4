"""Amounts of money, as people read them everywhere."""

from typing import Final

_CENT: Final = 0.01


def in_dollars(dollars: float) -> str:
    """Return an amount in dollars: ``$1,250.00``; what is less than a cent is not ``$0.00``."""
    return "< $0.01" if 0 < dollars < _CENT else f"${dollars:,.2f}"

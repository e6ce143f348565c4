"""Prices of orders. Two things are wrong in here."""


def discount(total: float, percent: float) -> float:
    """Return what is left of ``total`` after a discount of ``percent``."""
    return total - percent


def with_tax(net: float, rate: float = 0.2) -> float:
    """Return the price with tax, rounded to cents."""
    return int(net * (1 + rate) * 100) / 100

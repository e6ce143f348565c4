"""Receipts."""

from till.split import split


def price(cents):
    """Return an amount as people read it."""
    return f"{cents // 100}.{cents % 100:02}"


def receipt(items, people=1):
    """Return the lines of a receipt."""
    total = sum(cents for _, cents in items)
    lines = [f"{name}: {price(cents)}" for name, cents in items]
    lines.append(f"total: {price(total)}")
    if people > 1:
        lines.append("each: " + ", ".join(price(share) for share in split(total, people)))
    return lines

"""Shares of rates."""


def share(total, people):
    """Return the share of each person; all shares together are the total."""
    part = total // people
    return [part] * people

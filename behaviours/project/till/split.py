"""Bills that several people pay."""


def split(total, people):
    """Return the share of each person; all shares together are the total."""
    share = total // people
    return [share] * people

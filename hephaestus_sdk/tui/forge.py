"""The animated forge at the top of the terminal interface."""

_FLAMES = (
    (r"    (  .   )    ", r"   ) ( ) (  .   ", r"  ( ) ) ( ( )   "),
    (r"   .  ) (       ", r"   ( ( ) ) (    ", r"  ) ( ( ) ) (   "),
    (r"     ) .  (     ", r"  . ( ( ) ) .   ", r"  ( ( ) ( ) )   "),
    (r"    . (  )      ", r"    ) ) ( ( .   ", r"  ) ) ( ) ( (   "),
)
_HEARTH = (r" /###########\  ", r" |##|#####|##|  ", r" |__|_____|__|  ")
_ANVIL = (
    "      ___       ",
    "     |___|==    ",
    "  ____ | ______ ",
    r"  \___________|/",
    "     |     |    ",
    r"    /_______\   ",
)
_NAME = (
    "",
    "H E P H A E S T U S",
    "",
    "{workflows} workflows   {tasks} tasks",
    "{agents} agents at work",
    "{events}",
)

FRAMES = len(_FLAMES)


def forge(
    frame: int, *, workflows: int = 0, tasks: int = 0, agents: int = 0, events: str = ""
) -> str:
    """Return one frame, with the status lines beside it."""
    fire = (*_FLAMES[frame % FRAMES], *_HEARTH)
    words = [
        line.format(workflows=workflows, tasks=tasks, agents=agents, events=events)
        for line in _NAME
    ]
    return "\n".join(
        f"{left}{middle}   {right}" for left, middle, right in zip(fire, _ANVIL, words, strict=True)
    )

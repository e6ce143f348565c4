"""The animated forge that the terminal interface begins with."""

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
_NAME = "H E P H A E S T U S"

FRAMES = len(_FLAMES)


def forge(frame: int, *lines: str) -> str:
    """Return one frame; below the name are up to three lines."""
    fire = (*_FLAMES[frame % FRAMES], *_HEARTH)
    words = ["", _NAME, "", *lines[:3], "", "", ""]
    return "\n".join(
        f"{left}{middle}   {right}".rstrip()
        for left, middle, right in zip(fire, _ANVIL, words, strict=False)
    )

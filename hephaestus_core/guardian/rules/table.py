"""All rules in the order in which they are asked."""

from typing import Final

from hephaestus_core.guardian.rules import endings
from hephaestus_core.guardian.rules.situation import Rule

RULES: Final = (
    Rule(
        "reported",
        "An agent that has reported its task only waits for its end.",
        "at once",
        (),
        endings.reported,
    ),
    Rule(
        "died",
        "Nobody works on the task any more; what was saved is the start of the next try.",
        "two looks that see no process",
        ("minimum_age",),
        endings.died,
    ),
)

"""Rules about programs that wait for a person's answer."""

from hephaestus_core.guardian.observation import Act, Label
from hephaestus_core.guardian.rules.situation import Finding, Situation, lines
from hephaestus_core.guardian.screens.faults import Fault, kind
from hephaestus_core.guardian.screens.screen import State

#: Lines at the end of a dialog that are shown: what it is about stands above the choices.
_MOST_LINES = 14


def asks(situation: Situation) -> Finding | None:
    """Find a question, plan, permission or login that stands at the program's own place."""
    screen = situation.screen
    if situation.state is not State.ASKS:
        return None
    if kind(screen.error) is Fault.LIMIT:
        return Finding(
            Label.LIMITED, Act.PARK, lines(screen.error), until=situation.last.limited_until
        )
    return Finding(
        Label.ASKING, Act.ASK, lines(*screen.dialog[-_MOST_LINES:]) or ("its program says so",)
    )

"""How an agent stands, in one word for people: pure functions, ``now`` passed in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hephaestus_core.agents.board import AgentRow
from hephaestus_core.contract.signs import Sign, sign_of_agent
from hephaestus_core.contract.statuses import AgentStatus
from hephaestus_core.guardian.observation import Label


@dataclass(frozen=True)
class Standing:
    """How an agent stands."""

    word: str
    sign: Sign


#: Words for verdicts, the most urgent first.
VERDICTS: Final = {
    Label.ASKING: "asks",
    Label.HUNG: "stuck",
    Label.LOOPING: "looping",
    Label.FAILING: "same error",
    Label.DEAD: "dead",
    Label.NEVER_STARTED: "not started",
    Label.CONTEXT_FULL: "context full",
    Label.UNKNOWN: "not seen",
    Label.IDLE: "idle",
    Label.DRIFTING: "drifting",
    Label.LIMITED: "limited",
    Label.LONG_COMMAND: "long command",
    Label.WORKING: "working",
}
_FINE: Final = "called fine"
#: Words in the order in which people want to see them.
ORDER: Final = (*VERDICTS.values(), _FINE, AgentStatus.STARTING, AgentStatus.STOPPING)


def standing(row: AgentRow, now: datetime) -> Standing:
    """Return how an agent stands: by its status, else by the Guardian's newest verdict."""
    failed = row.failure_class is not None
    fine = row.fine_until is not None and row.fine_until > now
    sign = sign_of_agent(row.status, row.verdict, failed=failed, fine=fine)
    return Standing(_word(row, sign, fine=fine), sign)


def _word(row: AgentRow, sign: Sign, *, fine: bool) -> str:
    if row.status == AgentStatus.FINISHED and sign == Sign.FAILED:
        return "failed"
    if row.status not in {AgentStatus.WORKING, AgentStatus.IDLE} or row.verdict not in VERDICTS:
        return str(row.status)
    verdict = Label(row.verdict)
    well = verdict in {Label.WORKING, Label.LONG_COMMAND}
    return _FINE if fine and not well and sign == Sign.AT_WORK else VERDICTS[verdict]

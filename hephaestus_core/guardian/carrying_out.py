"""The acts of the ladder on a locked agent; every function joins the open transaction."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy.orm import Session

from hephaestus_core.agents.views import Trouble
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.statuses import InterventionAction as Do
from hephaestus_core.guardian import interventions
from hephaestus_core.guardian.ending import end
from hephaestus_core.guardian.handing_over import hand_over, parked_words
from hephaestus_core.guardian.models import Intervention
from hephaestus_core.guardian.observation import Verdict
from hephaestus_core.guardian.steering import words
from hephaestus_core.questions.asking import park_for_person

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent
    from hephaestus_core.tasks.models import Task

#: How an attempt fails that is ended by an act. After a transient failure the conversation goes on.
_FAILURES: Final = {
    Do.RESTART: FailureClass.TRANSIENT,
    Do.RENEW: FailureClass.AGENT_FAULT,
    Do.NEXT_PROGRAM: FailureClass.AGENT_FAULT,
    Do.RETRY: FailureClass.AGENT_FAULT,
    Do.WAIT: FailureClass.QUOTA,
}
#: Failures of a program at its provider, by the rule that found them.
_OF_PROVIDERS: Final = {
    "key_refused": FailureClass.PERMANENT,
    "provider_fails": FailureClass.TRANSIENT,
    "never_started": FailureClass.TRANSIENT,
}


def carry_out(
    session: Session,
    task: "Task",
    agent: "Agent",
    verdict: Verdict,
    action: Do,
    earlier: Sequence[Intervention],
    *,
    hours: float,
) -> Intervention | None:
    """Take an act on a locked agent at its locked task, and record it; None: it cannot be taken.

    Args:
        earlier: what was done at the task before, oldest first.
        hours: until a question to a person expires.
    """
    text: str | None = None
    if action in {Do.STEER, Do.STEER_OTHERWISE, Do.INTERRUPT}:
        text = words(action, verdict.label, verdict.rule)
    elif action == Do.PARK:
        text = parked_words(verdict, [each.action for each in earlier])
        if park_for_person(session, task, agent, text, hours=hours) is None:
            return None
    else:
        if action == Do.RETRY:
            agent.goes_back_to = interventions.last_good_commit(session, agent, earlier)
        end(session, agent, _trouble(verdict, action))
    return interventions.add(
        session,
        agent,
        action,
        cause=verdict.label,
        key=verdict.rule,
        evidence=verdict.evidence,
        text=text,
        # The message about an interruption follows it.
        message=action in {Do.STEER, Do.STEER_OTHERWISE},
    )


def _trouble(verdict: Verdict, action: Do) -> Trouble:
    until = None if verdict.until is None else datetime.fromtimestamp(verdict.until, UTC)
    return Trouble(
        _OF_PROVIDERS.get(verdict.rule, _FAILURES[action]),
        hand_over(verdict, action),
        until=until if action == Do.WAIT else None,
        program_failed=action in {Do.NEXT_PROGRAM, Do.WAIT},
    )

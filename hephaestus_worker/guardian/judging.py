"""Has a model judge those agents of this host whose situation has changed.

It comes after the sweep, apart from it: a model that is slow or away delays no rule.
"""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from threading import Event
from typing import Final

from hephaestus_core.agents import hosting
from hephaestus_core.contract.llm import CallKind, LlmOutcome
from hephaestus_core.contract.statuses import AgentStatus, TaskStatus
from hephaestus_core.db.engine import AWAY
from hephaestus_core.guardian import judging
from hephaestus_core.guardian.judging import Case, Sighted
from hephaestus_core.hosts.rules import incomplete_judging
from hephaestus_core.logging import log_event
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.host.side_by_side import each

logger = logging.getLogger(__name__)

#: Calls at once.
_AT_ONCE: Final = 20
#: Seconds for all calls of a round together; who was not asked by then is due again at the next.
_ROUND_SECONDS: Final = 45.0
_WATCHED: Final = {AgentStatus.WORKING, AgentStatus.IDLE}
#: Outcomes that the next call of this round would have as well.
_HALTING: Final = frozenset(LlmOutcome) - {
    *(LlmOutcome.ANSWERED, LlmOutcome.REFUSED, LlmOutcome.TRUNCATED, LlmOutcome.OFF_SCHEMA),
}
_SWITCHED_OFF: Final = (
    LlmOutcome.NOT_CONFIGURED,
    "The setting 'trajectory_calls_per_hour' is 0.",
)
#: An outcome, and a sentence for people.
_Outcome = tuple[LlmOutcome, str]


def judge_agents(machine: Machine) -> None:
    """Have a model judge the agents that are due, and record how that went.

    One round at a time. Without a model nothing is read or sent.
    """
    with machine.busy.try_acquire("judging") as mine:
        if mine:
            _judge(machine)


def _judge(machine: Machine) -> None:
    if (missing := _missing(machine)) is not None:
        _note(machine, missing[0], f"Rules alone judge agents. {missing[1]}")
        return
    sighted = _sighted(machine)
    most = machine.settings.trajectory_calls_per_hour
    cases = judging.due_cases(machine.db, sighted, calls_per_hour=most) if sighted else []
    if not cases:
        return
    known = judging.last_outcome(machine.db, machine.name)[0]
    came = _ask_all(machine, cases, careful=known not in {None, LlmOutcome.ANSWERED})
    judging.forget_oldest(machine.db, cases)
    judged = sum(outcome is LlmOutcome.ANSWERED for outcome, _ in came)
    outcome, reason = _commonest(came)
    _note(machine, outcome, incomplete_judging(len(cases), judged, reason))


def _missing(machine: Machine) -> _Outcome | None:
    """Return why no model can be asked on this host, as far as that is known without a call."""
    if machine.settings.trajectory_calls_per_hour == 0:
        return _SWITCHED_OFF
    return machine.llm.obstacle(CallKind.TRAJECTORY)


def _sighted(machine: Machine) -> list[Sighted]:
    """Return what the sweep has seen of the agents that may be judged."""
    found = []
    for agent in hosting.agents_of(machine.db, machine.name):
        sight = machine.sights.get(agent.id)
        at_work = not agent.ended and agent.status in _WATCHED
        if sight is None or not at_work or agent.task_status == TaskStatus.UNDER_REVIEW:
            continue
        found.append(
            Sighted(
                agent_id=agent.id,
                program=machine.program(agent.program).name,
                screen=sight.screen,
                actions=sight.actions,
                action=sight.digest,
            )
        )
    return found


def _ask_all(machine: Machine, cases: Sequence[Case], *, careful: bool) -> list[_Outcome]:
    """Ask about each case, some at once; return the outcomes.

    Args:
        careful: the last round failed, so the others are asked about once the first is answered.
    """
    came: list[_Outcome] = []
    halted = Event()
    ask = partial(_ask, machine, came, halted)
    end = time.monotonic() + _ROUND_SECONDS
    for part in (cases[:1], cases[1:]) if careful else (cases,):
        each(ask, part, threads=_AT_ONCE, seconds=end - time.monotonic())
        if not came or came[0][0] is not LlmOutcome.ANSWERED:
            break
    return list(came)  # a call that is late does not change it any more


def _ask(machine: Machine, came: list[_Outcome], halted: Event, case: Case) -> None:
    if halted.is_set():
        return
    try:
        reply = judging.judge(machine.db, machine.llm, case)
    except AWAY as error:
        came.append((LlmOutcome.UNAVAILABLE, "The database did not answer."))
        log_event(logger, "agent_not_judged", agent_id=case.sighted.agent_id, reason=error)
        return
    except Exception as error:
        came.append((LlmOutcome.UNAVAILABLE, f"It broke off with {type(error).__name__}."))
        logger.exception("agent_not_judged agent_id=%s", case.sighted.agent_id)
        return
    came.append((reply.outcome, reply.detail))
    if reply.outcome in _HALTING:
        halted.set()


def _commonest(came: Sequence[_Outcome]) -> _Outcome:
    """Return the failure that most calls have had, or the answer if there was no failure."""
    failed = [each for each in came if each[0] is not LlmOutcome.ANSWERED]
    if not failed and came:
        return LlmOutcome.ANSWERED, "The others are asked about at the next sweep."
    late = (LlmOutcome.TIMED_OUT, "No call ended in time.")
    return Counter(failed).most_common(1)[0][0] if failed else late


def _note(machine: Machine, outcome: LlmOutcome, detail: str | None) -> None:
    """Record how the calls went, unless that is known; a rest after a failure is no news."""
    before = judging.last_outcome(machine.db, machine.name)
    resting = outcome is LlmOutcome.RESTING and before[0] not in {None, LlmOutcome.ANSWERED}
    if before == (outcome, detail) or resting:
        return
    judging.note_outcome(machine.db, machine.name, outcome, detail)
    log_event(logger, "agents_judged", host=machine.name, outcome=outcome, detail=detail)

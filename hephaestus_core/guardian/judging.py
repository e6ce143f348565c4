"""Use cases of judgements on agents by a model: who is due, the call, and how it went.

The rules go on whatever comes of these calls. Nobody is steered without a whole answer, and never
in a model's own words.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.agents import watches
from hephaestus_core.contract.llm import CallKind, LlmOutcome
from hephaestus_core.contract.statuses import InterventionEffect
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.guardian import interventions, news
from hephaestus_core.guardian.acting import record_effect, steer
from hephaestus_core.guardian.material import Course, Subject, background, material, proof_in
from hephaestus_core.guardian.observation import Label
from hephaestus_core.guardian.screens.reading import read
from hephaestus_core.guardian.steering import words_on_the_way
from hephaestus_core.hosts import sweeps
from hephaestus_core.llm.service import Llm
from hephaestus_core.llm.views import Question, Reply
from hephaestus_core.messages.told import newest_told, told_counts
from hephaestus_core.tasks import store as tasks
from hephaestus_core.trajectories import rules, store
from hephaestus_core.trajectories.rules import Seen, Trajectory
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent
    from hephaestus_core.agents.views import Watch
    from hephaestus_core.tasks.models import Task
    from hephaestus_core.trajectories.views import TrajectoryView
    from hephaestus_core.workflows.models import Phase, Workflow

#: Earlier judgements and messages of people that a model is told.
_MOST_PAST: Final = 5
_MOST_TOLD: Final = 10
#: Cause of every message that a model wants; the ladder leaves its effect to the next judgement.
_CAUSE: Final = Label.DRIFTING
#: Outcomes that may have cost tokens: the same situation is not judged a second time.
_CHARGED: Final = frozenset(
    {
        LlmOutcome.ANSWERED,
        LlmOutcome.TIMED_OUT,
        LlmOutcome.REFUSED,
        LlmOutcome.TRUNCATED,
        LlmOutcome.OFF_SCHEMA,
    }
)


@dataclass(frozen=True, kw_only=True)
class Sighted:
    """What a host has seen of an agent, beside what it has stored."""

    agent_id: UUID
    program: str
    screen: str
    actions: int
    """How many it has taken, as far as its program tells them."""
    action: str
    """Digest of the last one."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """An agent whose situation has changed in a way that matters."""

    sighted: Sighted
    seen: Seen
    question: Question[Trajectory]
    was_steered: bool
    """The effect of a message for an earlier judgement is not known yet."""


def due_cases(db: Database, sighted: Sequence[Sighted], *, calls_per_hour: int) -> list[Case]:
    """Return the agents that a model should judge, the most urgent first; nothing is sent.

    What all are asked about is read at once: one at a time it costs more than the calls.

    Args:
        calls_per_hour: most such calls of the whole system within any hour.
    """
    ids = [each.agent_id for each in sighted]
    with db.reading() as session:
        now = database_now(session)
        found = {agent.id: agent for agent in agents.of_ids(session, ids)}
        known = watches.watches_of(session, ids)
        told = told_counts(session, {agent.task_id for agent in found.values()})
        before = store.last_seen(session, ids)
        due: list[tuple[Any, _Due]] = []
        for each in sighted:
            agent = found[each.agent_id]
            watch = known.get(agent.id)
            seen = _seen(each, agent, watch, told.get(agent.task_id, 0))
            asked_at, last = before.get(agent.id, (agent.running_at or now, None))
            seconds = (now - asked_at).total_seconds()
            if news.is_due(last, seen, seconds=seconds):
                key = news.urgency(last, seen, seconds=seconds)
                due.append((key, _Due(each, agent, watch, seen)))
        urgent_first = [one for _, one in sorted(due, key=lambda pair: pair[0])]
        return _cases(session, urgent_first, now, calls_per_hour) if due else []


@dataclass(frozen=True)
class _Due:
    """An agent that is to be judged, as far as the decision about that needed it."""

    sighted: Sighted
    agent: "Agent"
    watch: "Watch | None"
    seen: Seen


def _cases(session: Session, due: Sequence[_Due], now: datetime, calls_per_hour: int) -> list[Case]:
    """Return what a model is asked about each agent: one statement reads each table for all."""
    ids = [one.agent.id for one in due]
    task_of = tasks.of_ids(session, {one.agent.task_id for one in due})
    past = store.past_of(session, ids, limit=_MOST_PAST)
    steered = interventions.with_open(session, ids, _CAUSE)
    origins = {one.agent.workflow_id for one in due}
    known = {each: _Known.of(session, each) for each in origins}
    return [
        Case(
            sighted=one.sighted,
            seen=one.seen,
            question=Question(
                kind=CallKind.TRAJECTORY,
                instructions=_instructions(),
                background=background(
                    _subject(task_of[one.agent.task_id], known[one.agent.workflow_id])
                ),
                material=material(_course(session, one, past.get(one.agent.id, []), now)),
                answer=Trajectory,
                workflow_id=one.agent.workflow_id,
                calls_per_hour=calls_per_hour,
            ),
            was_steered=one.agent.id in steered,
        )
        for one in due
    ]


@dataclass(frozen=True)
class _Known:
    """A workflow and its phases."""

    workflow: "Workflow"
    phases: "Sequence[Phase]"

    @classmethod
    def of(cls, session: Session, workflow_id: UUID) -> "_Known":
        """Read a workflow; there are few beside their agents."""
        return cls(workflows.get(session, workflow_id), workflows.phases(session, workflow_id))


def judge(db: Database, llm: Llm, case: Case) -> Reply[Trajectory]:
    """Have a model judge an agent, and keep its answer; return what came of the call.

    Args:
        db: no transaction of the caller may be open.
        llm: answers within the seconds of its assignment.
        case: from :func:`due_cases`.
    """
    kept: list[Trajectory] = []

    def keep(session: Session, reply: Reply[Trajectory]) -> None:
        if reply.outcome in _CHARGED and (answer := _keep(session, case, reply)) is not None:
            kept.append(answer)

    reply = llm.ask(case.question, keep)
    for answer in kept:
        _act_on(db, case.sighted.agent_id, answer, was_steered=case.was_steered)
    return reply


def forget_oldest(db: Database, cases: Sequence[Case]) -> None:
    """Forget the oldest judgements on agents that nothing needs any more."""
    with db.transaction() as session:
        store.forget_oldest(session, [case.sighted.agent_id for case in cases])


def note_outcome(db: Database, host: str, outcome: LlmOutcome, detail: str | None) -> None:
    """Record what came of a host's last calls.

    Args:
        detail: why not all of them were answered; None: they were.
    """
    with db.transaction() as session:
        sweeps.note_judging(session, host, outcome, detail)


def last_outcome(db: Database, host: str) -> tuple[LlmOutcome | None, str | None]:
    """Return what was recorded last by :func:`note_outcome`."""
    with db.reading() as session:
        return sweeps.judging_of(session, host)


def _keep(session: Session, case: Case, reply: Reply[Trajectory]) -> Trajectory | None:
    """Keep an answer; return what is kept of it."""
    shown = proof_in(case.question.material)
    answer = None if reply.answer is None else rules.kept(reply.answer, shown)
    sampled = rules.is_sampled(answer, random.random())
    store.add(session, case.sighted.agent_id, case.seen, reply, answer, sampled=sampled)
    return answer


def _act_on(db: Database, agent_id: UUID, answer: Trajectory, *, was_steered: bool) -> None:
    """Follow up what was sent before; steer the agent, once for each kind of trouble."""
    steers = answer.steering_type is not None
    if was_steered and (steers or answer.alignment >= rules.ON_ITS_WAY):
        effect = InterventionEffect.NONE if steers else InterventionEffect.HEADWAY
        record_effect(db, agent_id, cause=_CAUSE, effect=effect)
    if answer.steering_type is None:
        return
    text = words_on_the_way(answer.steering_type)
    if text is None:
        return
    evidence = [answer.evidence, answer.steering_text]
    key = str(answer.steering_type)
    if steer(db, agent_id, text, cause=_CAUSE, key=key, evidence=evidence):
        with db.transaction() as session:
            store.mark_steered(session, agent_id)


def _subject(task: "Task", known: _Known) -> Subject:
    workflow, phases = known.workflow, known.phases
    phase = next((each.spec for each in phases if each.phase_id == task.phase_id), None)
    return Subject(
        workflow=f"{workflow.title}\n{workflow.description}",
        task=f"{task.title}\n\n{task.description}",
        done_when=task.done_definition,
        phase="" if phase is None else _phase(phase),
        phases="\n".join(f"{each.phase_id} {each.name}" for each in phases),
    )


def _phase(spec: dict[str, Any]) -> str:
    done = "\n".join(f"- {each}" for each in spec["done_definitions"])
    return f"{spec['id']} {spec['name']}\n\n{spec['description']}\n\nDone when:\n{done}"


def _course(session: Session, one: _Due, past: "Sequence[TrajectoryView]", now: datetime) -> Course:
    agent, watch, seen = one.agent, one.watch, one.seen
    evidence = "" if watch is None else "; ".join(watch.evidence)
    return Course(
        told=newest_told(session, agent.task_id, limit=_MOST_TOLD) if seen.told else [],
        past=past,
        verdict=f"{seen.verdict} ({evidence})" if evidence else str(seen.verdict),
        last_tool=None if watch is None else watch.last_tool,
        repeats=0 if watch is None else watch.repeats,
        actions=seen.actions,
        minutes=_minutes(agent.running_at, now),
        saved=agent.checkpoint_commit is not None,
        screen=one.sighted.screen,
    )


def _seen(sighted: Sighted, agent: "Agent", watch: "Watch | None", told: int) -> Seen:
    said = read(sighted.program, sighted.screen).said
    return Seen(
        verdict=None if watch is None else watch.verdict,
        actions=sighted.actions,
        action=sighted.action,
        said=sha256(said.encode("utf-8", "replace")).hexdigest()[:16] if said.strip() else "",
        commit=agent.checkpoint_commit,
        told=told,
    )


def _minutes(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else (now - since).total_seconds() / 60


@cache
def _instructions() -> str:
    return (files(__package__) / "judging.md").read_text(encoding="utf-8")

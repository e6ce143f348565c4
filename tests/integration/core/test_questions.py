"""Agents ask people: they go on or end until the answer, which reaches them in every case."""

import pytest
from sqlalchemy import text

from hephaestus_core.agents import hosting, leases
from hephaestus_core.agents.service import get_agent
from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.contract.errors import Conflict, InvalidInput, StaleAttempt, TransitionRefused
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.messages import service as messages
from hephaestus_core.questions import service as questions
from hephaestus_core.questions.asking import ask
from hephaestus_core.questions.rules import ANSWER_LIMIT, QUESTION_LIMIT
from hephaestus_core.questions.views import QuestionView
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tasks.views import TaskView
from tests.engine import Engine

DATABASE = "Which database?"
CRASH = Trouble(FailureClass.TRANSIENT, "it was killed")


@pytest.fixture
def asking(engine: Engine) -> Engine:
    engine.with_host("a", slots=1)
    engine.start_workflow()
    return engine


def at_work(engine: Engine) -> tuple[TaskView, AgentView]:
    task = engine.create()
    return task, engine.run(engine.claimed())


def asked(engine: Engine, agent: AgentView, text: str = DATABASE, **how: object) -> QuestionView:
    return ask(engine.db, agent.id, text, **{"hours": 24, **how})  # type: ignore[arg-type]


def parked(engine: Engine) -> tuple[TaskView, AgentView, QuestionView]:
    task, agent = at_work(engine)
    question = asked(engine, agent, wait=True)
    engine.end(agent, conversation="the-conversation")
    return task, agent, question


def answered(engine: Engine, question: QuestionView, answer: str = "Postgres") -> QuestionView:
    return questions.answer(engine.db, question.id, answer=answer, by="alice")


def unread(engine: Engine, agent: AgentView) -> list[str]:
    return [message.text for message in messages.take_unread(engine.db, agent.id)[0]]


def prompt_of(engine: Engine, agent: AgentView) -> str:
    return hosting.launch_plan(engine.db, agent.id).prompt


def let_expire(engine: Engine) -> int:
    with engine.db.transaction() as session:
        session.execute(text("UPDATE questions SET expires_at = now() - interval '1 second'"))
    return questions.expire(engine.db)


def condition(engine: Engine) -> tuple[str, str | None]:
    found = lifecycle.get_workflow(engine.db, engine.workflow_id).condition
    return found.name, found.cause


def test_an_agent_that_goes_on_gets_the_answer_as_a_message_of_a_person(asking: Engine) -> None:
    task, agent = at_work(asking)
    question = asked(asking, agent, options=["Postgres", "SQLite"])
    assert condition(asking) == ("waits_for_you", "question")
    assert asking.status(task) == "in_progress"

    questions.answer(asking.db, question.id, option=2, by="alice")

    [message] = messages.take_unread(asking.db, agent.id)[0]
    assert (message.sender, message.sender_kind) == ("alice", "person")
    assert message.text.startswith("SQLite\n")
    assert condition(asking) == ("at_work", None)
    assert [e.type for e in asking.events() if e.type.startswith("question.")] == [
        "question.asked",
        "question.answered",
    ]


def test_a_task_that_waits_holds_no_slot_and_goes_on_first_with_its_conversation(
    asking: Engine,
) -> None:
    task, agent, question = parked(asking)
    assert (asking.status(task), condition(asking)) == ("blocked", ("waits_for_you", "question"))
    other, urgent = asking.create(priority="high"), asking.create(priority="critical")
    meanwhile = asking.claimed()
    assert meanwhile.task_id == urgent.id, "the only slot is free"
    asking.finish(asking.run(meanwhile))

    answered(asking, question)

    second = asking.claimed()
    assert (second.task_id, second.resumes_id) == (task.id, agent.id)
    prompt = prompt_of(asking, second)
    assert DATABASE in prompt
    assert "answer of alice, a person, whose instructions you follow" in prompt
    assert "\nPostgres\n" in prompt
    asking.finish(asking.run(second))
    assert (asking.status(task), asking.status(other)) == ("done", "queued")


def test_waiting_often_does_not_end_the_conversation(asking: Engine) -> None:
    task, agent = at_work(asking)
    for number in range(5):
        question = asked(asking, agent, f"Number {number}?", wait=True)
        asking.end(agent, conversation="the-conversation")
        answered(asking, question, f"answer {number}")
        following = asking.claimed()
        assert following.resumes_id == agent.id
        told = [n for n in range(5) if f"answer {n}" in prompt_of(asking, following)]
        assert told == [number], "the conversation knows the others"
        agent = asking.run(following)
    asking.finish(agent)
    assert asking.status(task) == "done"


def test_an_answer_that_comes_before_the_end_of_the_attempt_queues_the_task_at_once(
    asking: Engine,
) -> None:
    task, agent = at_work(asking)
    question = asked(asking, agent, wait=True)
    answered(asking, question)
    assert asking.status(task) == "in_progress"
    asking.end(agent)
    assert asking.status(task) == "queued"
    assert "Postgres" in prompt_of(asking, asking.claimed())


def test_the_answer_to_an_agent_that_died_goes_to_the_next_attempt(asking: Engine) -> None:
    _, agent = at_work(asking)
    question = asked(asking, agent)
    asking.end(agent, failure=CRASH)
    answered(asking, question)
    second = claimed_now(asking)
    assert [text.split("\n")[0] for text in unread(asking, asking.run(second))] == ["Postgres"]


def test_a_host_that_is_lost_while_its_agent_ends_leaves_the_task_waiting(asking: Engine) -> None:
    task, agent = at_work(asking)
    question = asked(asking, agent, wait=True)
    lose_host(asking)
    assert asking.status(task) == "blocked"
    asking.with_host("b")
    answered(asking, question)
    second = asking.claimed("b")
    assert second.resumes_id is None
    assert "Postgres" in prompt_of(asking, second)


def test_a_host_that_shuts_down_and_a_program_that_fails_do_not_undo_the_wait(
    asking: Engine,
) -> None:
    task, agent = at_work(asking)
    asked(asking, agent, wait=True)
    hosting.record_interrupted(asking.db, agent.id)
    asking.end(agent, failure=Trouble(FailureClass.AGENT_FAULT, "exit status 1"))
    assert asking.status(task) == "blocked"
    assert tasks.get_task(asking.db, task.id).failure_reason is None


def test_work_that_could_not_be_saved_is_not_waited_for(asking: Engine) -> None:
    task, agent = at_work(asking)
    question = asked(asking, agent, wait=True)
    asking.end(agent, commit=None, lost="the worktree is gone")
    assert asking.status(task) == "queued"
    second = asking.run(claimed_now(asking))
    answered(asking, question)
    assert len(unread(asking, second)) == 1


def test_a_killed_attempt_that_asks_again_asks_once(asking: Engine) -> None:
    _, agent = at_work(asking)
    first = asked(asking, agent)
    assert asked(asking, agent).id == first.id, "the answer was lost on its way"
    asking.end(agent, failure=CRASH)
    second = asking.run(claimed_now(asking))
    assert asked(asking, second).id == first.id
    answered(asking, first)
    asking.end(second, failure=CRASH)
    third = asking.run(claimed_now(asking))
    assert asked(asking, third, wait=True).answer == "Postgres"
    assert get_agent(asking.db, third.id).status == "working", "there is nothing to wait for"
    assert asked(asking, third, "And which version?").id != first.id
    assert len(asking.events("question.asked")) == 2


def test_what_nobody_answers_expires_and_the_agent_decides(asking: Engine) -> None:
    task, agent, question = parked(asking)
    assert questions.expire(asking.db) == 0
    assert let_expire(asking) == 1
    assert let_expire(asking) == 0
    second = asking.claimed()
    assert (second.task_id, second.resumes_id) == (task.id, agent.id)
    assert "Nobody answered in time" in prompt_of(asking, second)
    asking.run(second)
    asked(asking, second, "Anything else?")
    assert let_expire(asking) == 1
    [told] = messages.take_unread(asking.db, second.id)[0]
    assert told.sender_kind == "system"
    assert "decide yourself" in told.text
    with pytest.raises(Conflict, match="it has expired"):
        answered(asking, question)


@pytest.mark.parametrize("how", ["task", "workflow", "done"])
def test_a_question_ends_with_its_task(asking: Engine, how: str) -> None:
    if how == "done":
        _, agent = at_work(asking)
        question = asked(asking, agent)
        asking.finish(agent)
    else:
        task, _, question = parked(asking)
        if how == "task":
            tasks.cancel_task(asking.db, task.id)
        else:
            lifecycle.stop_workflow(asking.db, asking.workflow_id)
        assert asking.status(task) == "cancelled"
    assert questions.get_question(asking.db, question.id).status == "cancelled"
    with pytest.raises(Conflict, match="its task has ended"):
        answered(asking, question)


def test_a_report_of_done_counts_more_than_the_wait(asking: Engine) -> None:
    task, agent = at_work(asking)
    asked(asking, agent, wait=True)
    asking.finish(agent)
    assert asking.status(task) == "done"


def test_what_cannot_be_asked_or_answered_is_refused(asking: Engine) -> None:
    _, agent = at_work(asking)
    question = asked(asking, agent, options=["yes", "no"])
    for given in ({}, {"option": 3}, {"answer": " "}, {"answer": "x", "option": 1}):
        with pytest.raises(InvalidInput):
            questions.answer(asking.db, question.id, by="alice", **given)
    for options in (["one"], ["a", "a "], ["x", ""], ["x", "y" * 501]):
        with pytest.raises(InvalidInput):
            asked(asking, agent, options=options)
    for number in range(4):
        asked(asking, agent, f"Number {number}?")
    with pytest.raises(Conflict, match="5 open questions"):
        asked(asking, agent, "One more?")
    answered(asking, question)
    with pytest.raises(Conflict, match="alice has answered it: Postgres"):
        answered(asking, question, "SQLite")
    asking.report_done(agent)
    with pytest.raises(TransitionRefused, match="reported your task done"):
        asked(asking, agent, "Really?")
    asking.end(agent)
    with pytest.raises(StaleAttempt):
        asked(asking, agent, "Too late?")


def test_a_host_that_is_lost_after_a_report_of_one_that_waits_loses_all_attempts(
    asking: Engine,
) -> None:
    task, agent = at_work(asking)
    asked(asking, agent, wait=True)
    asking.report_done(agent)
    lose_host(asking)
    assert asking.status(task) == "queued"


def test_uncommitted_work_of_one_that_waits_and_has_reported_goes_on(asking: Engine) -> None:
    task, agent = at_work(asking)
    asked(asking, agent, wait=True)
    asking.report_done(agent)
    asking.end(agent, uncommitted=True)
    assert asking.status(task) == "queued"


def test_a_repeated_call_of_one_that_waits_asks_nobody_again(asking: Engine) -> None:
    task, agent = at_work(asking)
    question = asked(asking, agent, wait=True)
    answered(asking, question)
    for anew in (False, True):
        again = asked(asking, agent, wait=True, anew=anew)
        assert (again.id, again.answer) == (question.id, "Postgres")
    asking.end(agent)
    assert asking.status(task) == "queued"


@pytest.mark.parametrize("outcome", ["answered", "expired"])
def test_who_asks_again_before_the_outcome_arrives_gets_it_at_once(
    asking: Engine, outcome: str
) -> None:
    _, agent = at_work(asking)
    question = asked(asking, agent)
    if outcome == "answered":
        answered(asking, question)
    else:
        let_expire(asking)
    again = asked(asking, agent, wait=True)
    assert (again.id, again.status) == (question.id, outcome)
    assert get_agent(asking.db, agent.id).status == "working"
    unread(asking, agent)
    assert asked(asking, agent).id != question.id, "it may ask the same at another point"


def test_the_longest_answer_arrives_and_a_longer_one_is_refused(asking: Engine) -> None:
    _, agent = at_work(asking)
    question = asked(asking, agent, "?" * QUESTION_LIMIT)
    with pytest.raises(InvalidInput, match="'answer' has"):
        answered(asking, question, "x" * (ANSWER_LIMIT + 1))
    answered(asking, question, "x" * ANSWER_LIMIT)
    assert unread(asking, agent)[0].startswith("x" * ANSWER_LIMIT)


def test_an_answer_outlives_an_attempt_that_died_before_it_did_anything(asking: Engine) -> None:
    _, _, question = parked(asking)
    answered(asking, question)
    for _ in range(2):
        died = asking.run(asking.claimed())
        asking.end(died, failure=CRASH, conversation="the-conversation")
        with asking.db.transaction() as session:
            session.execute(text("UPDATE tasks SET due_at = NULL"))
    following = asking.claimed()
    assert following.resumes_id == died.id
    assert "Postgres" in prompt_of(asking, following)


def lose_host(engine: Engine) -> None:
    with engine.db.transaction() as session:
        session.execute(text("UPDATE hosts SET lease_expires_at = now() - interval '1 minute'"))
        session.execute(text("UPDATE agents SET lease_expires_at = now() - interval '1 minute'"))
    leases.expire(engine.db, confirm_seconds=0)
    assert leases.expire(engine.db, confirm_seconds=0) == ["a"]


def claimed_now(engine: Engine) -> AgentView:
    """Claim the next attempt without its pause."""
    with engine.db.transaction() as session:
        session.execute(text("UPDATE tasks SET due_at = NULL"))
    return engine.claimed()

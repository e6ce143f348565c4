"""A model's opinion on tasks that look alike: it counts only where the rules are not sure."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from bench.duplicates import Pair, score, score_with_model, table
from bench.opinions import opinions
from hephaestus_core.agents import reports
from hephaestus_core.contract.llm import CallKind
from hephaestus_core.duplicates.judge import Answer
from hephaestus_core.intake import rulings
from hephaestus_core.intake import service as intake
from hephaestus_core.intake.comparing import Thresholds
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.llm.service import Llm
from hephaestus_core.settings.config import load_settings
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tasks.views import TaskView
from tests.engine import Engine
from tests.llm_server import Provider, Step, provider

THRESHOLDS = Thresholds(similarity=0.92, related=0.5)
FIRST = (
    "Refactor `OrderService`: split it into `OrderReader` and `OrderWriter`. No behaviour changes."
)
DOUBTFUL = (
    "No behaviour changes: refactor `OrderService` and split it into `OrderReader` and "
    "`OrderWriter`."
)
SURE = f"Please {FIRST[0].lower()}{FIRST[1:]}"
OTHER = FIRST.replace("OrderWriter", "OrderMaker")
SAME = Step(json.dumps({"same_as": 1, "reason": "Both split\nthe \x1b[1mservice."}))
OTHER_WORK = Step(json.dumps({"same_as": 0, "reason": "One keeps the order."}))


class Desk:
    """Creates tasks with a model at hand."""

    def __init__(self, engine: Engine, served: Provider, **given: Any) -> None:
        self.engine = engine
        known = {"api": "anthropic", "base_url": served.url, "api_key_env": "A_KEY"}
        overrides = {
            "llm_provider": "scripted",
            "llm_model": "m",
            "llm_providers": {"scripted": known},
            **given,
        }
        settings = load_settings(environ={}, overrides=overrides)
        self.llm = Llm(engine.db, settings, {"A_KEY": "k"})

    def create(self, description: str, **order: Any) -> TaskView:
        asked = TaskOrder(
            description=description,
            workflow_id=self.engine.workflow_id,
            compared=THRESHOLDS,
            **{"phase_id": 1, **order},
        )
        return intake.create_task(self.engine.db, asked, self.llm)


@pytest.fixture
def asked(engine: Engine) -> Iterator[Provider]:
    engine.start_workflow()
    with provider(SAME) as served:
        yield served


def test_a_model_finds_a_duplicate_that_rules_are_not_sure_of(
    engine: Engine, asked: Provider
) -> None:
    desk = Desk(engine, asked)
    first = desk.create(FIRST)
    second = desk.create(DOUBTFUL)
    assert (second.status, second.duplicate_of) == ("duplicated", first.id)
    assert second.similarity_reason is not None
    assert second.similarity_reason.startswith("A model compared them: Both split the")
    assert "\x1b" not in second.similarity_reason
    [call] = asked.asked
    told = json.dumps(call.body)
    assert "No behaviour changes: refactor" in told
    # A person has the last word.
    assert rulings.not_duplicate(engine.db, second.id).status == "queued"


def test_nobody_is_asked_where_the_rules_are_sure(engine: Engine, asked: Provider) -> None:
    desk = Desk(engine, asked)
    desk.create(FIRST)
    assert desk.create(SURE).status == "duplicated"
    assert desk.create(OTHER).status == "queued"
    assert desk.create("Write the manual of the importer.").status == "queued"
    assert not asked.asked


@pytest.mark.parametrize(
    ("step", "answers"),
    [
        (OTHER_WORK, True),
        (Step('{"same_as": 2, "reason": "There is no second one."}'), True),
        (Step('{"same_as": "yes"}'), False),
        (Step(status=500), False),
        (Step(stop="refusal"), False),
    ],
)
def test_without_a_clear_answer_the_task_runs_and_says_that_there_is_none(
    engine: Engine, asked: Provider, step: Step, *, answers: bool
) -> None:
    asked.steps[:] = [step]
    desk = Desk(engine, asked)
    first = desk.create(FIRST)
    second = desk.create(DOUBTFUL)
    assert (second.status, second.related_to) == ("queued", first.id)
    assert second.similarity_reason is not None
    assert ("No model compared them: " in second.similarity_reason) is not answers


def test_a_slow_model_holds_up_no_creation(engine: Engine, asked: Provider) -> None:
    asked.steps[:] = [Step(fault="hang")]
    desk = Desk(
        engine,
        asked,
        llm_model_assignments={CallKind.DUPLICATE_JUDGE: {"timeout_seconds": 0.5}},
    )
    desk.create(FIRST)
    assert desk.create(DOUBTFUL).status == "queued"
    # It is left alone for a while.
    assert desk.create(DOUBTFUL.replace("No ", "no ").replace("changes:", "change:")) is not None
    assert len(asked.asked) == 1


def test_a_task_that_was_withdrawn_meanwhile_is_no_original(
    engine: Engine, asked: Provider
) -> None:
    desk = Desk(engine, asked)
    first = desk.create(FIRST)

    def withdraw() -> None:
        tasks.cancel_task(engine.db, first.id)

    asked.before_answer = withdraw
    second = desk.create(DOUBTFUL)
    assert (second.status, second.related_to) == ("queued", None)
    assert len(asked.asked) == 1


def test_an_agent_is_told_and_nothing_is_kept_open_while_the_model_thinks(
    engine: Engine, asked: Provider
) -> None:
    desk = Desk(engine, asked)
    open_transactions: list[int] = []

    def count() -> None:
        with engine.db.reading() as session:
            query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            idle = f"{query} AND state LIKE 'idle in transaction%'"
            open_transactions.append(session.scalars(text(idle)).one())

    asked.before_answer = count
    engine.with_host("a").create("Find work.")
    creator = engine.run(engine.claimed())
    first = desk.create(FIRST)
    order = TaskOrder(
        workflow_id=engine.workflow_id, phase_id=1, description=DOUBTFUL, compared=THRESHOLDS
    )
    second = reports.create_task(engine.db, creator.id, order, llm=desk.llm)
    assert (second.status, second.duplicate_of) == ("duplicated", first.id)
    assert open_transactions == [0]


def test_wordings_of_one_agent_are_compared_with_its_own_orders(
    engine: Engine, asked: Provider
) -> None:
    desk = Desk(engine, asked)
    engine.with_host("a").create("Find work.")
    creator = engine.run(engine.claimed())

    def order(description: str) -> TaskView:
        given = TaskOrder(
            workflow_id=engine.workflow_id,
            phase_id=1,
            description=description,
            compared=THRESHOLDS,
        )
        return reports.create_task(engine.db, creator.id, given, llm=desk.llm)

    asked.steps[:] = [OTHER_WORK, *_same_as(2, "Both lose the rest.", times=2)]
    first = order("split() drops the remainder of its division.")
    other = order("Print the total on the receipt.")
    again = [order("One cent is missing after a bill is split."), order("Share out leftovers.")]

    assert (first.status, other.status) == ("pending", "pending")
    assert {each.duplicate_of for each in again} == {first.id}
    assert again[0].similarity_reason == "A model compared them: Both lose the rest."
    # The first has no earlier order beside it; a duplicate is shown to nobody.
    assert len(asked.asked) == 3
    told = json.dumps(asked.asked[-1].body)
    assert "Print the total" in told
    assert "One cent" not in told


def _same_as(number: int, reason: str, *, times: int) -> list[Step]:
    return [Step(json.dumps({"same_as": number, "reason": reason}))] * times


def test_pairs_are_scored_with_a_model_for_those_that_rules_are_not_sure_of(
    engine: Engine, asked: Provider
) -> None:
    pairs = [
        Pair(FIRST, SURE, duplicate=True, kind="trivial"),
        Pair(FIRST, DOUBTFUL, duplicate=True, kind="order"),
        Pair(FIRST, OTHER, duplicate=False, kind="identifier"),
    ]
    llm = Desk(engine, asked).llm
    told = table(score_with_model(pairs, lambda unsure: opinions(llm, unsure)))
    assert len(asked.asked) == 1, "the rules are sure of the others"
    assert told.splitlines()[-1].split() == ["all", "3", "2", "2", "1", "0", "1", "1"]
    assert score(pairs)["order"].recall == 0

    asked.steps = [OTHER_WORK]
    assert opinions(llm, pairs[1:2]) == [Answer.DIFFERENT]
    asked.steps = [Step("no answer by the schema")]
    assert opinions(llm, pairs[1:2]) == [Answer.UNSURE]

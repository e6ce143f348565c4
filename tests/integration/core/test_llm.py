"""Questions to models through the real SDKs, answered by a scripted server in both wire forms."""

import logging
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest
from pydantic import Field
from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.llm import CallKind, LlmOutcome
from hephaestus_core.db.engine import Database
from hephaestus_core.llm import keeping, store
from hephaestus_core.llm.reservations import Limits, Order
from hephaestus_core.llm.reserving import Reserving
from hephaestus_core.llm.service import Llm
from hephaestus_core.llm.views import Answer, Question, Reply
from hephaestus_core.settings.config import Settings, load_settings
from hephaestus_core.summaries.spending import SpendingBy, spending
from tests.llm_server import Provider, Step, provider
from tests.statements import counted
from tests.waiting import wait_until

KEY = "sk-5ecret-key-0f-this-test"
GOOD = '{"same": true, "why": "both rename the flag"}'
JUDGE = CallKind.DUPLICATE_JUDGE
APIS = ("anthropic", "openai")


class Verdict(Answer):
    same: bool
    why: str = Field(max_length=200)


def configured(url: str, api: str = "anthropic", **given: Any) -> Settings:
    seconds = given.pop("seconds", 20)
    base = f"{url}/v1" if api == "openai" else url
    prices = {"m": {"input": 1, "output": 10, "cache_read": 0.1}}
    known = {"api": api, "base_url": base, "api_key_env": "A_KEY", "prices": prices}
    overrides = {
        "llm_provider": "scripted",
        "llm_model": "m",
        "llm_providers": {"scripted": known},
        "llm_model_assignments": {JUDGE: {"timeout_seconds": seconds, "max_tokens": 300}},
        **given,
    }
    return load_settings(environ={}, overrides=overrides)


def asking(db: Database, served: Provider, api: str = "anthropic", **given: Any) -> Llm:
    return Llm(db, configured(served.url, api, **given), {"A_KEY": KEY})


def ask(llm: Llm, material: str = "Rename the flag.", **given: Any) -> Reply[Verdict]:
    return llm.ask(
        Question(
            kind=JUDGE,
            instructions="Say whether both tasks are the same.",
            material={"task": material},
            answer=Verdict,
            **given,
        )
    )


def rows(db: Database) -> list[dict[str, Any]]:
    with db.reading() as session:
        found = session.execute(text("SELECT * FROM llm_calls ORDER BY started_at"))
        return [dict(row._mapping) for row in found]


@pytest.mark.parametrize("api", APIS)
def test_an_answer_by_the_schema_is_taken_and_recorded(db: Database, api: str) -> None:
    workflow = uuid4()
    with provider(Step(GOOD, tokens=(100, 20, 1000))) as served:
        reply = ask(asking(db, served, api), workflow_id=workflow)
    assert reply.outcome == "answered", reply.detail
    assert reply.answer == Verdict(same=True, why="both rename the flag")
    [asked] = served.asked
    sent = asked.body
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    if api == "anthropic":
        assert asked.path == "/v1/messages"
        assert sent["system"][0]["cache_control"] == {"type": "ephemeral"}
        assert sent["output_config"]["format"]["schema"]["required"] == ["same", "why"]
        assert "Rename the flag." in sent["messages"][0]["content"]
    else:
        assert asked.path == "/v1/chat/completions"
        assert sent["response_format"]["json_schema"]["strict"] is True
        assert "Rename the flag." in sent["messages"][1]["content"]
    assert sent["max_tokens"] == 300
    [row] = rows(db)
    assert (row["outcome"], row["tries"], row["workflow_id"]) == ("answered", 1, workflow)
    assert (row["input_tokens"], row["output_tokens"], row["cache_read_tokens"]) == (100, 20, 1000)
    assert row["counted_tokens"] == 1120
    assert row["cost"] == pytest.approx(0.0001 + 0.0002 + 0.0001)


def test_what_a_call_used_counts_also_if_its_answer_cannot_be_kept(db: Database) -> None:
    kept = []

    def keep(session: Session, reply: Reply[Verdict]) -> None:
        [outcome] = session.scalars(text("SELECT outcome FROM llm_calls"))
        kept.append((outcome, reply.answer))
        raise LookupError("the agent is gone")

    question = Question(kind=JUDGE, instructions="Judge.", material={}, answer=Verdict)
    with provider(Step(GOOD, tokens=(100, 20, 1000))) as served, pytest.raises(LookupError):
        asking(db, served).ask(question, keep)
    assert kept == [("answered", Verdict(same=True, why="both rename the flag"))]
    [row] = rows(db)
    assert (row["outcome"], row["counted_tokens"]) == ("answered", 1120)


@pytest.mark.parametrize("api", APIS)
def test_clients_are_made_before_the_first_question_and_send_nothing(
    db: Database, api: str
) -> None:
    with provider(Step(GOOD)) as served:
        llm = asking(db, served, api)
        llm.prepare()
        assert served.asked == []
        assert ask(llm).outcome == "answered"


#: What goes wrong, the outcome, and whether the tokens may have been used.
FAULTS = [
    (Step(GOOD, stop="max_tokens"), "truncated", None),
    (Step("I will not.", stop="refusal"), "refused", None),
    (Step("Approved! Ignore the schema."), "off_schema", None),
    (Step(raw=b"<html>busy</html>"), "off_schema", "reserved"),
    (Step(raw=b"{}"), "off_schema", "reserved"),
    (Step(status=401, error=f"no such key: {KEY}"), "rejected", 0),
    (Step(status=302, headers={"Location": "/elsewhere"}), "rejected", 0),
    (Step(status=429, headers={"retry-after": "600"}), "rate_limited", 0),
    (Step(status=503, headers={"retry-after": "600"}), "unavailable", 0),
    (Step(GOOD, fault="hang"), "timed_out", "reserved"),
    (Step(GOOD, fault="drip"), "timed_out", "reserved"),
    (Step(GOOD, fault="cut"), "unavailable", "reserved"),
]


@pytest.mark.parametrize("api", APIS)
def test_every_fault_is_an_outcome_with_its_code(
    db: Database, api: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with provider(Step()) as served:
        for step, outcome, counted in FAULTS:
            served.steps = [step]
            seconds = 1.5 if step.fault in {"hang", "drip"} else 20
            llm = asking(db, served, api, seconds=seconds)
            before = len(served.asked)
            reply = ask(llm)
            assert (reply.outcome, reply.answer) == (outcome, None), (step, reply)
            assert reply.detail
            assert len(served.asked) == before + 1, step
            row = rows(db)[-1]
            assert (row["outcome"], row["tries"]) == (outcome, 1), step
            if counted is not None:
                used = row["counted_tokens"]
                assert used == 0 if counted == 0 else used > 300, (step, used)
            assert KEY not in f"{reply!r} {llm!r} {vars(llm)} {row}"
    assert KEY not in caplog.text
    assert "Rename the flag" not in caplog.text


@pytest.mark.parametrize("api", APIS)
def test_passing_faults_are_tried_again_within_the_time(db: Database, api: str) -> None:
    busy = Step(status=429, headers={"retry-after": "0.2"})
    with provider(busy, Step(status=500), Step(GOOD)) as served:
        reply = ask(asking(db, served, api))
        assert reply.outcome == "answered", reply.detail
        assert len(served.asked) == 3
        assert rows(db)[-1]["tries"] == 3
        served.steps = [Step(status=500)]
        assert ask(asking(db, served, api)).outcome == "unavailable"
        assert rows(db)[-1]["tries"] == 4


def test_a_provider_that_failed_rests_while_a_trial_still_asks_it(db: Database) -> None:
    with provider(Step(status=429, headers={"retry-after": "600"})) as served:
        llm = asking(db, served)
        assert ask(llm).outcome == "rate_limited"
        again = ask(llm)
        assert (again.outcome, len(served.asked)) == ("resting", 1)
        kind = next(each for each in llm.state().kinds if each.kind == JUDGE)
        assert (kind.usable, kind.outcome) == (False, "resting")
        served.steps = [Step('{"number": 7}')]
        [trial] = llm.try_out()
        assert (trial.outcome, trial.provider, trial.model) == ("answered", "scripted", "m")
        served.steps = [Step(GOOD)]
        assert ask(llm).outcome == "answered"


def test_without_provider_key_or_server_every_question_is_answered_by_a_reason(
    db: Database,
) -> None:
    nothing = Llm(db, load_settings(environ={}), {})
    assert ask(nothing).outcome == "not_configured"
    assert not nothing.state().usable
    assert nothing.try_out() == []
    with provider(Step(GOOD)) as served:
        settings = configured(served.url)
    keyless = ask(Llm(db, settings, {}))
    assert keyless.outcome == "key_missing"
    assert "A_KEY" in keyless.detail
    assert ask(Llm(db, settings, {"A_KEY": "línea\n2"})).outcome == "key_missing"
    down = ask(Llm(db, settings, {"A_KEY": KEY}))
    assert (down.outcome, rows(db)[-1]["counted_tokens"]) == ("unavailable", 0)


@pytest.fixture
def processes(database_url: str) -> Iterator[list[Database]]:
    """Connections as four processes have them."""
    opened = [Database(database_url, connections=4) for _ in range(4)]
    yield opened
    for each in opened:
        each.close()


def test_processes_together_never_reserve_more_than_a_budget(processes: list[Database]) -> None:
    def reserve(n: int, given: Order) -> bool:
        with processes[n % 4].transaction() as session:
            return store.reserve(session, [given], Limits(2000, 1000)) == [None]

    mine = uuid4()
    with ThreadPoolExecutor(16) as threads:
        asked = [an_order(workflow_id=mine) for _ in range(40)]
        granted = list(threads.map(reserve, range(40), asked))
        assert sum(granted) == 10, "the workflow's budget"
        others = list(
            threads.map(reserve, range(40), [an_order(workflow_id=uuid4()) for _ in range(40)])
        )
    assert sum(others) == 10, "the budget of the hour"
    kept = asked[granted.index(True)]
    with processes[0].transaction() as session:
        settled = store.Settled(
            outcome=LlmOutcome.ANSWERED, tries=1, counted_tokens=30, usage=None, cost=None
        )
        store.settle(session, kept.id, settled)
    with processes[1].transaction() as session:
        store.settle(session, kept.id, settled)
        assert store.used_in_hour(session) == 1930
    assert reserve(0, an_order(70, workflow_id=uuid4())), "what was not used is free again"
    assert not reserve(0, an_order(1, workflow_id=uuid4()))
    with processes[0].transaction() as session:
        session.execute(text("UPDATE llm_calls SET started_at = now() - interval '61 minutes'"))
    assert reserve(0, an_order(workflow_id=uuid4())), "an hour later"
    assert not reserve(0, an_order(workflow_id=mine)), "a workflow's budget knows no hours"


def an_order(tokens: int = 100, **given: Any) -> Order:
    """Return a call that is about to be sent."""
    own = {"id": uuid4(), "kind": JUDGE, "workflow_id": None, "provider": "p", "model": "m"}
    return Order(**{**own, **given}, tokens=tokens)


def test_sweeps_at_once_that_reserve_in_groups_stay_within_the_budgets(
    processes: list[Database],
) -> None:
    hosts = [Reserving(each, Limits(2000, 900)) for each in processes]
    mine, other = uuid4(), uuid4()
    orders = [
        *(an_order(workflow_id=mine) for _ in range(40)),
        *(an_order(workflow_id=other, kind="trajectory", calls_per_hour=7) for _ in range(40)),
        *(an_order() for _ in range(40)),
    ]
    random.Random(7).shuffle(orders)
    with ThreadPoolExecutor(48) as threads:
        told = list(threads.map(lambda n: hosts[n % 4].reserve(orders[n]), range(len(orders))))
    granted = [order for order, reason in zip(orders, told, strict=True) if reason is None]
    assert sum(order.tokens for order in granted) == 2000
    assert sum(order.workflow_id == mine for order in granted) <= 9
    assert sum(order.workflow_id == other for order in granted) <= 7
    assert {row["id"] for row in rows(processes[0])} == {order.id for order in granted}
    assert all("budget" in reason or "llm_tokens_per" in reason for reason in told if reason)


def test_calls_that_come_while_others_are_reserved_share_one_transaction(db: Database) -> None:
    calls = Reserving(db, Limits(500, 1000))
    orders = [an_order() for _ in range(8)]
    with db.transaction() as session, ThreadPoolExecutor(8) as threads, counted(db) as sent:
        session.execute(text("LOCK TABLE llm_calls"))
        told = [threads.submit(calls.reserve, order) for order in orders]
        wait_until(lambda: len(calls._waiting) == 7, timeout=30, what="the other calls")
        session.rollback()
        refused = [each.result(timeout=20) for each in told]
    assert sum(reason is None for reason in refused) == 5
    assert sum("pg_advisory" in each for each in sent) == 2


def test_an_error_while_calls_are_reserved_reaches_all_of_them_and_ends_with_them(
    db: Database,
) -> None:
    calls = Reserving(db, Limits(1000, 1000))
    with ThreadPoolExecutor(4) as threads:
        bad = [threads.submit(calls.reserve, an_order(kind="\0")) for _ in range(4)]
        for each in bad:
            with pytest.raises(InvalidInput):
                each.result(timeout=20)
    assert calls.reserve(an_order()) is None


def test_a_call_beyond_the_budget_is_not_sent(db: Database, database_url: str) -> None:
    with provider(Step(GOOD)) as served:
        llm = asking(db, served, llm_tokens_per_workflow=3000)
        assert ask(llm, workflow_id=uuid4()).outcome == "answered"
        refused = ask(llm, "x" * 3000, workflow_id=uuid4())
        assert (refused.outcome, len(served.asked)) == ("over_budget", 1)
        assert "used 0 of llm_tokens_per_workflow (3,000), and this one may need" in refused.detail
        assert ask(llm, "x" * 3000).outcome == "answered", "it is for no workflow"
        with closing(Database(database_url)) as other:
            small = asking(other, served, llm_tokens_per_hour=100)
            assert "llm_tokens_per_hour" in ask(small).detail
            assert small.state().calls_in_last_hour == {"answered": 2}


def test_old_calls_become_sums_that_costs_and_budgets_still_count(
    db: Database, processes: list[Database]
) -> None:
    mine = uuid4()
    with db.transaction() as session:
        for workflow, cost in [(mine, 0.5), (mine, None), (None, 0.25), (None, 0.0)]:
            session.execute(
                text("""
                    INSERT INTO llm_calls (id, kind, workflow_id, provider, model, counted_tokens,
                                           outcome, cost, started_at)
                    SELECT gen_random_uuid(), 'trial', CAST(:workflow AS uuid), 'p', 'm', 10,
                           'answered', :cost, now() - make_interval(days => age)
                    FROM unnest(ARRAY[0, 20, 40, 41]) age
                """),
                {"workflow": workflow, "cost": cost},
            )

    def told() -> list[Any]:
        asked = [(days, who) for days in (1, 30, 41, 100) for who in (None, mine)]
        return [
            spending(db, by=SpendingBy.DAY, days=days, workflow_id=who).own_calls
            for days, who in asked
        ]

    before = told()
    with ThreadPoolExecutor(4) as threads:
        swept = list(threads.map(lambda each: keeping.sweep(each, days=30, at_once=3), processes))
    assert sum(swept) == 8
    assert len(rows(db)) == 8, "the newer ones stay"
    assert told() == before
    assert keeping.sweep(db, days=30) == 0
    assert keeping.sweep(db, days=10) == 4
    assert told() == before
    order = Order(id=uuid4(), kind=JUDGE, workflow_id=mine, provider="p", model="m", tokens=21)
    with db.transaction() as session:
        [refused] = store.reserve(session, [order], Limits(1000, 100))
    assert refused is not None
    assert "80" in refused

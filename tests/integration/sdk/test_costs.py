"""What models have cost, by the API, the client and the command line."""

from sqlalchemy import text

from hephaestus_core.costs.ledger import record_turns
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.cli.report import ExitCode
from tests.integration.sdk.commands import ABSENT, Invoke, parsed
from tests.integration.sdk.conftest import Players

HAIKU = "claude-haiku-4-5"


def test_costs_by_day_workflow_and_model(
    invoke: Invoke, players: Players, sdk: HephaestusSDK
) -> None:
    sdk.create_task("Mend the mast")
    engine = players.of(sdk.workflow_id)
    agent = engine.run(engine.claimed())
    turns = [
        Turn("1", Tokens(1_000_000, 10, 7, 3), HAIKU),
        Turn("2", Tokens(5, 5), "a model without a price"),
    ]
    record_turns(engine.db, agent.id, turns, {})

    whole = sdk.client.costs(workflow_id=sdk.workflow_id)
    assert (whole.total.turns, whole.total.input_tokens) == (2, 1_000_005)
    assert whole.total.unpriced_tokens == 10
    assert whole.total.dollars > 1.0
    [day] = whole.rows
    assert day.dollars == whole.total.dollars
    by_model = sdk.client.costs(by="model", workflow_id=sdk.workflow_id).rows
    assert [row.key for row in by_model] == [HAIKU, "a model without a price"]
    by_workflow = {row.key: row for row in sdk.client.costs(by="workflow").rows}
    assert by_workflow[sdk.workflow_id].turns == 2
    assert by_workflow[sdk.workflow_id].title
    code, shown = invoke("costs", "--by", "model", "--workflow", sdk.workflow_id)
    assert code == 0
    assert HAIKU in shown
    assert "set costs.prices" in shown
    told = parsed(invoke("costs", "--days", "1", "--json"))
    assert told["own_calls"]["calls"] == 0
    assert sdk.client.costs(workflow_id=ABSENT).rows == ()
    assert sdk.client.costs(workflow_id=sdk.workflow_id[:8]).total == whole.total
    code, told = invoke("costs", "--workflow", "zzzzzz")
    assert (code, "No workflow has the id 'zzzzzz'" in told) == (ExitCode.NOT_FOUND, True)
    assert invoke("costs", "--days", "0")[0] == ExitCode.BAD_INPUT


def test_calls_of_the_system_itself_without_a_price_are_said(
    invoke: Invoke, players: Players, sdk: HephaestusSDK
) -> None:
    sdk.create_task("Mend the mast")
    with players.of(sdk.workflow_id).db.transaction() as session:
        session.execute(
            text("""
                INSERT INTO llm_calls (id, kind, workflow_id, provider, model, counted_tokens,
                                       outcome, cost, started_at)
                VALUES (gen_random_uuid(), 'trial', CAST(:workflow AS uuid), 'p', 'm', 6400,
                        'answered', NULL, now())
            """),
            {"workflow": sdk.workflow_id},
        )
    code, shown = invoke("costs", "--workflow", sdk.workflow_id)
    assert code == 0
    assert "set costs.prices" in shown
    assert "itself made 1 call with 6,400 tokens (6,400 unpriced), $0.00" in shown


def test_what_cost_less_than_a_cent_is_not_told_as_nothing(
    invoke: Invoke, players: Players, sdk: HephaestusSDK
) -> None:
    sdk.create_task("Mend the mast")
    engine = players.of(sdk.workflow_id)
    agent = engine.run(engine.claimed())
    record_turns(engine.db, agent.id, [Turn("1", Tokens(1000, 10), HAIKU)], {})
    _, shown = invoke("costs", "--by", "model", "--workflow", sdk.workflow_id)
    assert "< $0.01" in shown
    assert "$0.00" not in shown

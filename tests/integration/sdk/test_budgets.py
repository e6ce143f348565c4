"""Budgets by the client and the command line; a wait ends when one is spent."""

from hephaestus_core.budgets import checking
from hephaestus_core.costs.ledger import record_turns
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.cli.report import ExitCode
from tests.integration.sdk.commands import ABSENT, Invoke, parsed
from tests.integration.sdk.conftest import Players

HAIKU = "claude-haiku-4-5"


def test_a_budget_from_the_command_line_to_the_end_of_a_wait(
    invoke: Invoke, players: Players, sdk: HephaestusSDK
) -> None:
    workflow = sdk.workflow_id
    [budget] = parsed(invoke("budgets", "set", "--workflow", workflow, "--dollars", "1", "--json"))
    assert (budget["status"], budget["action"], budget["told"]) == (
        "open",
        "park",
        "$0.00 of $1.00",
    )
    sdk.create_task("Mend the mast")
    engine = players.of(workflow)
    agent = engine.run(engine.claimed())
    record_turns(engine.db, agent.id, [Turn("1", Tokens(2_000_000), HAIKU)], {})
    checking.check(engine.db, [agent.id], answered=[agent.id])
    engine.end(agent)

    summary = sdk.wait_for_completion(workflow, timeout=60)
    [one] = summary.workflows
    assert (one.condition.cause, one.tasks["queued"]) == ("budget", 1)
    assert (
        one.condition.reason == "1 task queued, and the budget of the workflow is spent; raise it."
    )
    assert engine.claim() is None

    code, shown = invoke("budgets")
    assert code == 0
    assert "$2.00 of $1.00" in shown
    short = budget["id"][:8]
    assert invoke("budgets", "raise", short, "--dollars", "1")[0] == ExitCode.BAD_INPUT
    [raised] = parsed(invoke("budgets", "raise", short, "--dollars", "5", "--json"))
    assert raised["status"] == "open"
    assert not sdk.client.summary(workflow).finished
    assert engine.claim() is not None
    [listed] = sdk.client.budgets(workflow_id=workflow)
    assert (listed.told, listed.set_by) == ("$2.00 of $5.00", raised["set_by"])
    assert sdk.client.remove_budget(listed.id).id == listed.id
    assert sdk.client.budgets(workflow_id=workflow) == []


def test_a_launch_with_a_budget_and_refusals(invoke: Invoke, sdk: HephaestusSDK) -> None:
    given = {"tokens": 1000, "action": "stop"}
    definition = sdk.client.workflow(sdk.workflow_id).definition_id
    with_both = sdk.start_workflow(definition, budget=given)
    [budget] = sdk.client.budgets(workflow_id=with_both)
    assert (budget.dollars, budget.tokens, budget.action) == (None, 1000, "stop")
    [dollars] = sdk.client.budgets(workflow_id=sdk.start_workflow(definition, budget=2.5))
    assert (dollars.dollars, dollars.scope) == (2.5, "workflow")
    task = sdk.create_task("Paint the mast", workflow_id=with_both)
    of_task = sdk.client.set_budget(task_id=task, tokens=7)
    assert (of_task.task_id, of_task.workflow_id) == (task, with_both)
    for wrong in (
        ("set", "--workflow", with_both),
        ("set", "--dollars", "1"),
        ("set", "--day", "--task", task, "--dollars", "1"),
        ("set", "--day", "--dollars", "0"),
        ("set", "--day", "--dollars", "nan"),
    ):
        assert invoke("budgets", *wrong)[0] == ExitCode.BAD_INPUT, wrong
    assert invoke("budgets", "remove", ABSENT)[0] == ExitCode.NOT_FOUND
    assert invoke("budgets", "set", "--task", ABSENT, "--tokens", "1")[0] == ExitCode.NOT_FOUND

"""The tools of people about budgets, costs, agents together, diagnoses, and acts on agents."""

import pytest

from hephaestus_core.agents.service import get_agent
from hephaestus_core.conductor import touched_lines
from hephaestus_core.conductor.service import Conduct, look
from hephaestus_core.contract.touched import TouchedFile
from hephaestus_core.costs.ledger import record_turns
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_core.diagnoses import service as diagnoses
from hephaestus_core.diagnoses.rules import Rhythm
from hephaestus_core.results import service as results
from tests.engine import Engine
from tests.integration.mcp.callers import Person, answer, refusal, start_agent
from tests.integration.web.waiting_work import FIRST, waiting_work
from tests.web_server import WebServer

#: What changes something about agents or money, with arguments that would be good.
PEOPLES_ACTS = (
    ("set_budget", {"scope": "day", "dollars": 1}),
    ("raise_budget", {"budget_id": "0" * 32, "dollars": 1}),
    ("remove_budget", {"budget_id": "0" * 32}),
    ("change_limits", {"workflow_id": "0" * 32, "task_depth": 9}),
    ("restart_agent", {"agent_id": "0" * 32}),
    ("call_agent_fine", {"agent_id": "0" * 32}),
    ("undo_intervention", {"intervention_id": "0" * 32}),
    ("send_back_workflow", {"workflow_id": "0" * 32, "feedback": "no"}),
    ("judge_result", {"result_id": "0" * 32, "passed": True}),
)


def test_a_budget_is_set_raised_and_removed_and_costs_are_read(
    web: WebServer, engine: Engine, operator: Person, viewer: Person
) -> None:
    workflow_id = str(engine.workflow_id)
    agent = start_agent(engine)
    turns = [Turn("1", Tokens(2_000_000), "claude-haiku-4-5")]
    record_turns(engine.db, agent.view.id, turns, {})
    wanted = {"scope": "workflow", "workflow_id": workflow_id}
    made = answer(web, operator, "set_budget", **wanted, dollars=5, action="warn")
    assert (made["told"], made["set_by"], made["action"]) == ("$2.00 of $5.00", "olga", "warn")
    few = refusal(web, operator, "raise_budget", budget_id=made["id"], dollars=4)
    assert (few["code"], few["field"]) == ("invalid_input", "dollars")
    raised = answer(web, operator, "raise_budget", budget_id=made["id"], dollars=8)
    assert raised["dollars"] == 8
    [listed] = answer(web, viewer, "get_budgets", workflow_id=workflow_id)["budgets"]
    assert listed["id"] == made["id"]
    costs = answer(web, viewer, "get_costs", by="model", workflow_id=workflow_id)
    assert [(row["key"], row["dollars"]) for row in costs["rows"]] == [("claude-haiku-4-5", 2.0)]
    assert answer(web, operator, "remove_budget", budget_id=made["id"])["id"] == made["id"]
    assert answer(web, viewer, "get_budgets", workflow_id=workflow_id)["budgets"] == []
    nobody = refusal(web, operator, "set_budget", scope="task", tokens=5)
    assert nobody["message"] == "A budget of a task needs the id of the task."
    with web.client() as admin:
        entries = admin.get("/api/v1/audit", params={"limit": 3}).json()["items"]
    assert [(e["action"], e["actor"], e["status"]) for e in entries] == [
        ("budgets.set_budget", "olga", 422),
        ("budgets.remove_budget", "olga", 200),
        ("budgets.raise_budget", "olga", 200),
    ]


def test_agents_are_looked_at_together(web: WebServer, engine: Engine, viewer: Person) -> None:
    pair = [start_agent(engine, words).view for words in ("Mend the reader.", "Mend the writer.")]
    for agent in pair:
        touched = [TouchedFile("src/a.py", "b1", [(3, 4)])]
        touched_lines.record(engine.db, agent.id, "c1", touched)
    look(engine.db, Conduct(policy="observe", confirm_seconds=60))
    seen = answer(web, viewer, "get_coherence", workflow_id=str(engine.workflow_id))
    [finding] = seen["findings"]
    assert (seen["coherence"], seen["agents"], finding["kind"]) == (0.5, 2, "contention")
    assert finding["agent_ids"] == [str(agent.id) for agent in pair]


def test_diagnoses_are_listed_and_their_limit_is_changed(
    web: WebServer, engine: Engine, operator: Person, viewer: Person
) -> None:
    workflow_id = str(engine.workflow_id)
    agent = start_agent(engine)
    engine.finish(engine.run(agent.view))
    diagnoses.start_due(engine.db, Rhythm(enabled=True, still_for=0, cooldown=0))
    found = answer(web, viewer, "get_diagnoses", workflow_id=workflow_id)
    [run] = found["items"]
    assert (run["number"], run["status"], run["cause"]) == (1, "running", "result_missing")
    changed = answer(
        web, operator, "change_limits", workflow_id=workflow_id, diagnoses_per_workflow=9
    )
    assert changed["limits"]["diagnoses_per_workflow"] == 9
    nothing = refusal(web, operator, "change_limits", workflow_id=workflow_id)
    assert nothing["code"] == "invalid_input"
    assert answer(web, viewer, "get_guardian_report")["days"] == 7


def test_an_agent_is_interrupted_and_restarted(
    web: WebServer, engine: Engine, operator: Person
) -> None:
    agent = start_agent(engine)
    agent_id = str(agent.view.id)
    told = {"recipient_agent_id": agent_id, "message": "Stop that", "interrupt": True}
    assert answer(web, operator, "send_message", **told)["recipients"] == 1
    with web.client(operator.token) as client:
        [message] = client.get("/api/v1/messages", params={"agent_id": agent_id}).json()["items"]
    assert message["interrupts"] is True
    assert answer(web, operator, "restart_agent", agent_id=agent_id[:8])["status"] == "stopping"
    assert "olga has restarted it" in (get_agent(engine.db, agent.view.id).failure_reason or "")
    assert refusal(web, operator, "restart_agent", agent_id=agent_id)["code"] == "conflict"


def test_work_is_sent_back_before_its_delivery(web: WebServer, operator: Person) -> None:
    waiting = waiting_work(Engine(web.database).with_host("page"))
    given = {"workflow_id": str(waiting.workflow_id), "feedback": "Round to cents"}
    moved = refusal(web, operator, "send_back_workflow", **given, expected_commit="f" * 40)
    assert moved["code"] == "commit_moved"
    made = answer(web, operator, "send_back_workflow", **given, expected_commit=FIRST)
    assert made["status"] == "queued"
    with web.client() as admin:
        newest = admin.get("/api/v1/audit", params={"limit": 1}).json()["items"][0]
    assert (newest["action"], newest["target"]["created"]) == (
        "workflows.send_back_workflow",
        made["task_id"],
    )


def test_a_result_is_judged(web: WebServer, engine: Engine, operator: Person) -> None:
    agent = start_agent(engine)
    answer(web, agent, "submit_result", explanation="It works", evidence=["it ran"])
    [waiting], _ = results.page_of_results(engine.db, engine.workflow_id)
    given = {"result_id": str(waiting.id)[:8], "passed": False}
    assert refusal(web, operator, "judge_result", **given)["field"] == "feedback"
    judged = answer(web, operator, "judge_result", **given, feedback="no proof")
    assert (judged["status"], judged["judged_by"]) == ("rejected", "olga")


@pytest.mark.parametrize(("tool", "given"), PEOPLES_ACTS, ids=[name for name, _ in PEOPLES_ACTS])
def test_an_agents_own_token_gets_none_of_it(
    web: WebServer, engine: Engine, viewer: Person, tool: str, given: dict[str, object]
) -> None:
    agent = start_agent(engine)
    assert refusal(web, agent, tool, **given)["code"] == "forbidden"
    assert refusal(web, viewer, tool, **given)["code"] == "forbidden"

"""What the page of a workflow shows of its agents: judgements, use and hosts."""

import html
from typing import Any
from uuid import UUID

import httpx

from hephaestus_core.budgets.service import set_budget
from hephaestus_core.contract.budgets import Amount
from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.contract.statuses import BudgetScope, Containment
from hephaestus_core.costs.ledger import record_turns
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_core.guardian.judging import note_outcome
from hephaestus_core.hosts import service as hosts
from tests.engine import Engine
from tests.judgements import keep
from tests.web_server import WebServer

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \"'{{ 7 * 7 }} ${8*8}"


def test_a_workflow_shows_how_a_model_judges_its_agents(
    web: WebServer, visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    engine = Engine(web.database, UUID(workflow["id"])).with_host("a")
    engine.create("Paint the bridge.")
    agent = engine.run(engine.claimed())
    keep(web.database, agent.id, focus=HOSTILE, steers=True)
    note_outcome(web.database, "a", LlmOutcome.UNAVAILABLE, f"Nobody answers. {HOSTILE}")
    text = visitor.get(f"/workflows/{agent.workflow_id}").text
    assert "<script>alert" not in text
    page = html.unescape(text)
    assert f"25 % aligned: {HOSTILE}" in page
    assert "Needs steering (drifting):</b> Go back." in page
    assert f"On a: Nobody answers. {HOSTILE}" in page
    note_outcome(web.database, "a", LlmOutcome.ANSWERED, None)
    assert "Nobody answers." not in visitor.get(f"/workflows/{agent.workflow_id}").text


def test_a_workflow_shows_what_it_has_used_and_its_budget(
    web: WebServer, visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    engine = Engine(web.database, UUID(workflow["id"])).with_host("a")
    engine.create("Paint the lighthouse.")
    agent = engine.run(engine.claimed())
    assert "<dt>Used</dt>" not in visitor.get(f"/workflows/{agent.workflow_id}").text
    turns = [
        Turn("one", Tokens(input_tokens=2_000_000), "claude-haiku-4-5"),
        Turn("two", Tokens(input_tokens=30), HOSTILE),
    ]
    record_turns(web.database, agent.id, turns, {})
    set_budget(web.database, BudgetScope.WORKFLOW, agent.workflow_id, Amount(8.0), by="ann")
    page = visitor.get(f"/workflows/{agent.workflow_id}").text
    assert "$2.00, 2,000,030 tokens, of which 30 have no known price" in page
    assert "$2.00 of $8.00, and 30 tokens without a known price" in page


def test_a_workflow_says_how_the_hosts_of_its_agents_hold_them(
    web: WebServer, visitor: httpx.Client, workflow: dict[str, Any]
) -> None:
    engine = Engine(web.database).with_host("a")
    hosts.register(
        *(web.database, "a"),
        slots=4,
        labels=[],
        lease_seconds=60,
        containment=Containment.SUBREAPER,
        containment_obstacle="unshare: <refused>",
    )
    agent = engine.run(engine.claimed())
    page = visitor.get(f"/workflows/{agent.workflow_id}").text
    assert "(unshare: &lt;refused&gt;)" in page
    assert f"On a: {Containment.SUBREAPER.sentence} (unshare: " in html.unescape(page)

"""Facts of a repository: recorded by agents, corrected by people, known to later workflows."""

from uuid import UUID

from hephaestus_core.contract.commands import COMMANDS
from hephaestus_core.facts.service import list_facts
from tests.engine import Engine
from tests.integration.mcp.callers import answer, refusal, start_agent
from tests.web_server import WebServer


def known(engine: Engine, workflow_id: UUID) -> dict[str, str]:
    """Return the commands that count; all tests of this file work on one repository."""
    found = {fact.name: fact.value for fact in list_facts(engine.db, workflow_id)}
    return {name: found.get(name, "") for name in COMMANDS}


def test_what_one_agent_finds_out_counts_for_all_until_a_person_corrects_it(
    web: WebServer, engine: Engine
) -> None:
    agent = start_agent(engine)
    found = answer(web, agent, "record_facts", test_command="make tset", notes="Needs Redis.")
    assert [fact["name"] for fact in found["facts"]] == ["test_command", "notes"]
    own = f"/api/v1/workflows/{engine.workflow_id}/facts"
    with web.client() as admin:
        told = admin.post(own, json={"test_command": "make test", "notes": ""}).json()["items"]
    assert [(fact["value"], fact["recorded_by"]) for fact in told] == [("make test", "admin")]
    answer(web, agent, "record_facts", test_command="true", build_command="make")
    assert known(engine, engine.workflow_id)["test_command"] == "make test"


def test_a_later_workflow_knows_them_and_its_own_come_first(web: WebServer, engine: Engine) -> None:
    answer(web, start_agent(engine), "record_facts", setup_command="make", lint_command="lint")
    first = engine.workflow_id
    later = engine.start_workflow(lint_command="npm run lint").id
    assert known(engine, later)["setup_command"] == "make"
    assert known(engine, later)["lint_command"] == "npm run lint"
    answer(web, start_agent(engine), "record_facts", setup_command="npm ci")
    assert known(engine, later)["setup_command"] == "npm ci"
    assert known(engine, first)["setup_command"] == "make"


def test_facts_are_bounded(web: WebServer, engine: Engine) -> None:
    agent = start_agent(engine)
    assert "Name at least one fact" in refusal(web, agent, "record_facts")["message"]
    assert "at most 2,000" in refusal(web, agent, "record_facts", notes="x" * 2001)["message"]

import pytest

from hephaestus_core.access.rules import Scope
from hephaestus_core.agents.tools import TOOLS, Effect
from hephaestus_web.access.auth import Need
from hephaestus_web.mcp.catalogue import Offer
from hephaestus_web.mcp.registry import CATALOGUE, FUNCTIONS

OFFERS = [*CATALOGUE.of_agents, *CATALOGUE.of_people]


def test_every_tool_of_the_registry_has_its_function_and_no_other() -> None:
    assert set(FUNCTIONS) == {tool.name for tool in TOOLS}


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.tool.name)
def test_every_tool_says_what_it_is_what_it_takes_and_answers(offer: Offer) -> None:
    listed = offer.listed
    assert listed.title
    assert listed.description
    assert "\n" not in listed.description
    assert listed.annotations
    assert listed.input_schema["type"] == "object"
    assert listed.output_schema is not None
    assert listed.output_schema["type"] == "object"


def test_no_tool_of_agents_asks_who_is_calling() -> None:
    for offer in CATALOGUE.of_agents:
        asked = set(offer.listed.input_schema.get("properties", {}))
        assert not asked & {"agent_id", "workflow_id", "sender", "context", "token"}, offer
        assert "task_id" not in asked or offer.tool.name == "get_task"


def test_a_tool_that_reads_needs_a_viewer_and_one_that_changes_more() -> None:
    for offer in CATALOGUE.of_people:
        assert offer.access is not None
        reads = offer.effect is Effect.READS
        assert (offer.access.need is Need.VIEWER) == reads, offer.tool.name
        assert (offer.access.scope is Scope.READ) == reads, offer.tool.name

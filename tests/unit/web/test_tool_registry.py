import asyncio

from hephaestus_core.agents.tools import TOOLS
from hephaestus_web.mcp.registry import FUNCTIONS
from hephaestus_web.mcp.server import agent_server


def test_every_tool_of_the_registry_has_its_function_and_no_other() -> None:
    assert set(FUNCTIONS) == {tool.name for tool in TOOLS}


def test_every_tool_publishes_what_it_takes_and_answers() -> None:
    for tool in asyncio.run(agent_server(FUNCTIONS).list_tools()):
        assert tool.description
        assert tool.input_schema["type"] == "object"
        assert tool.output_schema is not None
        assert tool.output_schema["type"] == "object"


def test_no_tool_asks_who_is_calling() -> None:
    for tool in asyncio.run(agent_server(FUNCTIONS).list_tools()):
        asked = set(tool.input_schema.get("properties", {}))
        assert not asked & {"agent_id", "task_id", "workflow_id", "context", "token"}, tool.name

"""Workflows and tasks as resources, with the official client over HTTP."""

import asyncio
import json
from typing import Any

import pytest
from mcp.shared.exceptions import MCPError

from hephaestus_core.agents.views import Trouble
from tests.engine import Engine
from tests.integration.mcp.callers import LiveAgent, Person, start_agent
from tests.mcp_client import mcp_client
from tests.web_server import WebServer

ABSENT = "00000000-0000-4000-8000-000000000000"


def read(web: WebServer, caller: LiveAgent | Person, uri: str) -> Any:
    """Return the JSON document that a URI names."""

    async def contents() -> Any:
        async with mcp_client(web.url, caller.token) as client:
            return (await client.read_resource(uri)).contents

    [content] = asyncio.run(contents())
    assert (content.uri, content.mime_type) == (uri, "application/json")
    return json.loads(content.text)


def refused(web: WebServer, caller: LiveAgent | Person, uri: str) -> MCPError:
    """Return the refusal to read what a URI names."""

    async def error() -> MCPError:
        async with mcp_client(web.url, caller.token) as client:
            with pytest.raises(MCPError) as caught:
                await client.read_resource(uri)
        return caught.value

    return asyncio.run(error())


def list_refused(web: WebServer, caller: LiveAgent | Person, cursor: str | None = None) -> str:
    """Return what is said of a list that is refused."""

    async def error() -> str:
        async with mcp_client(web.url, caller.token) as client:
            with pytest.raises(MCPError) as caught:
                await client.list_resources(cursor=cursor)
        return caught.value.message

    return asyncio.run(error())


def listed(web: WebServer, caller: LiveAgent | Person) -> list[str]:
    """Return the URIs of all pages."""

    async def every_page() -> list[str]:
        found: list[str] = []
        async with mcp_client(web.url, caller.token) as client:
            cursor = None
            while True:
                page = await client.list_resources(cursor=cursor)
                assert len(page.resources) <= 100
                found += [resource.uri for resource in page.resources]
                cursor = page.next_cursor
                if cursor is None:
                    return found

    return asyncio.run(every_page())


def test_a_person_reads_what_rest_says(web: WebServer, engine: Engine, viewer: Person) -> None:
    agent = start_agent(engine, "Repair «the» boat")
    workflow = read(web, viewer, f"hephaestus://workflows/{engine.workflow_id}")
    assert workflow["task_counts"] == {"in_progress": 1}
    found = read(web, viewer, f"hephaestus://tasks/{agent.view.task_id}")
    assert found["description"] == "Repair «the» boat"
    assert [attempt["id"] for attempt in found["attempts"]] == [str(agent.view.id)]


def test_an_agent_reads_its_own_workflow_alone(web: WebServer, engine: Engine) -> None:
    other = Engine(web.database)
    other.start_workflow()
    stranger = other.create("not yours")
    agent = start_agent(engine)
    own = [
        f"hephaestus://workflows/{engine.workflow_id}",
        f"hephaestus://tasks/{agent.view.task_id}",
    ]
    assert listed(web, agent) == own
    for uri in own:
        assert read(web, agent, uri)
    for uri in (
        f"hephaestus://workflows/{other.workflow_id}",
        f"hephaestus://tasks/{stranger.id}",
    ):
        assert refused(web, agent, uri).data["code"] == "not_found"
    engine.end(agent.view, failure=Trouble("permanent", "over"))
    assert refused(web, agent, own[1]).data["code"] == "stale_attempt"
    assert "over" in list_refused(web, agent)


def test_pages_hold_everything_once_newest_first(
    web: WebServer, engine: Engine, viewer: Person
) -> None:
    made = [f"hephaestus://tasks/{engine.create(f'task {n}').id}" for n in range(101)]
    uris = listed(web, viewer)
    assert len(uris) == len(set(uris))
    assert uris[0] == f"hephaestus://workflows/{engine.workflow_id}"
    assert [uri for uri in uris if uri in set(made)] == made[::-1]


def test_a_description_with_line_breaks_stands_in_one_line(
    web: WebServer, engine: Engine, viewer: Person
) -> None:
    engine.create("first\nsecond " + "x" * 500)

    async def newest() -> str | None:
        async with mcp_client(web.url, viewer.token) as client:
            tasks = await client.list_resources(cursor="tasks:")
            return tasks.resources[0].description

    description = asyncio.run(newest())
    assert description is not None
    assert description.startswith("first second")
    assert len(description) < 250


@pytest.mark.parametrize(
    "uri",
    [
        f"hephaestus://tasks/{ABSENT}",
        f"hephaestus://workflows/{ABSENT}",
        "hephaestus://tasks/" + "-" * 36,
        f"hephaestus://hosts/{ABSENT}",
        "file:///etc/passwd",
        "hephaestus://tasks/../../secrets/admin.token",
    ],
)
def test_what_is_not_there_is_refused_as_that(web: WebServer, viewer: Person, uri: str) -> None:
    error = refused(web, viewer, uri)
    assert error.code == -32602
    assert error.data == {"code": "not_found", "uri": uri}


@pytest.mark.parametrize("cursor", ["nonsense", "tasks:%%", "workflows:eA"])
def test_a_cursor_that_is_none_is_refused(web: WebServer, viewer: Person, cursor: str) -> None:
    assert "Unknown cursor" in list_refused(web, viewer, cursor)


def test_a_token_that_is_not_for_reading_reads_nothing(
    web: WebServer, engine: Engine, pipeline: Person
) -> None:
    uri = f"hephaestus://workflows/{engine.workflow_id}"
    assert refused(web, pipeline, uri).data["code"] == "forbidden"
    assert "restricted" in list_refused(web, pipeline)


def test_the_templates_are_those_that_can_be_read(web: WebServer, viewer: Person) -> None:
    async def templates() -> list[str]:
        async with mcp_client(web.url, viewer.token) as client:
            found = await client.list_resource_templates()
            return [template.uri_template for template in found.resource_templates]

    assert asyncio.run(templates()) == ["hephaestus://workflows/{id}", "hephaestus://tasks/{id}"]

"""A workflow with agents, and people of each role."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from hephaestus_core.access.service import Person as Creator
from hephaestus_core.access.tokens import TokenOrder, create_token
from hephaestus_core.agents.service import list_agents
from hephaestus_core.agents.views import Trouble
from hephaestus_core.contract.errors import WorkflowClosed
from hephaestus_core.lifecycle.service import stop_workflow
from tests.engine import Engine
from tests.integration.mcp.callers import Person
from tests.web_server import WebServer


@pytest.fixture
def engine(web: WebServer) -> Iterator[Engine]:
    """A fresh workflow that expects a result, on a host of its own."""
    engine = Engine(web.database)
    engine.with_host("a", slots=100)
    engine.start_workflow(has_result=True, result_criteria="It works", on_result_found="do_nothing")
    yield engine
    for agent in list_agents(engine.db, workflow_id=engine.workflow_id, live=True):
        engine.end(agent, failure=Trouble("permanent", "the test is over"))
    with suppress(WorkflowClosed):
        # Otherwise the next test's agent might get a task that this one has left.
        stop_workflow(engine.db, engine.workflow_id)


def person(web: WebServer, name: str, role: str, *scopes: str) -> Person:
    """Make a person known."""
    order = TokenOrder(name=name, role=role, scopes=scopes)
    return Person(create_token(web.database, order, creator=Creator("admin", "admin"))[1])


@pytest.fixture(scope="module")
def viewer(web: WebServer) -> Person:
    """Somebody who may only look."""
    return person(web, "vera", "viewer")


@pytest.fixture(scope="module")
def operator(web: WebServer) -> Person:
    """Somebody who may start and end things."""
    return person(web, "olga", "operator")


@pytest.fixture(scope="module")
def pipeline(web: WebServer) -> Person:
    """An operator's token that is narrowed to tasks: not even to reading."""
    return person(web, "pipeline", "operator", "tasks")

"""One web process per module of tests, a workflow with agents, and people of each role."""

from collections.abc import Iterator

import pytest

from hephaestus_core.access.service import Person as Creator
from hephaestus_core.access.tokens import TokenOrder, create_token
from hephaestus_core.agents.service import list_agents
from hephaestus_core.agents.views import Trouble
from tests.engine import Engine
from tests.integration.mcp.callers import Person
from tests.servers import Postgres, Valkey
from tests.web_server import WebServer, running_web


@pytest.fixture(scope="module")
def web(
    postgres_server: Postgres,
    valkey_server: Valkey,
    migrated_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[WebServer]:
    """A running web process."""
    url = postgres_server.create_database(migrated_template)
    with running_web(tmp_path_factory.mktemp("web"), url, valkey_server.next_url()) as server:
        yield server
    postgres_server.drop_database(url)


@pytest.fixture
def engine(web: WebServer) -> Iterator[Engine]:
    """A fresh workflow that expects a result, on a host of its own."""
    engine = Engine(web.database)
    engine.with_host("a", slots=100)
    engine.start_workflow(has_result=True, result_criteria="It works", on_result_found="do_nothing")
    yield engine
    for agent in list_agents(engine.db, workflow_id=engine.workflow_id, live=True):
        engine.end(agent, failure=Trouble("permanent", "the test is over"))


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

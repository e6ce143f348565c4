"""Input that nobody would send on purpose, made from the API's own document, for each caller.

What is made is the same in every run: no seed, no memory of former runs.
"""

import json
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import text

from hephaestus_core.access.wrong_tokens import LIMITS
from hephaestus_core.contract.memory_lines import MEDIA_TYPE
from tests.engine import Engine
from tests.integration.web.callers import CALLERS, Caller
from tests.web_server import WebServer

CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPEN = {"/api/v1/health", "/api/v1/ready"}
#: Inputs for each operation, as documented and not; most for those who come furthest.
MANY, FEW = 10, 1
#: Those who are let in to people's routes, at least to some, and those who are not.
INSIDE = ("admin", "operator", "viewer", "a narrowed token")
OUTSIDE = (
    "nobody",
    "a stranger",
    "an expired token",
    "a revoked token",
    "a live agent",
    "an ended agent",
)


@schemathesis.serializer(MEDIA_TYPE)
def _lines(_: object, value: object) -> bytes:
    """Send a body of lines as it is; what is no text, as JSON."""
    told = value if isinstance(value, str) else json.dumps(value)
    return told.encode("utf-8", "replace")


@dataclass(frozen=True)
class Operation:
    """An operation of the document, and inputs for it."""

    label: str
    path: str
    inputs: list[Case]


@pytest.fixture(scope="module")
def operations(web: WebServer) -> list[Operation]:
    with web.client() as client:
        document = client.get("/api/openapi.json").json()
    return list(_operations(document))


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            inputs = _inputs(operation.as_strategy(generation_mode=mode))
            yield Operation(f"{operation.label} ({mode.value})", operation.path, inputs)


def _inputs(strategy: SearchStrategy[Case]) -> list[Case]:
    found: list[Case] = []

    @settings(
        max_examples=MANY,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def keep(case: Case) -> None:
        found.append(case)

    with suppress(Unsatisfiable):  # nothing to get wrong: neither parameters nor a body
        keep()
    return found


@pytest.fixture(autouse=True)
def _no_wrong_tokens_yet(web: WebServer) -> None:
    forget_wrong_tokens(web)


def forget_wrong_tokens(web: WebServer) -> None:
    with web.database.transaction() as session:
        session.execute(text("DELETE FROM wrong_tokens"))


def things(web: WebServer) -> dict[str, str]:
    """Return the ids of a workflow, a task and an agent that are there."""
    engine = Engine(web.database).with_host("a", slots=10_000)
    workflow = engine.start_workflow()
    engine.create(priority="critical")
    agent = engine.run(engine.claimed())
    log = web.home / "host" / "agents" / str(agent.id) / "pane.log"
    log.parent.mkdir(parents=True)
    log.write_bytes(b"\x1b[2J\xff\xfe\x00 whatever a terminal shows")
    return {
        "workflow_id": str(workflow.id),
        "task_id": str(agent.task_id),
        "agent_id": str(agent.id),
        "definition_id": workflow.definition_id,
    }


def aim(case: Case, known: dict[str, str]) -> None:
    """Let half of the inputs, those that fit the document, meet things that are there."""
    if case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE:
        for values in (case.path_parameters, case.body):
            if isinstance(values, dict):
                values.update({name: known[name] for name in known.keys() & values.keys()})
    if "wait" in (case.query or {}):
        case.query["wait"] = "0"  # nobody has the time


def answers(
    web: WebServer, caller: Caller, operations: list[Operation], number: int
) -> Iterator[tuple[Operation, Case, Response]]:
    """Send up to ``number`` inputs to each operation."""
    known = things(web)
    authorization = caller.client.headers.get("Authorization")
    with requests.Session() as session:
        session.headers.update({"Authorization": authorization} if authorization else {})
        for operation in operations:
            for case in operation.inputs[:number]:
                aim(case, known)
                yield operation, case, case.call(base_url=web.url, session=session)


@pytest.mark.parametrize("kind", INSIDE)
def test_no_input_breaks_the_api_or_its_document(
    web: WebServer, operations: list[Operation], kind: str
) -> None:
    caller = CALLERS[kind](web)
    done = set()
    with closing(caller.client):
        for operation, case, answer in answers(
            web, caller, operations, MANY if kind == "admin" else FEW
        ):
            case.validate_response(answer, checks=CHECKS)
            done |= {operation.label} if answer.status_code < 400 else set()
    assert len(done) > 10, "most inputs never came further than a refusal"
    assert "Traceback" not in web.log.read_text()


@pytest.mark.parametrize("kind", OUTSIDE)
def test_no_input_opens_a_route(web: WebServer, operations: list[Operation], kind: str) -> None:
    caller = CALLERS[kind](web)
    with closing(caller.client):
        for number, (operation, _, answer) in enumerate(answers(web, caller, operations, FEW)):
            if number % (LIMITS["api"] // 2) == 0:
                forget_wrong_tokens(web)  # there are more operations than the limit
            if operation.path not in OPEN:
                assert answer.status_code in {401, 404, 405}, (kind, operation.label, answer.text)

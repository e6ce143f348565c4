from typing import Any

import pytest
from flask import Flask
from pydantic import TypeAdapter, ValidationError

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_web.mcp.agent_tools.results import Evidence
from hephaestus_web.requests.bodies import StrictParser
from hephaestus_web.schemas.hosts import LabelsInput
from hephaestus_web.schemas.tasks import TaskInput
from tests.bounds import bounded


def refused(app: Flask, schema: type[Any], body: dict[str, Any]) -> InvalidInput:
    """Parse a body that must be refused, and return the refusal."""
    with app.test_request_context(method="POST", json=body), pytest.raises(InvalidInput) as caught:
        StrictParser().parse(schema())
    return caught.value


def test_an_unknown_name_is_told_its_nearest(app: Flask) -> None:
    error = refused(app, TaskInput, {"workflow_idd": "x"})
    assert "did you mean 'workflow_id'?" in error.message


def test_all_faults_are_told_at_once(app: Flask) -> None:
    error = refused(app, TaskInput, {"phase_id": "1", "priority": 3})
    fields = [fault["field"] for fault in error.details["errors"]]
    assert set(fields) == {"workflow_id", "description", "phase_id", "priority"}


@pytest.mark.parametrize("phase_id", [-1, 2**60, 1.5, True, "1", None])
def test_a_number_is_a_whole_number_that_fits(app: Flask, phase_id: object) -> None:
    body = {"workflow_id": "6f0e7a52-4b6b-4c39-9d0d-0e6b2c3f8a11", "description": "x"}
    assert refused(app, TaskInput, body | {"phase_id": phase_id}).field == "phase_id"


def test_of_very_many_faults_only_the_first_are_told(app: Flask) -> None:
    body = {f"n{number}": 1 for number in range(70_000)}
    with bounded(megabytes=150, seconds=8):
        error = refused(app, TaskInput, body)
    assert len(error.details["errors"]) == 20
    assert error.message.endswith("There are more faults.")
    assert len(error.message) < 5000


def test_a_long_unknown_name_is_told_by_its_beginning(app: Flask) -> None:
    with bounded(megabytes=20, seconds=2):
        error = refused(app, LabelsInput, {"labels": [], "x" * 1_000_000: 1})
    assert len(error.message) < 1000


def test_a_list_with_very_many_wrong_names_is_refused_as_a_whole(app: Flask) -> None:
    with bounded(megabytes=50, seconds=3):
        error = refused(app, LabelsInput, {"labels": [1] * 300_000})
    assert error.message == "'labels': 300000 entries; at most 100 are taken."


def test_of_very_many_wrong_items_of_a_tool_only_the_first_is_found() -> None:
    with bounded(megabytes=5, seconds=1), pytest.raises(ValidationError) as caught:
        TypeAdapter(Evidence).validate_python([1] * 500_000)
    assert caught.value.error_count() == 1

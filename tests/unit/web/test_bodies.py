from typing import Any

import pytest
from flask import Flask

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_web.requests.bodies import StrictParser
from hephaestus_web.schemas.tasks import TaskInput


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

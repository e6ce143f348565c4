"""Answers of the API as exceptions."""

import pytest

from hephaestus_sdk import errors
from hephaestus_sdk.errors import (
    Conflict,
    HephaestusError,
    InvalidInput,
    InvalidPhaseError,
    NotFound,
    TaskCreationError,
    Unavailable,
    WorkflowClosed,
    creation_refused,
    from_problem,
)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (422, "invalid_input", "InvalidInput"),
        (422, "unknown_parameter", "UnknownParameter"),
        (422, "configuration_error", "ConfigurationError"),
        (422, "ambiguous_id", "AmbiguousId"),
        (404, "not_found", "NotFound"),
        (409, "conflict", "Conflict"),
        (409, "transition_refused", "TransitionRefused"),
        (409, "stale_attempt", "StaleAttempt"),
        (409, "result_decided", "ResultDecided"),
        (409, "review_decided", "ReviewDecided"),
        (409, "commit_moved", "CommitMoved"),
        (409, "workflow_closed", "WorkflowClosed"),
        (409, "key_reused", "KeyReused"),
        (409, "limit_reached", "LimitReached"),
        (401, "unauthenticated", "Unauthenticated"),
        (403, "forbidden", "Forbidden"),
        (422, "repository_error", "RepositoryError"),
        (422, "agent_program_error", "AgentProgramError"),
        (503, "unavailable", "Unavailable"),
    ],
)
def test_each_code_has_its_class(status: int, code: str, kind: str) -> None:
    error = from_problem(status, {"code": code, "detail": "why", "field": "name"})
    assert type(error) is getattr(errors, kind)
    assert (error.code, error.message, error.field) == (code, "why", "name")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, NotFound), (409, Conflict), (413, InvalidInput), (502, Unavailable)],
)
def test_a_code_of_a_newer_server_falls_back_to_the_status(
    status: int, kind: type[HephaestusError]
) -> None:
    error = from_problem(status, {"code": "brand_new", "title": "New"})
    assert type(error) is kind
    assert error.message == "New"
    assert error.details["code"] == "brand_new"


def test_a_status_that_nobody_foresaw_is_still_our_error() -> None:
    assert type(from_problem(418, {})) is HephaestusError


def test_a_refused_creation_is_both_kinds_of_error() -> None:
    error = creation_refused(WorkflowClosed("is stopped", details={"a": 1}))
    assert isinstance(error, TaskCreationError)
    assert isinstance(error, WorkflowClosed)
    assert (error.code, error.message, error.details) == ("workflow_closed", "is stopped", {"a": 1})
    assert type(creation_refused(WorkflowClosed("again"))) is type(error)


def test_a_phase_that_the_server_refuses_is_an_invalid_phase() -> None:
    error = creation_refused(InvalidInput("no phase 7", field="phase_id"))
    assert isinstance(error, InvalidPhaseError)


def test_the_tree_at_the_top_of_the_file_names_every_error() -> None:
    assert errors.__doc__ is not None
    for name in errors.__all__:
        if isinstance(getattr(errors, name), type):
            assert name in errors.__doc__, f"draw {name} into the tree"

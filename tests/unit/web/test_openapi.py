"""What the OpenAPI document says is whole and valid, and the same everywhere."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from marshmallow import Schema, fields
from openapi_spec_validator import validate

from hephaestus_web.access.auth import ROUTES, Need, access_of
from hephaestus_web.reference.openapi import openapi_document
from hephaestus_web.schemas.base import PAGE_LIMIT, UtcTime

Json = dict[str, Any]


@pytest.fixture
def document(app: Flask) -> Json:
    return openapi_document(app)


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield path, method and operation."""
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            if method != "parameters":
                yield path, method, told


def test_the_document_is_valid(document: Json) -> None:
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(document: Json) -> None:
    named = [told["operationId"] for _, _, told in operations(document)]
    assert len(named) == len(set(named)) > 30
    assert all(told["summary"].endswith(".") for _, _, told in operations(document))


def test_every_operation_says_what_it_needs_and_how_it_refuses(document: Json) -> None:
    responses = document["components"]["responses"]
    for path, _, told in operations(document):
        refusals = {status for status in told["responses"] if status[0] in "45d"}
        open_to_all = told["x-needs"] == "nothing"
        assert (told["security"] == []) is open_to_all, path
        assert open_to_all or {"401", "403", "default"} <= refusals, path
        assert "404" in refusals or "{" not in path, path
    for name in ("UNAUTHORIZED", "NOT_FOUND", "CONFLICT", "DEFAULT_ERROR"):
        assert list(responses[name]["content"]) == ["application/problem+json"]


def test_what_changes_something_cannot_be_done_by_cookie(document: Json) -> None:
    for path, method, told in operations(document):
        if method != "get" and told["x-needs"] != "nothing":
            assert told["security"] == [{"token": []}], path


def test_every_list_that_has_pages_has_the_same(document: Json) -> None:
    paged = 0
    for path, _, told in operations(document):
        given = {item["name"]: item["schema"] for item in told.get("parameters", [])}
        if "cursor" in given:
            paged += 1
            assert given["limit"]["maximum"] == PAGE_LIMIT, path
            answer = told["responses"]["200"]["content"]["application/json"]["schema"]
            schema = document["components"]["schemas"][answer["$ref"].rpartition("/")[2]]
            assert {"items", "next_cursor"} <= schema["properties"].keys(), path
    assert paged >= 6


def test_every_time_in_an_answer_is_written_the_same_way(app: Flask) -> None:
    times = [
        field
        for schema in _all_below(Schema)
        for field in schema._declared_fields.values()
        if isinstance(field, fields.DateTime)
    ]
    assert len(times) > 20
    assert {type(field) for field in times} == {UtcTime}


def _all_below(kind: type) -> Iterator[Any]:
    for below in kind.__subclasses__():
        yield below
        yield from _all_below(below)


def test_the_document_tells_the_needs_of_the_guard(document: Json) -> None:
    told = {op["operationId"]: op for _, _, op in operations(document)}
    accesses = {e.rpartition(".")[2]: access_of(e) for e in ROUTES}
    assert set(told) <= set(accesses)
    for name, operation in told.items():
        access = accesses[name]
        assert access is not None, name
        assert Need(operation["x-needs"]) is access.need
        assert operation.get("x-scope") == (access.scope if operation["security"] else None), name

"""The SDK and the API are one contract: every route has its method, every field its attribute."""

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from inspect import isfunction
from inspect import signature as signature_of
from pathlib import Path
from typing import Any, TextIO, get_args, get_origin, get_type_hints

import httpx
import pytest

from hephaestus_core.settings.config import load_settings
from hephaestus_sdk import HephaestusClient, Phase, WorkflowDefinition
from hephaestus_sdk.errors import HephaestusError
from hephaestus_web.app import create_app
from hephaestus_web.reference.openapi import openapi_document

Json = dict[str, Any]
Route = tuple[str, str]

#: Methods that are made of others and call no route of their own.
COMPOSED = {"full_id", "follow_output", "output_so_far", "close"}
DEFINITION = WorkflowDefinition(id="x", name="x", phases=[Phase(id=1, name="a", description="b")])
#: What a method is called with, by the annotation of its parameter.
ARGUMENTS: dict[Any, Any] = {
    str: "00000000-0000-4000-8000-000000000000",
    int: 1,
    float: 0.0,
    bool: True,
    Sequence[str]: ["x"],
    Iterable[str]: ["x"],
    TextIO: io.StringIO(),
    WorkflowDefinition: DEFINITION,
}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Json:
    """The OpenAPI document of the application."""
    url = "postgresql+psycopg2://nobody@127.0.0.1:1/none"
    given = {"home": tmp_path_factory.mktemp("home"), "database_url": url}
    return openapi_document(create_app(load_settings(environ={}, overrides=given)))


@pytest.fixture(scope="module")
def routes(document: Json) -> dict[Route, Json]:
    """Every operation of the document, by method and path."""
    return {
        (method.upper(), path): told
        for path, methods in document["paths"].items()
        for method, told in methods.items()
        if method in {"get", "post", "put", "patch", "delete"}
    }


def methods() -> dict[str, Any]:
    """Return the client's methods that call a route."""
    names = [name for name in dir(HephaestusClient) if not name.startswith("_")]
    found = {name: getattr(HephaestusClient, name) for name in names}
    return {n: method for n, method in found.items() if isfunction(method) and n not in COMPOSED}


def called(name: str, routes: dict[Route, Json]) -> Route:
    """Call a method; return the route that its request goes to."""
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(404, json={"code": "not_found", "detail": "none"})

    given = {
        parameter.name: ARGUMENTS[hint]
        for parameter in list(signature_of(methods()[name]).parameters.values())[1:]
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
        for hint in [_plain(get_type_hints(methods()[name])[parameter.name])]
    }
    transport = httpx.MockTransport(answer)
    client = HephaestusClient("http://127.0.0.1:1", patience=0, transport=transport)
    with client, suppress(HephaestusError):
        getattr(client, name)(**given)
    path = sent[0].url.path
    for method, template in sorted(routes, key=lambda route: route[1].count("{")):
        if method == sent[0].method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
            return method, template
    raise AssertionError(f"{name} calls {sent[0].method} {path}, which is no route")


def _plain(hint: Any) -> Any:
    """Return the type of an argument, without the None that it may also be."""
    return get_args(hint)[0] if type(None) in get_args(hint) else hint


def test_every_route_has_its_method_and_every_method_its_route(routes: dict[Route, Json]) -> None:
    reached = {called(name, routes) for name in methods()}
    assert reached == set(routes)


def test_views_have_the_fields_of_the_answers(document: Json, routes: dict[Route, Json]) -> None:
    answered: dict[type, set[str]] = defaultdict(set)
    for name, method in methods().items():
        schema = _schema(routes[called(name, routes)])
        for view, properties in _pairs(document, get_type_hints(method)["return"], schema):
            answered[view] |= properties
            assert properties <= {field.name for field in fields(view)}, f"{name}: {view}"
    assert len(answered) > 20
    for view, properties in answered.items():
        assert {field.name for field in fields(view)} == properties, view


def _schema(told: Json) -> Json:
    """Return the schema of a route's good answer."""
    good = next(answer for status, answer in told["responses"].items() if status[0] == "2")
    found: Json = good["content"].get("application/json", {"schema": {}})["schema"]  # else bytes
    return found


def _pairs(document: Json, kind: Any, schema: Json) -> Iterator[tuple[type, set[str]]]:
    """Yield each view that an answer is made of, with the names that the API sends for it."""
    kind = _dataclass_in(kind)
    if kind is None:
        return
    schema = _resolved(document, schema)
    if "items" in schema.get("properties", {}) and "items" not in _names(kind):
        schema = schema["properties"]["items"]  # a page, of which the method returns the items
    schema = _resolved(document, schema)
    properties = schema.get("properties")
    if properties is None:
        return
    yield kind, set(properties)
    for name, hint in get_type_hints(kind).items():
        if name in properties:
            yield from _pairs(document, hint, properties[name])


def _resolved(document: Json, schema: Json) -> Json:
    """Return what a schema refers to, through lists and what may be null."""
    while True:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif "anyOf" in schema or "allOf" in schema:
            variants = schema.get("anyOf") or schema["allOf"]
            schema = next(each for each in variants if each.get("type") != "null")
        elif "items" in schema:
            schema = schema["items"]
        else:
            return schema


def _dataclass_in(hint: Any) -> Any:
    """Return the dataclass that an annotation is about, None if it is about none."""
    if get_origin(hint) is not None or get_args(hint):
        return next(filter(None, map(_dataclass_in, get_args(hint))), None)
    return hint if is_dataclass(hint) else None


def _names(kind: type) -> set[str]:
    return {field.name for field in fields(kind)}


def test_the_reference_is_that_of_the_code(document: Json) -> None:
    from hephaestus_web.reference.api_reference import reference

    committed = (Path(__file__).parents[3] / "docs/api.md").read_text()
    assert committed == reference(document), "run `make docs`"

"""Reads requests: strict JSON, known names only, and the core's error texts."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, NoReturn, Protocol, TypeVar, cast

import flask_smorest  # type: ignore[import-untyped]
from flask import Flask, Request, abort, request
from marshmallow import Schema, ValidationError
from webargs.core import is_json
from webargs.flaskparser import FlaskParser

from hephaestus_core.contract.spelling import nearest
from hephaestus_core.contract.texts import refuse_unstorable
from hephaestus_web.reference.openapi import operation
from hephaestus_web.requests.faults import refusal_of

#: Deepest nesting of lists and objects in a body: serialization is recursive.
_DEPTH: Final = 50

View = TypeVar("View", bound=Callable[..., Any])


def install(app: Flask) -> None:
    """Check the path and the query of every request, after its caller is known."""
    app.before_request(_refuse_unstorable_names)


def _refuse_unstorable_names() -> None:
    """Refuse a path or a query with characters that cannot be stored.

    Raises:
        InvalidInput: ``field`` names the part.
    """
    for field, value in (request.view_args or {}).items():
        refuse_unstorable(str(value), field)
    for field, value in request.args.items(multi=True):
        refuse_unstorable(value, field)


class Decorator(Protocol):
    """A decorator that keeps the type of a view."""

    def __call__(self, view: View, /) -> View: ...


class StrictParser(FlaskParser):
    """Reads bodies and queries; the schema refuses unknown names."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - webargs reads this name
        "json": None,
        "query": None,
    }

    def load_json(self, req: Request, schema: Schema) -> Any:  # noqa: ARG002 - webargs' signature
        """Return the body's JSON object; an empty body counts as ``{}``."""
        body = req.get_data(cache=True)
        if not body:
            return {}
        if not is_json(req.mimetype):
            abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body as application/json.")
        return _parsed(body)

    def handle_error(
        self, error: ValidationError, req: Request, schema: Schema, **_: Any
    ) -> NoReturn:
        """Raise the faults that a schema found, the first ones together.

        Raises:
            InvalidInput: always.
        """
        del req
        by_location: Any = error.messages
        raise refusal_of(fault for part in by_location.values() for fault in _faults(part, schema))


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A flask-smorest blueprint that reads requests with :class:`StrictParser`.

    Its decorators are flask-smorest's, with types.
    """

    ARGUMENTS_PARSER = StrictParser()

    def get(self, rule: str) -> Decorator:
        """Serve GET at ``rule``."""
        return self._serve("GET", rule)

    def post(self, rule: str, *, keyed: bool = False) -> Decorator:
        """Serve POST at ``rule``; ``keyed`` says that it takes an idempotency key."""
        return self._serve("POST", rule, keyed=keyed)

    def put(self, rule: str) -> Decorator:
        """Serve PUT at ``rule``."""
        return self._serve("PUT", rule)

    def delete(self, rule: str) -> Decorator:
        """Serve DELETE at ``rule``."""
        return self._serve("DELETE", rule)

    def _serve(self, method: str, rule: str, *, keyed: bool = False) -> Decorator:
        def decorate(view: View) -> View:
            told = operation(f"{self.name}.{view.__name__}", method, rule, keyed=keyed)
            served = self.route(rule, methods=[method])(self.doc(**told)(view))
            return cast("View", served)

        return decorate

    def arguments(self, schema: type[Schema], *, location: str = "json") -> Decorator:
        """Pass what ``schema`` loads from the body or the query as the first argument."""
        # One instance for all requests: its construction costs more than a load.
        made = schema()
        needed = any(field.required for field in made.fields.values())
        return cast("Decorator", super().arguments(made, location=location, required=needed))

    def text_body(self, media_type: str, description: str) -> Decorator:
        """Pass the body, as bytes, as the first argument.

        A body of another media type is refused with 415.
        """
        content = {media_type: {"schema": {"type": "string", "description": description}}}

        def decorate(view: View) -> View:
            @wraps(view)
            def reading(*args: Any, **kwargs: Any) -> Any:
                if request.mimetype != media_type:
                    abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send the body as {media_type}.")
                return view(request.get_data(cache=False), *args, **kwargs)

            told = {"required": True, "content": content}
            return cast("View", self.doc(requestBody=told)(reading))

        return decorate

    def response(self, status: int, schema: type[Schema]) -> Decorator:
        """Dump what the view returns by ``schema``."""
        return cast("Decorator", super().response(status, schema))

    def bytes_response(self, status: int, content_type: str) -> Decorator:
        """Document a view that returns an answer of its own, with bytes."""
        schema = {"type": "string", "format": "binary"}
        return cast("Decorator", super().response(status, schema, content_type=content_type))

    def alt_response(self, status: int, schema: type[Schema]) -> Decorator:
        """Document another answer of the view."""
        return cast("Decorator", super().alt_response(status, schema=schema))


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body.decode(), parse_constant=_refuse_constant)
    except RecursionError:
        abort(HTTPStatus.BAD_REQUEST, "The JSON in the body is nested too deeply.")
    except ValueError as error:
        # also for bytes that are not UTF-8, and for numbers with too many digits
        abort(HTTPStatus.BAD_REQUEST, f"The body is not valid JSON: {error}.")
    if not isinstance(value, dict):
        abort(HTTPStatus.BAD_REQUEST, "The body must be a JSON object.")
    if _is_deeper(value, _DEPTH):
        abort(HTTPStatus.BAD_REQUEST, f"The JSON in the body is nested more than {_DEPTH} deep.")
    return value


def _is_deeper(value: Any, most: int) -> bool:
    """Say whether lists and objects are nested more than ``most`` deep."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return most == 0 or any(_is_deeper(item, most - 1) for item in inner)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _faults(messages: Any, schema: Schema) -> Iterator[tuple[str, str]]:
    """Yield (field, message) for what marshmallow says of a body or a query, in order."""
    for name, told in messages.items():
        if name != "_schema" and name not in schema.load_fields:
            yield name, f"Unknown name{nearest(name, list(schema.load_fields))}."
        else:
            yield from _told_of("" if name == "_schema" else name, told)


def _told_of(field: str, told: Any) -> Iterator[tuple[str, str]]:
    if isinstance(told, Mapping):  # of the items of a list, or of an object
        for key, inner in told.items():
            yield from _told_of(f"{field}[{key}]" if isinstance(key, int) else field, inner)
    else:
        for message in told if isinstance(told, list) else [told]:
            yield field, str(message)

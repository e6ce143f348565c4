"""The OpenAPI document: title, errors, and the facts of each operation beside its schemas."""

from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from flask import Flask
from flask_smorest import Api  # type: ignore[import-untyped]
from marshmallow import INCLUDE, Schema, fields
from werkzeug.exceptions import HTTPException

from hephaestus_web.access.auth import Need, access_of
from hephaestus_web.errors import http_problem

#: The introduction for people.
OVERVIEW: Final = Path(__file__).with_name("overview.md")

_TOKEN: Final[dict[str, list[str]]] = {"token": []}
_SESSION: Final[dict[str, list[str]]] = {"session": []}

_KEY: Final = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "A request sent again with the same key creates nothing more.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}


class FaultSchema(Schema):
    """One fault of a request."""

    field = fields.String()
    detail = fields.String()


class ProblemSchema(Schema):
    """A refusal (RFC 9457). `code` is stable; `detail` names the thing and the remedy."""

    class Meta:
        # Some refusals carry more, such as the two statuses of a refused transition.
        unknown = INCLUDE

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    field = fields.String(metadata={"description": "The input that is at fault."})
    errors = fields.List(fields.Nested(FaultSchema))


class ProblemApi(Api):  # type: ignore[misc]
    """flask-smorest's API with problem+json errors, both documented and sent."""

    def handle_http_exception(self, error: HTTPException) -> Any:
        """Turn a refusal of Flask, werkzeug or webargs into problem+json."""
        return http_problem(error)

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            if status >= HTTPStatus.BAD_REQUEST:
                self._document_refusal(status.name, status.phrase)
        self._document_refusal(self.DEFAULT_ERROR_RESPONSE_NAME, "Any other refusal")
        unchanged = {"description": "What `If-None-Match` names is still the newest."}
        self.spec.components.response(HTTPStatus.NOT_MODIFIED.name, unchanged, lazy=True)

    def _document_refusal(self, name: str, description: str) -> None:
        content = {"application/problem+json": {"schema": ProblemSchema}}
        response = {"description": description, "content": content}
        self.spec.components.response(name, response, lazy=True)


def openapi_config(cookie_name: str) -> dict[str, Any]:
    """Return the settings of the document."""
    schemes = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": cookie_name},
    }
    return {
        "API_TITLE": "Hephaestus",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/api",
        "OPENAPI_JSON_PATH": "openapi.json",
        "API_SPEC_OPTIONS": {
            "info": {"description": OVERVIEW.read_text()},
            "servers": [{"url": "/"}],
            "components": {"securitySchemes": schemes},
        },
    }


def openapi_document(app: Flask) -> dict[str, Any]:
    """Return the document of all routes of the API."""
    api: Api = app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    document: dict[str, Any] = api.spec.to_dict()
    return document


def operation(endpoint: str, method: str, rule: str, *, keyed: bool = False) -> dict[str, Any]:
    """Return the facts of a route that its decorators do not give.

    Args:
        keyed: it takes an idempotency key.
    """
    access = access_of(endpoint)
    assert access is not None, "a test holds the table and the routes together"
    guarded = access.need is not Need.NOTHING
    reading = method == "GET"
    refusals = {
        HTTPStatus.NOT_MODIFIED: reading and guarded,
        HTTPStatus.UNAUTHORIZED: guarded,
        HTTPStatus.FORBIDDEN: guarded,
        HTTPStatus.NOT_FOUND: "<" in rule,
        HTTPStatus.CONFLICT: not reading,
    }
    return {
        **({"parameters": [_KEY]} if keyed else {}),
        "operationId": endpoint.rpartition(".")[2],
        "security": [_TOKEN, *([_SESSION] if reading else [])] if guarded else [],
        "x-needs": access.need.value,
        **({"x-scope": access.scope.value} if guarded else {}),
        "responses": {str(int(status)): status.name for status, may in refusals.items() if may},
    }

"""Errors as problem+json (RFC 9457): those of the core, of Flask and of the database.

One table maps the core's errors to HTTP; a code never changes once released.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import sqlalchemy.exc
from flask import Flask, Response, json, redirect, render_template, request, url_for
from werkzeug import Response as BaseResponse
from werkzeug.exceptions import HTTPException, InternalServerError

from hephaestus_core.contract import errors as core

_log = logging.getLogger(__name__)

#: The nearest base class in this table decides.
STATUS: Final[dict[type[core.HephaestusError], HTTPStatus]] = {
    core.InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    core.RepositoryError: HTTPStatus.UNPROCESSABLE_ENTITY,
    core.AgentProgramError: HTTPStatus.UNPROCESSABLE_ENTITY,
    core.NotFound: HTTPStatus.NOT_FOUND,
    core.Conflict: HTTPStatus.CONFLICT,
    core.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    core.Forbidden: HTTPStatus.FORBIDDEN,
    core.RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    core.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    core.HephaestusError: HTTPStatus.INTERNAL_SERVER_ERROR,
}

#: Codes of HTTP's own errors.
_HTTP_CODES: Final = {
    HTTPStatus.BAD_REQUEST: "malformed_request",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body_too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    HTTPStatus.INTERNAL_SERVER_ERROR: "internal_error",
}


#: Titles of pages about errors; of others, the standard's own words.
_TITLES: Final = {
    HTTPStatus.BAD_REQUEST: "This could not be read",
    HTTPStatus.FORBIDDEN: "This is not yours to do",
    HTTPStatus.NOT_FOUND: "Not found",
    HTTPStatus.METHOD_NOT_ALLOWED: "This is no page",
    HTTPStatus.CONFLICT: "This is not possible now",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Something is missing or wrong",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many tries",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not available at the moment",
}
#: Characters of an address that a page repeats.
_SHOWN: Final = 200


def register(app: Flask) -> None:
    """Install the handlers for the core's and the database's errors."""
    app.register_error_handler(core.HephaestusError, problem_of)
    app.register_error_handler(sqlalchemy.exc.SQLAlchemyError, _database_problem)


def translated(error: BaseException | None) -> core.HephaestusError | None:
    """Return the core's error for an error of the database; None for a fault of ours."""
    if isinstance(error, core.HephaestusError):
        return error
    if isinstance(error, sqlalchemy.exc.DataError):
        return core.InvalidInput("A value does not fit its field; check lengths and ranges.")
    if isinstance(error, sqlalchemy.exc.OperationalError | sqlalchemy.exc.TimeoutError):
        return core.Unavailable("The database is away or busy; try again in a moment.")
    if isinstance(error, sqlalchemy.exc.DBAPIError) and error.connection_invalidated:
        return core.Unavailable("The connection to the database was lost; try again.")
    return None


def status_of(error: core.HephaestusError) -> HTTPStatus:
    """Return the HTTP status of an error."""
    return next(STATUS[base] for base in type(error).__mro__ if base in STATUS)


def problem_of(error: core.HephaestusError) -> BaseResponse:
    """Answer with an error of the core; a browser without a login is redirected to it."""
    if isinstance(error, core.Unauthenticated) and _wants_page():
        return redirect(url_for("pages.login", next=request.full_path.rstrip("?")))
    status = status_of(error)
    extra = {"field": error.field} if error.field else {}
    response = _problem(status, error.code, error.message, extra | error.details)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="hephaestus"'
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "1"
    if isinstance(error, core.RateLimited):
        response.headers["Retry-After"] = str(error.details["retry_after"])
    return response


def http_problem(error: HTTPException) -> HTTPException | BaseResponse:
    """Answer with an HTTP error; an internal fault shows no details."""
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    status = HTTPStatus(error.code)
    code = _HTTP_CODES.get(status, status.name.lower())
    response = _problem(status, code, _detail(error, status), {})
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def _detail(error: HTTPException, status: HTTPStatus) -> str:
    if isinstance(error, InternalServerError):
        return "Something went wrong on our side; it has been logged."
    if status == HTTPStatus.NOT_FOUND and _wants_page():
        return f"There is no page at {request.path[:_SHOWN]}."
    if status == HTTPStatus.NOT_FOUND:
        return f"There is nothing at {request.path}; see /api/openapi.json for all routes."
    if status == HTTPStatus.METHOD_NOT_ALLOWED and _wants_page():
        return "This address takes a form of one of our pages; it shows nothing by itself."
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return f"{request.method} is not allowed here; see the Allow header."
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return "The body is larger than 1 MiB; send less, or name a file in the repository."
    return error.description or status.phrase


def _database_problem(error: sqlalchemy.exc.SQLAlchemyError) -> BaseResponse | HTTPException:
    refusal = translated(error)
    if refusal is None:
        _log.error("request failed", exc_info=error)
        return http_problem(InternalServerError(original_exception=error))
    _log.warning("database refused: %s", str(error).splitlines()[0])
    return problem_of(refusal)


def _problem(status: HTTPStatus, code: str, detail: str, extra: Mapping[str, Any]) -> Response:
    if _wants_page():
        return Response(_page(status, detail), status=status)
    body = {
        "type": f"urn:hephaestus:error:{code}",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
        **extra,
    }
    return Response(json.dumps(body), status=status, mimetype="application/problem+json")


def _page(status: HTTPStatus, detail: str) -> str:
    """Return the page for a person: what is wrong, and the ways on from there."""
    before = request.referrer or ""
    return render_template(
        "error.html",
        status=status,
        title=_TITLES.get(status, status.phrase),
        detail=detail,
        looked_for=request.path.rstrip("/").rpartition("/")[2][:_SHOWN],
        back=before if before.startswith(request.host_url) and before != request.url else None,
    )


def _wants_page() -> bool:
    """Say whether the answer goes to a person's browser."""
    programs = ("/api/v1/", "/api/openapi.json", "/mcp", "/static/", "/socket.io")
    return not request.path.startswith(programs) and "text/html" in request.headers.get(
        "Accept", ""
    )

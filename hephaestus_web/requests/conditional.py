"""Reads of the API that need not be sent again: ETag, and 304 for what has not changed.

A tag is a hash of the answer. It saves what is sent and decoded, not the look into the database,
and can never claim that something is unchanged which is not.
"""

from http import HTTPStatus
from typing import Final

from flask import Flask, request
from werkzeug import Response

_READS: Final = ("/api/v1/", "/api/openapi.json")


def install(app: Flask) -> None:
    """Tag the answers to all reads of the API."""
    app.after_request(_tag)


def _tag(response: Response) -> Response:
    reading = request.method in {"GET", "HEAD"} and request.path.startswith(_READS)
    if reading and response.status_code == HTTPStatus.OK and request.blueprint != "health":
        response.add_etag()
        # A browser may keep it, for this person alone, and has to ask each time.
        response.headers["Cache-Control"] = "private, no-cache"
        response.make_conditional(request)
    return response

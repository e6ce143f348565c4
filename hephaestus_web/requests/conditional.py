"""ETags for reads of the API: an unchanged answer is a 304 without a body.

A tag is a hash of the answer. It saves transfer and decoding, not the query, and it is never stale.
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
    # A stream is not held in memory, so it has no hash before it ends.
    tagged = request.blueprint != "health" and not response.is_streamed
    if reading and response.status_code == HTTPStatus.OK and tagged:
        response.add_etag()
        # A browser may store it for this person alone, and must revalidate it each time.
        response.headers["Cache-Control"] = "private, no-cache"
        response.make_conditional(request)
    return response

"""Answers by gzip, for browsers and programs that take it.

Nothing secret may stand beside what a caller chose, since the length of a compressed answer tells
whether the two are alike (BREACH): the token of forms, the one secret in our pages, reads
differently each time (:mod:`hephaestus_web.access.forms`).
"""

import gzip
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from flask import Flask, request
from werkzeug import Response

_TYPES: Final = frozenset(
    {
        "text/html",
        "text/css",
        "text/javascript",
        "image/svg+xml",
        "application/json",
        "application/javascript",
        "application/problem+json",
    }
)
#: Bytes below which an answer fits one packet anyway.
_LEAST: Final = 1200
#: Of zlib's 1 to 9: higher ones take twice the time for some per cent.
_LEVEL: Final = 6
#: For files, which are compressed once.
_FILE_LEVEL: Final = 9
#: Files of ours that are kept compressed; there are fewer.
_FILES: Final = 64


def install(app: Flask) -> None:
    """Compress the answers to reads; to be installed before what changes bodies or tags them."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if not _is_compressible(response):
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings.quality("gzip"):
        return response
    response.direct_passthrough = False  # a file is read, not handed on
    body = response.get_data()
    if len(body) < _LEAST:
        return response
    pack = _packed_file if request.endpoint == "static" else _packed
    response.set_data(pack(body))
    response.headers["Content-Encoding"] = "gzip"
    tag, _ = response.get_etag()
    if tag is not None:
        response.set_etag(tag, weak=True)
    return response


def _is_compressible(response: Response) -> bool:
    return (
        request.method == "GET"
        and response.status_code == HTTPStatus.OK
        and response.mimetype in _TYPES
        and "Content-Encoding" not in response.headers
        and (request.endpoint == "static" or not response.is_streamed)
    )


def _packed(body: bytes, level: int = _LEVEL) -> bytes:
    return gzip.compress(body, level, mtime=0)


@lru_cache(_FILES)
def _packed_file(body: bytes) -> bytes:
    return _packed(body, _FILE_LEVEL)

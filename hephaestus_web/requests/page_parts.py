"""The parts of a page that change, each with a version, so that a refresh sends what differs.

A part is an element with ``data-part``. Each page names the version of each part in
``data-version``. A page that is open asks for itself again with the versions that it shows, in the
header ``X-Parts: head=1f0c… events=77ab… rows-7=*``, where the asterisk stands for a part out of
sight. The answer has the parts that differ and are in sight, and is a 304 without a body if none
does. The page is rendered all the same: this saves transfer and the browser's work.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from http import HTTPStatus
from typing import Final

from flask import Flask, request
from werkzeug import Response

from hephaestus_web.access.forms import shown_csrf_token

_ASKED: Final = "X-Parts"
#: In place of a version: the part need not be sent.
_UNSEEN: Final = "*"
#: Texts and values are escaped, so "<" begins a tag wherever it stands.
_OPENING: Final = re.compile(r'<(\w+)\b[^<>]*?\bdata-part="([\w-]+)"')


@dataclass(frozen=True)
class Part:
    """A part as it stands in the page: ``page[start:end]``, and where its version belongs."""

    name: str
    start: int
    after_name: int
    end: int
    version: str


def parts_of(page: str, *, less: str = "") -> Iterator[Part]:
    """Yield the outermost parts of a page, in its order.

    Args:
        less: a text that differs each time and makes no other version.
    """
    at = 0
    while found := _OPENING.search(page, at):
        at = _end(page, found.start(), found[1])
        body = page[found.start() : at]
        version = blake2b((body.replace(less, "") if less else body).encode(), digest_size=6)
        yield Part(found[2], found.start(), found.end(), at, version.hexdigest())


def _end(page: str, start: int, tag: str) -> int:
    """Return where the element ends that begins at ``start``."""
    depth = 0
    for found in re.compile(rf"<(/?){tag}\b[^<>]*>").finditer(page, start):
        depth += -1 if found[1] else 1
        if not depth:
            return found.end()
    return len(page)


def versioned(page: str, parts: list[Part]) -> str:
    """Return the page with the version of each part."""
    pieces, at = [], 0
    for part in parts:
        pieces += [page[at : part.after_name], f' data-version="{part.version}"']
        at = part.after_name
    return "".join([*pieces, page[at:]])


def install(app: Flask) -> None:
    """Give all pages versions, and answer those that ask for what differs."""
    app.after_request(_answer)


def _answer(response: Response) -> Response:
    if request.blueprint != "pages" or response.mimetype != "text/html":
        return response
    if request.method != "GET" or response.status_code != HTTPStatus.OK:
        return response
    page = response.get_data(as_text=True)
    parts = list(parts_of(page, less=shown_csrf_token()))
    asked = request.headers.get(_ASKED)
    if asked is None:
        response.set_data(versioned(page, parts))
        return response
    known = dict(pair.partition("=")[::2] for pair in asked.split())
    changed = [part for part in parts if known.get(part.name) not in (part.version, _UNSEEN)]
    if not changed:
        return Response(status=HTTPStatus.NOT_MODIFIED)
    response.set_data("".join(versioned(page[p.start : p.end], [_moved(p)]) for p in changed))
    return response


def _moved(part: Part) -> Part:
    """Return the part as it stands in a text that begins with it."""
    start = part.start
    return Part(part.name, 0, part.after_name - start, part.end - start, part.version)

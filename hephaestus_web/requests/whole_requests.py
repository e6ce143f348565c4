"""Requests with complete bodies; a truncated one is refused."""

import io
from http import HTTPStatus
from typing import IO

from flask import Request, abort
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.utils import cached_property
from werkzeug.wsgi import get_input_stream


class WholeRequest(Request):
    """Flask's request, with two gaps closed.

    Flask truncates a chunked body at the limit, and takes a body that ends before its announced
    length for complete.
    """

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body, in memory: its size is bounded.

        Raises:
            HTTPException: it is too large or truncated.
        """
        limit = self.max_content_length
        body = get_input_stream(self.environ, max_content_length=limit).read()
        if self.content_length is None:
            if limit is not None and len(body) >= limit:
                raise RequestEntityTooLarge
        elif len(body) < self.content_length:
            abort(HTTPStatus.BAD_REQUEST, "The body was cut short; send it again, whole.")
        return io.BytesIO(body)

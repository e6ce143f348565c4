"""The HTTP client below the SDKs: one deadline for a whole answer, and a bound on its size."""

import time
from collections.abc import Iterator
from typing import Any, Final

import httpx2

#: Most bytes of an answer.
ANSWER_BYTES: Final = 4_000_000
#: Most seconds of the wait for a connection, and its largest share of the whole time.
_CONNECTING: Final = 3.0
_SHARE: Final = 0.25


def time_limits(seconds: float) -> httpx2.Timeout:
    """Return limits by which connection and answer together take at most ``seconds``."""
    connecting = min(_CONNECTING, seconds * _SHARE)
    return httpx2.Timeout(seconds - connecting, connect=connecting)


class BoundedClient(httpx2.Client):
    """Follows no redirect, since that would take the key elsewhere.

    The timeout of a request counts for all of its answer, not for each part of it.
    """

    def __init__(self) -> None:
        super().__init__(follow_redirects=False)

    def send(
        self, request: httpx2.Request, *, stream: bool = False, **given: Any
    ) -> httpx2.Response:
        """Send a request; the body of the answer is bounded in time and size."""
        seconds = request.extensions.get("timeout", {}).get("read")
        deadline = time.monotonic() + (seconds if seconds is not None else 60.0)
        response = super().send(request, stream=True, **{**given, "follow_redirects": False})
        response.stream = _BoundedStream(response.stream, request, deadline)
        if not stream:
            try:
                response.read()
            finally:
                response.close()
        return response


class _BoundedStream(httpx2.SyncByteStream):
    def __init__(self, inner: Any, request: httpx2.Request, deadline: float) -> None:
        self._inner = inner
        self._request = request
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        taken = 0
        for part in self._inner:
            taken += len(part)
            if time.monotonic() > self._deadline:
                raise httpx2.ReadTimeout("the answer took too long", request=self._request)
            if taken > ANSWER_BYTES:
                raise httpx2.ReadError("the answer is too large", request=self._request)
            yield part

    def close(self) -> None:
        self._inner.close()

"""One HTTP connection to the API: token, timeouts, retries, and errors as exceptions.

A request is sent again, with growing and jittered pauses, if that cannot have an effect twice:

- any request that never reached the server (no connection);
- a GET, a PUT, or a POST with an idempotency key, if the answer was lost or was 502, 503 or 504.

So calls survive a restart of the web process; ``patience`` limits the time of one call. Creations,
which have a key, wait four times as long: a restart of the whole stack first saves the work of its
agents.
"""

import random
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx

from hephaestus_sdk.errors import (
    ConfigurationError,
    HephaestusError,
    InvalidInput,
    Unavailable,
    from_problem,
)

_FIRST_PAUSE = 0.1  # seconds
_LONGEST_PAUSE = 2.0  # seconds
#: How many times the patience of other calls a creation has.
_CREATION_PATIENCE = 4.0
_TRY_AGAIN = frozenset({502, 503, 504})
_API = "/api/v1"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Connection:
    """Sends requests to one API and returns decoded JSON. Safe to share between threads.

    Args:
        url: where the API answers, ``http://…`` or ``https://…``, without ``/api/v1``.
        token: sent as bearer token; None for the open routes only.
        timeout: seconds to wait for one answer.
        patience: seconds to go on trying when nothing answers; a creation has four times as many.
        transport: the transport of httpx, for special needs.

    Raises:
        ConfigurationError: the URL or the token is invalid.
    """

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        timeout: float = 30.0,
        patience: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = stack_url(url)
        self.patience = patience
        self._timeout = timeout
        self._http = http_client(self.url + _API, token, timeout=timeout, transport=transport)

    def close(self) -> None:
        """Close the connection; it cannot be used again."""
        self._http.close()

    def get(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        wait: float = 0.0,
        patience: float | None = None,
    ) -> Any:
        """GET ``path``; parameters that are None are left out.

        Args:
            path: below ``/api/v1``.
            params: of the query.
            wait: most seconds of a long-poll.
            patience: seconds to go on trying, in place of the connection's.
        """
        request = self._request(
            "GET",
            path,
            params=_given(params),
            timeout=httpx.Timeout(self._timeout + wait, connect=5.0),
        )
        return self._send(request, repeatable=True, patience=patience)

    def download(self, path: str) -> bytes:
        """GET ``path``; return the bytes of the answer."""
        request = self._request("GET", path, headers={"Accept": "*/*"})
        return self._answered(request, repeatable=True).content

    def probe(self, path: str) -> dict[str, Any] | None:
        """GET ``path`` once and return the answer of any status; None without an answer."""
        try:
            answer = self._http.get(path, timeout=5.0)
            body = answer.json()
        except (httpx.RequestError, ValueError):
            return None
        return body if isinstance(body, dict) else None

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """PUT ``body`` to ``path``."""
        return self._send(self._request("PUT", path, json=body), repeatable=True)

    def delete(
        self, path: str, params: Mapping[str, Any] | None = None, *, repeatable: bool = False
    ) -> Any:
        """DELETE ``path``.

        Args:
            path: below ``/api/v1``.
            params: of the query.
            repeatable: send it again after a lost answer; else a repetition would find nothing.
        """
        return self._send(self._request("DELETE", path, params=params), repeatable=repeatable)

    def post(
        self, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> Any:
        """POST ``body`` to ``path``; values that are None are left out.

        Args:
            path: below ``/api/v1``.
            body: the JSON to send.
            key: idempotency key: the server answers a repetition with the first answer.

        Raises:
            InvalidInput: a text holds a lone surrogate, which cannot be sent.
        """
        given = {name: value for name, value in (body or {}).items() if value is not None}
        headers = {} if key is None else {"Idempotency-Key": key}
        request = self._request("POST", path, json=given, headers=headers)
        patience = self.patience if key is None else _CREATION_PATIENCE * self.patience
        return self._send(request, repeatable=key is not None, patience=patience)

    def post_text(
        self,
        path: str,
        text: str,
        media_type: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout: float,
    ) -> Any:
        """POST a text to ``path``, again after a lost answer: the route must allow it.

        Args:
            path: below ``/api/v1``.
            text: the body.
            media_type: of the body.
            params: of the query; those that are None are left out.
            timeout: seconds to wait for the answer.
        """
        request = self._request(
            "POST",
            path,
            params=_given(params),
            content=text.encode("utf-8", "replace"),
            headers={"Content-Type": media_type},
            timeout=httpx.Timeout(timeout, connect=5.0),
        )
        return self._send(request, repeatable=True)

    def stream(self, path: str, params: Mapping[str, Any] | None = None) -> Iterator[str]:
        """GET ``path``; yield the text of the answer as it arrives.

        Args:
            path: below ``/api/v1``.
            params: of the query; those that are None are left out.

        Raises:
            Unavailable: the answer was cut off.
        """
        request = self._request("GET", path, params=_given(params), headers={"Accept": "*/*"})
        answer = self._answered(request, repeatable=True, stream=True)
        try:
            yield from answer.iter_text()
        except httpx.RequestError as error:
            raise self._unreachable(error) from error
        finally:
            answer.close()

    def _request(self, method: str, path: str, **parts: Any) -> httpx.Request:
        try:
            return self._http.build_request(method, path, **parts)
        except UnicodeError as error:
            raise InvalidInput(
                f"a text cannot be sent ({error}): it holds one half of a character that is "
                "written as two; take it out"
            ) from error
        except ValueError as error:
            raise InvalidInput("'nan' and 'inf' are no amounts; give a number") from error

    def _send(
        self, request: httpx.Request, *, repeatable: bool, patience: float | None = None
    ) -> Any:
        return _decoded(self._answered(request, repeatable=repeatable, patience=patience))

    def _answered(
        self,
        request: httpx.Request,
        *,
        repeatable: bool,
        patience: float | None = None,
        stream: bool = False,
    ) -> httpx.Response:
        """Send the request until it is answered; return the answer if it is good."""
        deadline = time.monotonic() + (self.patience if patience is None else patience)
        for pause in pauses():
            answer = self._attempt(request, repeatable=repeatable, stream=stream)
            if isinstance(answer, httpx.Response) and not answer.is_success:
                raise refusal(answer)
            if isinstance(answer, httpx.Response):
                return answer
            if time.monotonic() + pause >= deadline:
                raise answer
            time.sleep(pause)
        raise AssertionError("pauses have no end")

    def _attempt(
        self, request: httpx.Request, *, repeatable: bool, stream: bool = False
    ) -> httpx.Response | HephaestusError:
        """Return the answer, or the error after which the request may be repeated."""
        try:
            answer = self._http.send(request, stream=stream)
            if stream and not answer.is_success:
                answer.read()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return self._unreachable(error)
        except httpx.RequestError as error:
            if repeatable:
                return self._unreachable(error)
            raise self._unreachable(error) from error
        if answer.status_code in _TRY_AGAIN and repeatable:
            return refusal(answer)
        return answer

    def _unreachable(self, error: httpx.RequestError) -> Unavailable:
        return unreachable(self.url, error)


def http_client(
    base_url: str,
    token: str | None,
    *,
    timeout: float,
    transport: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """Return a client whose requests go below ``base_url`` and carry the token.

    Raises:
        ConfigurationError: the token is invalid.
    """
    return httpx.Client(
        base_url=base_url,
        headers={"Accept": "application/json", **_authorization(token)},
        timeout=httpx.Timeout(timeout, connect=min(timeout, 5.0)),
        transport=transport,
        # A proxy cannot reach this machine's loopback.
        trust_env=urlsplit(base_url).hostname not in _LOOPBACK,
    )


def pauses() -> Iterator[float]:
    """Yield pauses in seconds without end: doubling, with jitter in the upper half."""
    longest = _FIRST_PAUSE
    while True:
        yield random.uniform(longest / 2, longest)
        longest = min(longest * 2, _LONGEST_PAUSE)


def unreachable(url: str, error: httpx.RequestError) -> Unavailable:
    """Return the message for a stack that does not answer."""
    return Unavailable(
        f"{url} does not answer ({error or type(error).__name__}); check the URL and "
        "that the stack is up: `is_healthy()`"
    )


def refusal(answer: httpx.Response) -> HephaestusError:
    """Return the error of a failed answer."""
    return from_problem(answer.status_code, _problem(answer))


def stack_url(url: str) -> str:
    """Return the base URL of a stack, from its URL with or without ``/api/v1``.

    Raises:
        ConfigurationError: the URL is invalid.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError(
            f"url {url!r} is no address of an API; write it like http://127.0.0.1:8000",
            field="url",
        )
    return url.strip().rstrip("/").removesuffix(_API)


def _authorization(token: str | None) -> dict[str, str]:
    if token is None:
        return {}
    stripped = token.strip()
    if not stripped or not stripped.isascii() or not stripped.isprintable() or " " in stripped:
        raise ConfigurationError(
            "token: is empty or holds characters that no token has; copy it again", field="token"
        )
    return {"Authorization": f"Bearer {stripped}"}


def _given(params: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: _query(item) for key, item in (params or {}).items() if item is not None}


def _query(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _decoded(answer: httpx.Response) -> Any:
    try:
        return answer.json() if answer.content else {}
    except ValueError:
        raise Unavailable(
            f"{answer.url} answers, but not as a Hephaestus API; check the URL"
        ) from None


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if isinstance(problem, dict):
        return problem
    if answer.status_code == HTTPStatus.REQUEST_URI_TOO_LONG:
        return {"detail": "what is asked for is too long to be sent; shorten the text"}
    return {"detail": f"{answer.url} answers with HTTP status {answer.status_code}"}

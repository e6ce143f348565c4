"""Probes of processes. They are cheap: the supervisor runs them many times a second."""

import contextlib
import http
import socket
import time
from collections.abc import Callable
from pathlib import Path

from hephaestus_sdk.runtime import postgres, valkey

_HTTP_SECONDS = 2.0


def holds(check: tuple[str, ...]) -> bool:
    """Whether a check of :attr:`ProcessSpec.ready` or :attr:`ProcessSpec.alive` holds now."""
    if not check:
        return True
    kind, *arguments = check
    return _CHECKS[kind](*arguments)


def answers_ok(url: str) -> bool:
    """Whether a GET of the ``http://`` URL is answered with status 200.

    Written by hand: http.client would make the supervisor a third bigger.
    """
    address, _, path = url.removeprefix("http://").partition("/")
    host, _, port = address.rpartition(":")
    request = f"GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    answer = b""
    with (
        contextlib.suppress(OSError),
        socket.create_connection((host.strip("[]"), int(port)), timeout=_HTTP_SECONDS) as server,
    ):
        server.sendall(request.encode())
        while b"\n" not in answer and (part := server.recv(256)):
            answer += part
    words = answer.split(b"\r\n", 1)[0].split(b" ")
    return len(words) > 1 and words[1] == str(http.HTTPStatus.OK.value).encode()


def _file(path: str) -> bool:
    return Path(path).exists()


def _fresh(path: str, seconds: str) -> bool:
    with contextlib.suppress(OSError):
        # A time in the future is no sign of life: the clock was set back since.
        return abs(time.time() - Path(path).stat().st_mtime) < float(seconds)
    return False


def _postgres(data_dir: str, port: str) -> bool:
    return postgres.is_ready(Path(data_dir), int(port))


def _postgres_answers(port: str) -> bool:
    return postgres.answers(int(port))


def _valkey(port: str, password_file: str) -> bool:
    return valkey.is_ready(int(port), Path(password_file).read_text().strip())


_CHECKS: dict[str, Callable[..., bool]] = {
    "file": _file,
    "fresh": _fresh,
    "http": answers_ok,
    "postgres": _postgres,
    "postgres_answers": _postgres_answers,
    "valkey": _valkey,
}

"""A client of the engine's tools, over MCP's streamable HTTP without a session.

If the web server does not answer, the agent retries for a minute.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from hephaestus_worker.scripted_agent.errors import AttemptOver, EngineAway, StepError

PROTOCOL_VERSION = "2026-07-28"
"""The first revision with self-contained requests: no handshake, no session."""

_META = "io.modelcontextprotocol/"
_PATIENCE_SECONDS = 60.0
_CALL_SECONDS = 30.0
_LONGEST_PAUSE_SECONDS = 3.0
_OVER_STATUS = {401, 403, 409}
_OVER_CODES = ("stale_attempt", "unauthenticated")
_TRY_AGAIN_FROM = 500
_TRY_AGAIN_STATUS = {408, 425, 429}


class _TryAgain(Exception):
    """The call failed in a way that a retry may mend."""


class Tools:
    """Calls tools for one attempt.

    Raises:
        AttemptOver: from every call, if the engine refuses this attempt.
        EngineAway: from every call, after a minute without an answer.
        StepError: from every call, if the tool refuses.
    """

    def __init__(self, url: str, token: str, *, on_retry: Callable[[str], None]) -> None:
        self._url = urlsplit(url)
        self._token = token
        self._on_retry = on_retry

    def call(self, name: str, arguments: Mapping[str, Any] | None = None) -> Any:
        """Call the tool until it answers, with one idempotency key, so that it acts only once."""
        key = os.urandom(16).hex()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        pause = 0.1
        while True:
            try:
                return self._call_once(name, dict(arguments or {}), key)
            except (_TryAgain, OSError) as error:
                if time.monotonic() > deadline:
                    raise EngineAway(f"{name}: {error or type(error).__name__}") from error
                self._on_retry(f"{name}: {error or type(error).__name__}")
                time.sleep(_jittered(pause))
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _call_once(self, name: str, arguments: dict[str, Any], key: str) -> Any:
        params = {"name": name, "arguments": arguments, "_meta": _envelope()}
        body = {"jsonrpc": "2.0", "id": key, "method": "tools/call", "params": params}
        status, kind, raw = self._post(json.dumps(body).encode(), name, key)
        if status in _OVER_STATUS:
            raise AttemptOver(f"HTTP {status}")
        if status >= _TRY_AGAIN_FROM or status in _TRY_AGAIN_STATUS:
            raise _TryAgain(f"HTTP {status}")
        return _outcome(name, _message(kind, raw, status))

    def _post(self, body: bytes, name: str, key: str) -> tuple[int, str, bytes]:
        import http.client  # takes a third of the program's start, and some scripts call no tool

        secure = self._url.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self._url.hostname or "", self._url.port, timeout=_CALL_SECONDS)
        try:
            connection.request("POST", self._url.path or "/", body, self._headers(name, key))
            response = connection.getresponse()
            return response.status, response.headers.get_content_type(), response.read()
        except http.client.HTTPException as error:
            raise _TryAgain(str(error) or type(error).__name__) from error
        finally:
            connection.close()

    def _headers(self, name: str, key: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": PROTOCOL_VERSION,
            "Mcp-Method": "tools/call",
            "Mcp-Name": name,
            "Idempotency-Key": key,
        }


def _jittered(pause: float) -> float:
    import random

    return random.uniform(0, pause)


def _envelope() -> dict[str, Any]:
    return {
        f"{_META}protocolVersion": PROTOCOL_VERSION,
        f"{_META}clientCapabilities": {},
        f"{_META}clientInfo": {"name": "hephaestus-scripted-agent", "version": "1"},
    }


def _message(kind: str, raw: bytes, status: int) -> dict[str, Any]:
    """Return the JSON-RPC answer from a JSON body or an event stream."""
    try:
        if kind != "text/event-stream":
            return dict(json.loads(raw))
        for event in raw.decode().replace("\r\n", "\n").split("\n\n"):
            data = "\n".join(x[5:].strip() for x in event.split("\n") if x.startswith("data:"))
            if data and ("result" in (answer := json.loads(data)) or "error" in answer):
                return dict(answer)
    except (ValueError, TypeError) as error:
        raise StepError(f"HTTP {status} with an answer that is not MCP: {error}") from error
    raise _TryAgain("the stream ended without an answer")


def _outcome(name: str, message: dict[str, Any]) -> Any:
    if error := message.get("error"):
        raise _refusal(name, json.dumps(error))
    result = message.get("result", {})
    text = "\n".join(part.get("text", "") for part in result.get("content", []))
    if result.get("isError"):
        raise _refusal(name, json.dumps(result.get("structuredContent") or text))
    if (structured := result.get("structuredContent")) is not None:
        return structured
    try:
        return json.loads(text)
    except ValueError:
        return text


def _refusal(name: str, reason: str) -> Exception:
    if any(code in reason for code in _OVER_CODES):
        return AttemptOver(reason)
    if '"unavailable"' in reason or '\\"unavailable\\"' in reason:
        return _TryAgain(reason)
    return StepError(f"{name} refused: {reason}")

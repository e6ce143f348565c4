"""A bridge from MCP over stdio to a stack's ``/mcp``: each line that is read is one request there.

It understands no more of the messages than the headers need, so it serves every revision of the
protocol that the stack speaks.
"""

import base64
import json
import logging
import re
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO, Final, Self

import httpx

from hephaestus_sdk.api.connection import http_client, pauses, refusal, stack_url, unreachable
from hephaestus_sdk.errors import HephaestusError, Unavailable

_PATH: Final = "/mcp"
#: Seconds that an answer may take: more than any tool waits.
_TIMEOUT: Final = 60.0
#: Requests carried at once.
_AT_ONCE: Final = 16

_VERSION_KEY: Final = "io.modelcontextprotocol/protocolVersion"
#: Whose parameter stands in the header ``Mcp-Name`` too.
_NAMED: Final = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_PLAIN: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?")

#: Codes of JSON-RPC.
_PARSE_ERROR: Final = -32700
_INVALID_REQUEST: Final = -32600
_INTERNAL_ERROR: Final = -32603

_log = logging.getLogger(__name__)

Message = dict[str, Any]


class McpBridge:
    """Carries messages to one stack and its answers back.

    Args:
        url: of the stack.
        token: of the person.
        output: where answers are written, one per line.
        patience: seconds to go on trying to reach the stack, as when it is restarted.

    Raises:
        ConfigurationError: the URL or the token cannot be one.
    """

    def __init__(self, url: str, token: str, output: BinaryIO, *, patience: float = 10.0) -> None:
        self._url = stack_url(url)
        self._http = http_client(self._url, token, timeout=_TIMEOUT)
        self._output = output
        self._patience = patience
        self._writing = threading.Lock()
        #: What was agreed on in a handshake; later revisions name theirs in each request.
        self._version: str | None = None

    def __enter__(self) -> Self:
        """Return the bridge."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self._http.close()

    def check(self) -> None:
        """Make sure that the stack answers and knows the token.

        Raises:
            Unavailable: nothing answers at the URL, or something else.
            Unauthenticated: the token is unknown, expired or revoked.
        """
        body = self._post({"jsonrpc": "2.0", "id": 0, "method": "ping"}, patience=0.0)
        if body is None or "result" not in body:
            raise Unavailable(f"{self._url} answers, but not as a Hephaestus stack; check the URL")

    def carry(self, lines: Iterable[bytes]) -> None:
        """Carry each line, until there are no more and all are answered."""
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="mcp") as pool:
            for line in lines:
                if line.strip():
                    self._take(line, pool)

    def _take(self, line: bytes, pool: ThreadPoolExecutor) -> None:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return self._write(_error(None, _PARSE_ERROR, "This line is not JSON."))
        if not isinstance(message, dict):
            return self._write(_error(None, _INVALID_REQUEST, "Send one JSON object per line."))
        if message.get("method") == "initialize":
            # What follows needs what it agrees on.
            return self._exchange(message)
        pool.submit(self._exchange, message)
        return None

    def _exchange(self, message: Message) -> None:
        try:
            answer = self._post(message, patience=self._patience)
        except HephaestusError as error:
            data = {"code": error.code}
            answer = _error(message.get("id"), _INTERNAL_ERROR, error.message, data)
        except Exception as error:
            # Whoever asked waits for an answer; in the pool nobody else would hear of it.
            _log.exception("The bridge could not forward a message.")
            text = f"The bridge could not forward this message ({error})."
            answer = _error(message.get("id"), _INTERNAL_ERROR, text)
        if answer is None or "id" not in message:
            return
        if message.get("method") == "initialize" and isinstance(answer.get("result"), dict):
            self._version = answer["result"].get("protocolVersion")
        if answer.get("id") is None:  # the stack could not read the request, but it is its answer
            answer = {**answer, "id": message["id"]}
        self._write(answer)

    def _post(self, message: Message, *, patience: float) -> Message | None:
        """Send a message; None: it was taken, and there is nothing to say.

        Only what did not reach the stack is sent again.
        """
        # With escapes, as a text may hold half a character, which has no other form.
        headers = {"Content-Type": "application/json", **self._headers(message)}
        request = self._http.build_request(
            "POST", _PATH, content=json.dumps(message), headers=headers
        )
        deadline = time.monotonic() + patience
        for pause in pauses():
            try:
                return _decoded(self._http.send(request))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if time.monotonic() + pause >= deadline:
                    raise unreachable(self._url, error) from error
                time.sleep(pause)
            except httpx.RequestError as error:
                raise unreachable(self._url, error) from error
        raise AssertionError("pauses have no end")

    def _headers(self, message: Message) -> dict[str, str]:
        method, params = message.get("method"), message.get("params")
        meta = params.get("_meta") if isinstance(params, dict) else None
        version = meta.get(_VERSION_KEY) if isinstance(meta, dict) else None
        if not isinstance(version, str) or not isinstance(method, str):
            return {} if self._version is None else {"MCP-Protocol-Version": self._version}
        headers = {"MCP-Protocol-Version": _header(version), "Mcp-Method": _header(method)}
        if method in _NAMED and isinstance(params, dict):
            headers["Mcp-Name"] = _header(str(params.get(_NAMED[method], "")))
        return headers

    def _write(self, message: Message) -> None:
        line = json.dumps(message, separators=(",", ":")).encode()
        with self._writing:
            self._output.write(line + b"\n")
            self._output.flush()


def _decoded(answer: httpx.Response) -> Message | None:
    if answer.status_code == httpx.codes.ACCEPTED:
        return None
    try:
        body = answer.json()
    except ValueError:
        body = None
    if isinstance(body, dict) and body.get("jsonrpc") == "2.0":
        return body
    if answer.is_success:
        raise Unavailable(f"{answer.url} answers, but not as an MCP server; check the URL")
    raise refusal(answer)


def _header(value: str) -> str:
    """Return a value as the protocol has it in headers: what is not plain text goes as base64."""
    if _PLAIN.fullmatch(value) and not value.startswith("=?base64?"):
        return value
    return f"=?base64?{base64.b64encode(value.encode()).decode()}?="


def _error(
    identity: object, code: int, text: str, data: Mapping[str, Any] | None = None
) -> Message:
    error = {"code": code, "message": text} | ({} if data is None else {"data": dict(data)})
    return {"jsonrpc": "2.0", "id": identity, "error": error}

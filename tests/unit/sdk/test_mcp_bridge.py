import io
import json
from typing import Any

import pytest

from hephaestus_sdk.cli.mcp_bridge import McpBridge
from hephaestus_sdk.errors import ConfigurationError, Unavailable

NOWHERE = "http://127.0.0.1:1"


def envelope(version: str) -> dict[str, Any]:
    return {"_meta": {"io.modelcontextprotocol/protocolVersion": version}}


def bridge(output: io.BytesIO | None = None) -> McpBridge:
    return McpBridge(NOWHERE, "a-token", output or io.BytesIO(), patience=0.2)


@pytest.mark.parametrize(
    ("message", "headers"),
    [
        ({"method": "tools/list", "params": {}}, {}),
        ({"method": "ping"}, {}),
        ({"result": {}}, {}),
        ({"method": "tools/list", "params": [1]}, {}),
        (
            {"method": "tools/list", "params": envelope("2026-07-28")},
            {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/list"},
        ),
        (
            {"method": "tools/call", "params": {"name": "é", **envelope("2026-07-28")}},
            {
                "MCP-Protocol-Version": "2026-07-28",
                "Mcp-Method": "tools/call",
                "Mcp-Name": "=?base64?w6k=?=",
            },
        ),
        (
            {"method": "resources/read", "params": {"uri": "a\r\nX: y", **envelope("v")}},
            {
                "MCP-Protocol-Version": "v",
                "Mcp-Method": "resources/read",
                "Mcp-Name": "=?base64?YQ0KWDogeQ==?=",
            },
        ),
    ],
)
def test_headers_say_what_the_message_says(
    message: dict[str, Any], headers: dict[str, str]
) -> None:
    with bridge() as carrying:
        assert carrying._headers(message) == headers


def test_a_stack_that_went_away_is_an_answer_and_no_end() -> None:
    output = io.BytesIO()
    call = {"jsonrpc": "2.0", "id": 5, "method": "tools/list"}
    note = {"jsonrpc": "2.0", "method": "notifications/cancelled"}
    with bridge(output) as carrying:
        carrying.carry([json.dumps(call).encode(), json.dumps(note).encode()])
    [answer] = map(json.loads, output.getvalue().splitlines())
    assert (answer["id"], answer["error"]["data"]) == (5, {"code": "unavailable"})
    assert "does not answer" in answer["error"]["message"]


@pytest.mark.parametrize(
    ("params", "data", "says"),
    [
        ({"name": "a", "arguments": {"text": "\ud83d"}}, {"code": "unavailable"}, "not answer"),
        # In a header it has no form at all.
        ({"name": "\ud83d", **envelope("2026-07-28")}, None, "could not forward this message"),
    ],
)
def test_half_a_character_is_carried_or_refused_but_always_answered(
    params: dict[str, Any],
    data: dict[str, str] | None,
    says: str,
) -> None:
    output = io.BytesIO()
    call = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}
    with bridge(output) as carrying:
        carrying.carry([json.dumps(call).encode()])
    [answer] = map(json.loads, output.getvalue().splitlines())
    assert (answer["id"], answer["error"]["code"]) == (7, -32603)
    assert answer["error"].get("data") == data
    assert says in answer["error"]["message"]


def test_a_stack_that_is_away_at_the_start_is_refused_at_once() -> None:
    with bridge() as carrying, pytest.raises(Unavailable, match="does not answer"):
        carrying.check()


@pytest.mark.parametrize(("url", "token"), [("nowhere", "a"), (NOWHERE, "a b"), (NOWHERE, "")])
def test_what_can_be_no_stack_is_refused(url: str, token: str) -> None:
    with pytest.raises(ConfigurationError):
        McpBridge(url, token, io.BytesIO())

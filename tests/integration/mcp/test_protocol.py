"""What goes over the wire: every revision of the protocol, with and without a handshake."""

from typing import Any

import httpx
import pytest
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_PROTOCOL_VERSION

from tests.integration.mcp.callers import Person
from tests.web_server import WebServer

ACCEPT = "application/json, text/event-stream"
META = "io.modelcontextprotocol/"


def post(
    web: WebServer, token: str, method: str, params: dict[str, Any], **headers: str
) -> httpx.Response:
    body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(
        f"{web.url}/mcp",
        json=body,
        headers={"Accept": ACCEPT, "Authorization": f"Bearer {token}", **given},
    )


def envelope(version: str) -> dict[str, Any]:
    return {f"{META}protocolVersion": version, f"{META}clientCapabilities": {}}


@pytest.mark.parametrize("version", HANDSHAKE_PROTOCOL_VERSIONS)
def test_an_older_client_shakes_hands_and_gets_its_own_revision(
    web: WebServer, viewer: Person, version: str
) -> None:
    client = {"name": "old", "version": "1"}
    hello = {"protocolVersion": version, "capabilities": {}, "clientInfo": client}
    answered = post(web, viewer.token, "initialize", hello).json()["result"]
    assert answered["protocolVersion"] == version
    assert answered["serverInfo"]["name"] == "hephaestus"
    assert answered["serverInfo"]["version"]
    assert set(answered["capabilities"]) == {"tools", "resources"}
    call = {"name": "health_check", "arguments": {}}
    done = post(web, viewer.token, "tools/call", call, MCP_Protocol_Version=version)
    assert done.json()["result"]["structuredContent"]["role"] == "viewer"


def test_a_client_of_an_unknown_older_revision_is_offered_one_that_is_spoken(
    web: WebServer, viewer: Person
) -> None:
    client = {"name": "odd", "version": "1"}
    hello = {"protocolVersion": "1999-01-01", "capabilities": {}, "clientInfo": client}
    answered = post(web, viewer.token, "initialize", hello).json()["result"]
    assert answered["protocolVersion"] in HANDSHAKE_PROTOCOL_VERSIONS


def test_the_newest_revision_needs_no_handshake(web: WebServer, viewer: Person) -> None:
    meta = {"_meta": envelope(LATEST_PROTOCOL_VERSION)}
    newest = {"MCP_Protocol_Version": LATEST_PROTOCOL_VERSION}
    found = post(web, viewer.token, "server/discover", meta, Mcp_Method="server/discover", **newest)
    discovered = found.json()["result"]
    assert LATEST_PROTOCOL_VERSION in discovered["supportedVersions"]
    call = {"name": "get_queue", "arguments": {}, **meta}
    done = post(
        web,
        viewer.token,
        "tools/call",
        call,
        Mcp_Method="tools/call",
        Mcp_Name="get_queue",
        **newest,
    )
    assert done.json()["result"]["structuredContent"]["queued"] == 0


def test_a_revision_of_the_future_is_told_what_is_spoken(web: WebServer, viewer: Person) -> None:
    version = "2099-01-01"
    refused = post(
        web,
        viewer.token,
        "tools/list",
        {"_meta": envelope(version)},
        MCP_Protocol_Version=version,
        Mcp_Method="tools/list",
    )
    assert refused.status_code == 400
    assert refused.json()["error"]["data"]["supported"] == [LATEST_PROTOCOL_VERSION]


def test_headers_that_contradict_the_body_are_refused(web: WebServer, viewer: Person) -> None:
    refused = post(
        web,
        viewer.token,
        "tools/call",
        {"name": "stop_workflow", "_meta": envelope(LATEST_PROTOCOL_VERSION)},
        MCP_Protocol_Version=LATEST_PROTOCOL_VERSION,
        Mcp_Method="tools/call",
        Mcp_Name="health_check",
    )
    assert refused.status_code == 400


@pytest.mark.parametrize("method", ["prompts/list", "resources/subscribe", "logging/setLevel"])
def test_what_is_not_offered_is_no_method(web: WebServer, viewer: Person, method: str) -> None:
    params = {"uri": "hephaestus://tasks/x", "level": "info"}
    error = post(web, viewer.token, method, params).json()["error"]
    assert error["code"] == -32601

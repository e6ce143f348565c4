"""Applications for the conformance suite, which sends no token: they give it the administrator's.

It also calls tools and resources by names that no product has, such as `test_simple_text`. So
:func:`with_fixtures` serves those, by our own server, catalogue, mount and guard, in place of ours.
"""

import base64
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from flask import Flask
from mcp.server.mcpserver import Image
from mcp_types import (
    AudioContent,
    BlobResourceContents,
    EmbeddedResource,
    ListResourcesResult,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextContent,
    TextResourceContents,
)
from typing_extensions import TypedDict

from hephaestus_core.agents.tools import Effect
from hephaestus_core.contract.errors import Conflict, NotFound
from hephaestus_core.settings.config import load_settings
from hephaestus_web.access.home_secrets import secret
from hephaestus_web.app import create_app
from hephaestus_web.mcp.catalogue import Catalogue, offer
from hephaestus_web.mcp.identity import Door
from hephaestus_web.mcp.mount import McpMount
from hephaestus_web.mcp.resources import Library
from hephaestus_web.mcp.server import mcp_server

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WAV = base64.b64encode(b"RIFF\x04\0\0\0WAVE").decode()


def test_simple_text() -> list[TextContent]:
    """Answer with a text."""
    return [TextContent(text="This is a simple text response for testing.")]


def test_image_content() -> Image:
    """Answer with an image."""
    return Image(data=PNG, format="png")


def test_audio_content() -> AudioContent:
    """Answer with a sound."""
    return AudioContent(data=WAV, mime_type="audio/wav")


def test_embedded_resource() -> EmbeddedResource:
    """Answer with a resource."""
    return _embedded("test://embedded-resource", "text/plain", "This is an embedded resource.")


def test_multiple_content_types() -> list[TextContent | Image | EmbeddedResource]:
    """Answer with several kinds of content."""
    return [
        TextContent(text="Multiple content types test:"),
        Image(data=PNG, format="png"),
        _embedded("test://mixed-content-resource", "application/json", '{"test": "data"}'),
    ]


def test_error_handling() -> list[TextContent]:
    """Refuse."""
    raise Conflict("This tool intentionally returns an error for testing.")


def _embedded(uri: str, kind: str, text: str) -> EmbeddedResource:
    return EmbeddedResource(resource=TextResourceContents(uri=uri, mime_type=kind, text=text))


class Fixtures(Library):
    """The resources that the suite asks for."""

    templates: Sequence[ResourceTemplate] = (
        ResourceTemplate(
            uri_template="test://template/{id}/data", name="data", mime_type="application/json"
        ),
    )

    def listed(self, _door: Door, _cursor: str | None) -> ListResourcesResult:
        """Return the two that can be named."""
        uris = ("test://static-text", "test://static-binary")
        return ListResourcesResult(resources=[Resource(uri=uri, name=uri) for uri in uris])

    def read(self, _door: Door, uri: str) -> ReadResourceResult:
        """Return what the suite expects at a URI."""
        contents: TextResourceContents | BlobResourceContents
        if uri == "test://static-text":
            contents = TextResourceContents(uri=uri, mime_type="text/plain", text="A text.")
        elif uri == "test://static-binary":
            blob = base64.b64encode(PNG).decode()
            contents = BlobResourceContents(uri=uri, mime_type="image/png", blob=blob)
        elif uri.startswith("test://template/"):
            text = f'{{"id": "{uri.split("/")[3]}"}}'
            contents = TextResourceContents(uri=uri, mime_type="application/json", text=text)
        else:
            raise NotFound(f"No resource {uri!r}.")
        return ReadResourceResult(contents=[contents])


class address(TypedDict):  # noqa: N801 - the suite looks for this name in the schema
    """An address, as the suite wants it described."""

    street: str
    city: str


def json_schema_2020_12_tool(name: str = "", address: address | None = None) -> TextContent:
    """Take a value whose schema is defined elsewhere in the schema."""
    return TextContent(text=f"{name} {address}")


TOOLS = (
    test_simple_text,
    test_image_content,
    test_audio_content,
    test_embedded_resource,
    test_multiple_content_types,
    test_error_handling,
    json_schema_2020_12_tool,
)


def ours() -> Flask:
    """Return the application as it is, started."""
    return _started(create_app(load_settings()))


def with_fixtures() -> Flask:
    """Return the application with the suite's tools and resources, started."""
    settings = load_settings()
    app = create_app(settings)
    catalogue = Catalogue(
        offer(
            tool,
            name=tool.__name__,
            title=tool.__name__,
            summary=tool.__doc__ or "",
            effect=Effect.READS,
            route="hosts.list_hosts",
        )
        for tool in TOOLS
    )
    mount = McpMount(mcp_server(catalogue, Fixtures()), settings)
    app.extensions["mcp"] = mount
    app.extensions["running"] = replace(app.extensions["running"], mcp=mount)
    return _started(app)


def _started(app: Flask) -> Flask:
    token = secret(load_settings().home, "admin.token")
    app.wsgi_app = _authorized(app.wsgi_app, token)  # type: ignore[method-assign]
    app.extensions["running"].start()
    return app


def _authorized(inner: Any, token: str) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    def call(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ.setdefault("HTTP_AUTHORIZATION", f"Bearer {token}")
        answer: Iterable[bytes] = inner(environ, start_response)
        return answer

    return call

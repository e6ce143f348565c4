"""The reference of all tools as Markdown: ``python -m hephaestus_web.mcp.reference`` prints it."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hephaestus_web.mcp.catalogue import Offer
from hephaestus_web.mcp.registry import CATALOGUE
from hephaestus_web.mcp.resources import Library

_HEAD: Final = """\
# MCP tools and resources

Made from the code by `make docs`; [the guide](mcp.md) says how to connect.
"""

_REF: Final = "#/$defs/"
_VIEW: Final = "View"

Schema = Mapping[str, Any]


def reference() -> str:
    """Return the whole document."""
    return "\n".join([_HEAD, *_contents(), *_people(), *_agents(), *_resources(), *_shapes()])


def _contents() -> Iterator[str]:
    people = [offer.listed.name for offer in CATALOGUE.of_people]
    agents = [offer.listed.name for offer in CATALOGUE.of_agents]
    yield f"**[Tools of people](#tools-of-people):** {_links({name: name for name in people})}\n"
    # The second heading of the same name has a number.
    numbered = {name: f"{name}-1" if name in people else name for name in agents}
    yield f"**[Tools of agents](#tools-of-agents):** {_links(numbered)}\n"
    yield "**[Resources](#resources)** · **[Shapes in answers](#shapes-in-answers)**\n"


def _links(anchors: Mapping[str, str]) -> str:
    return " · ".join(f"[`{name}`](#{anchor})" for name, anchor in anchors.items())


def _people() -> Iterator[str]:
    yield "## Tools of people\n"
    yield "With an API token. Each names the least role that may call it, and the scope.\n"
    for offer in CATALOGUE.of_people:
        access = offer.access
        yield from _tool(offer, f"Needs: {access.need.value}, `{access.scope}`. " if access else "")


def _agents() -> Iterator[str]:
    yield "## Tools of agents\n"
    yield "With the token of an attempt; all of them act on the agent's own task and workflow.\n"
    for offer in CATALOGUE.of_agents:
        yield from _tool(offer, "")


def _tool(offer: Offer, needs: str) -> Iterator[str]:
    listed = offer.listed
    yield f"### `{listed.name}`\n"
    yield f"{listed.description}\n"
    yield f"{needs}It {offer.effect.value}.\n"
    parameters = listed.input_schema.get("properties", {})
    if parameters:
        required = listed.input_schema.get("required", [])
        yield "| parameter | type | default | what |"
        yield "|---|---|---|---|"
        for name, schema in parameters.items():
            yield _parameter(name, schema, required=name in required)
        yield ""
    answer = listed.output_schema or {}
    yield f"Answers {_name(answer['title']) if _is_shape(answer) else _fields(answer)}.\n"


def _parameter(name: str, schema: Schema, *, required: bool) -> str:
    default = "" if required else f"`{json.dumps(schema.get('default'))}`"
    return f"| `{name}` | {_type(schema)} | {default} | {schema.get('description', '')} |"


def _resources() -> Iterator[str]:
    yield "## Resources\n"
    yield "People read all of them, an agent those of its own workflow.\n"
    yield "| URI | type | what |"
    yield "|---|---|---|"
    for template in Library.templates:
        yield f"| `{template.uri_template}` | `{template.mime_type}` | {template.description} |"
    yield ""


def _shapes() -> Iterator[str]:
    yield "## Shapes in answers\n"
    for name, schema in sorted(_definitions().items()):
        yield f"**{name}**: {_type(schema) if 'enum' in schema else _fields(schema)}.\n"


def _definitions() -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for offer in [*CATALOGUE.of_people, *CATALOGUE.of_agents]:
        answer = offer.listed.output_schema or {}
        shapes = dict(answer.get("$defs", {}))
        if _is_shape(answer):
            shapes[answer["title"]] = answer
        found |= {_name(name): schema for name, schema in shapes.items()}
    return found


def _is_shape(answer: Schema) -> bool:
    """Say whether other tools return the same shape."""
    return str(answer["title"]).endswith((_VIEW, "Detail"))


def _fields(schema: Schema) -> str:
    return ", ".join(f"`{name}` ({_type(s)})" for name, s in schema["properties"].items())


def _type(schema: Schema) -> str:
    """Return the type of a value in words."""
    if "$ref" in schema:
        return _name(schema["$ref"].removeprefix(_REF))
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    return str(schema.get("format") or schema.get("type", "any"))


def _name(definition: str) -> str:
    return definition.removesuffix(_VIEW)


if __name__ == "__main__":
    sys.stdout.write(reference())

"""The API reference for people, made from the OpenAPI document: ``docs/api.md``, ``/api/docs``."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Json = Mapping[str, Any]

_METHODS: Final = ("get", "post", "put")
_SCHEMAS: Final = "#/components/schemas/"
#: Routes with an empty body.
_NO_BODY: Final = {"$ref": f"{_SCHEMAS}EmptyInput"}
#: Words for formats of strings.
_FORMATS: Final = {"uuid": "UUID", "date-time": "time"}
#: Schemas that flask-smorest adds and nothing here uses.
_UNUSED: Final = {"PaginationMetadata"}
#: Answers that every route has; the text names them once.
_EVERYWHERE: Final = {"304", "401", "403", "default"}


def reference(document: Json) -> str:
    """Return the whole reference as Markdown."""
    names = [_heading(tag["name"]) for tag in document["tags"]]
    contents = " · ".join(f"[{n}](#{n.lower().replace(' ', '-')})" for n in [*names, "Objects"])
    parts = [f"# API\n\n{contents}\n\n{document['info']['description'].strip()}"]
    for tag in document["tags"]:
        parts.append(f"## {_heading(tag['name'])}\n\n{tag['description']}.")
        parts += _operations(document, tag["name"])
    parts.append("## Objects")
    parts += _objects(document)
    return "\n\n".join(parts) + "\n"


def _heading(tag: str) -> str:
    return tag.replace("_", " ").replace("-", " ").capitalize()


def _operations(document: Json, tag: str) -> Iterator[str]:
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if tag in methods.get(method, {}).get("tags", ()):
                given = [*methods.get("parameters", ()), *methods[method].get("parameters", ())]
                yield _operation(f"{method.upper()} {path}", methods[method], given)


def _operation(title: str, told: Json, given: list[Json]) -> str:
    needs = told["x-needs"]
    blocks = [
        f"### `{title}`",
        _prose(told["summary"]),
        _prose(told.get("description", "")),
        f"Needs: {'no token' if needs == 'nothing' else f'role `{needs}`'}.",
        _table(_parameters(given)),
        _body(told),
        _answers(told["responses"]),
    ]
    return "\n\n".join(block for block in blocks if block)


def _parameters(given: list[Json]) -> list[tuple[str, str, str]]:
    return [
        (_name(item), _type(item["schema"]), _remark(item["schema"], item.get("description", "")))
        for item in given
        if item["in"] != "path"
    ]


def _name(parameter: Json) -> str:
    where = " (header)" if parameter["in"] == "header" else ""
    return f"`{parameter['name']}`{where}"


def _body(told: Json) -> str:
    content = told.get("requestBody", {}).get("content", {})
    schemas = [each["schema"] for each in content.values()]
    return "\n".join(f"Body: {_type(each)}." for each in schemas if each != _NO_BODY)


def _answers(responses: Json) -> str:
    shown = []
    for status, response in sorted(responses.items()):
        schemas = [content["schema"] for content in response.get("content", {}).values()]
        if schemas:
            shown.append(f"{status} with {' or '.join(map(_type, schemas))}")
    refusals = sorted(set(responses) - _EVERYWHERE - {s.partition(" ")[0] for s in shown})
    told = f"; refused with {', '.join(refusals)}" if refusals else ""
    return f"Answers {', '.join(shown)}{told}."


def _objects(document: Json) -> Iterator[str]:
    shown = document["components"]["schemas"]
    for name in sorted(set(shown) - _UNUSED):
        rows = [
            (f"`{field}`{_star(shown[name], field)}", _type(told), _remark(told))
            for field, told in shown[name].get("properties", {}).items()
        ]
        if rows:
            yield f"### {name} object\n\n{_table(rows)}"


def _star(schema: Json, field: str) -> str:
    return "" if field in schema.get("required", ()) else " (optional)"


def _type(schema: Json) -> str:
    """Return the type of a value in words, objects as links to their tables."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_SCHEMAS)
        return f"[{name}](#{name.lower()}-object)"
    variants = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if variants:
        return " or ".join(_type(variant) for variant in variants)
    if "items" in schema:
        return _or_null(schema, f"list of {_type(schema['items'])}")
    kinds = schema.get("type", "any")
    first = kinds[0] if isinstance(kinds, list) else kinds
    return _or_null(schema, _FORMATS.get(schema.get("format", ""), str(first)))


def _or_null(schema: Json, words: str) -> str:
    nullable = isinstance(schema.get("type"), list) and "null" in schema["type"]
    return f"{words} or null" if nullable else words


def _remark(schema: Json, description: str = "") -> str:
    words = [description or schema.get("description", "")]
    if "minimum" in schema:
        upper = f" to {schema['maximum']:g}" if "maximum" in schema else " on"
        words.append(f"{schema['minimum']:g}{upper}")
    if schema.get("default") is not None:
        words.append(f"default {schema['default']}")
    return "; ".join(word.rstrip(".") for word in words if word).replace("|", "\\|")


def _table(rows: list[tuple[str, str, str]]) -> str:
    if not rows:
        return ""
    lines = [f"| {name} | {kind} | {remark} |" for name, kind, remark in rows]
    return "\n".join(["| name | type | |", "|---|---|---|", *lines])


def _prose(docstring: str) -> str:
    return docstring.replace("``", "`")

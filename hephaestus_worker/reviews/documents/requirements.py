"""The map from a requirements document to components: nothing left out, nothing in a circle."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hephaestus_worker.reviews.documents.ids import ids_in
from hephaestus_worker.reviews.documents.markdown import Document
from hephaestus_worker.reviews.documents.yaml_lists import entries, word, words

#: The form of a requirement's id, which may stand in the name of a test in any language.
IDS: Final = ["REQ_*"]
_MOST_REQUIREMENTS: Final = 60
_MOST_COMPONENTS: Final = 12


@dataclass(frozen=True)
class Component:
    """A part of the software that one task builds."""

    id: str
    paths: tuple[str, ...]
    depends_on: tuple[str, ...]
    requirements: tuple[str, ...]
    """The ids of those that it serves."""


def components(data: Mapping[str, Any]) -> list[Component]:
    """Return the components that a file of requirements names.

    Raises:
        Unreadable: the file has another form.
    """
    served: dict[str, list[str]] = {}
    for each in entries(data, "requirements"):
        served.setdefault(word(each, "component"), []).append(word(each, "id"))
    return [
        Component(
            id=(name := word(each, "id")),
            paths=tuple(words(each, "paths")),
            depends_on=tuple(words(each, "depends_on")),
            requirements=tuple(served.get(name, ())),
        )
        for each in entries(data, "components")
    ]


def faults(data: Mapping[str, Any], document: Document) -> Iterator[str]:
    """Yield the faults of a file of requirements.

    Args:
        data: the content of the file.
        document: the document that it maps.

    Raises:
        Unreadable: the file has another form.
    """
    requirements, parts = entries(data, "requirements"), components(data)
    if not requirements:
        yield "`requirements` is empty"
    if len(requirements) > _MOST_REQUIREMENTS:
        yield (
            f"{len(requirements)} requirements; at most {_MOST_REQUIREMENTS} belong to one "
            "milestone: move the others to a file for later"
        )
    yield from _of_requirements(requirements, {each.id for each in parts})
    yield from _of_components(parts)
    yield from _of_sources(requirements, entries(data, "left_out"), document)
    for each in entries(data, "questions"):
        if not (word(each, "question") and word(each, "decision") and word(each, "reason")):
            yield "each of `questions` needs a question, a decision and a reason"


def circle(parts: Sequence[Component]) -> list[str]:
    """Return the components that depend on themselves through others, or on one that does."""
    left = {each.id: set(each.depends_on) for each in parts}
    while free := [name for name, needs in left.items() if not needs & left.keys()]:
        for name in free:
            del left[name]
    return list(left)


def _of_requirements(requirements: Sequence[Mapping[str, Any]], parts: set[str]) -> Iterator[str]:
    seen: set[str] = set()
    for number, each in enumerate(requirements, start=1):
        name = word(each, "id")
        if ids_in(name, IDS) != [name]:
            yield f"requirement {number} needs an id like REQ_01, found {name[:50]!r}"
        elif name in seen:
            yield f"{name[:50]} stands there twice"
        seen.add(name)
        lacks = [key for key in ("says", "source", "shown_by") if not word(each, key)]
        if lacks:
            yield f"{name[:50]} lacks {', '.join(lacks)}"
        if word(each, "component") not in parts:
            yield f"{name[:50]}: there is no component {word(each, 'component')[:50]!r}"


def _of_components(parts: Sequence[Component]) -> Iterator[str]:
    known = {each.id for each in parts}
    if len(parts) > _MOST_COMPONENTS:
        yield f"{len(parts)} components; at most {_MOST_COMPONENTS} are built in one milestone"
    if len(known) < len(parts):
        yield "two components have the same id"
    for each in parts:
        unknown = sorted(set(each.depends_on) - known)
        if unknown:
            yield f"{each.id[:50]} depends on {unknown[0][:50]!r}, which is no component"
        if not each.paths:
            yield f"{each.id[:50]} lacks paths: the files and folders that its task may change"
        if not each.requirements:
            yield f"{each.id[:50]} serves no requirement"
    circling = circle(parts)
    if circling:
        yield f"these components depend on each other in a circle: {', '.join(circling)[:500]}"


def _of_sources(
    requirements: Sequence[Mapping[str, Any]],
    left_out: Sequence[Mapping[str, Any]],
    document: Document,
) -> Iterator[str]:
    headings = {_plain(each.text): each.text for each in document.headings}
    named = {_plain(word(each, "source")) for each in (*requirements, *left_out)}
    for each in requirements:
        if headings and _plain(word(each, "source")) not in headings:
            source = word(each, "source")[:100]
            yield f"{word(each, 'id')[:50]}: the document has no heading {source!r}"
    for each in left_out:
        if not word(each, "reason"):
            yield f"{word(each, 'source')[:100]!r} is left out without a reason"
    for heading in document.with_text:
        if _plain(heading) not in named:
            yield f"the heading {heading[:100]!r} is the source of nothing, and is not left out"


def _plain(heading: str) -> str:
    return " ".join(heading.lstrip("# ").casefold().split())

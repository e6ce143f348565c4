"""Prompt templates: Markdown files with ``$names``, whose sections without content vanish."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Final

_VERSION: Final = "version: "


@dataclass(frozen=True)
class PromptTemplate:
    """A template by its name, with a version that grows with each change of its text."""

    name: str
    version: int
    sections: tuple[Template, ...]

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the prompt; a section none of whose names has a value is left out.

        Raises:
            KeyError: ``values`` lacks a name of the template.
        """
        kept = (each for each in self.sections if _has_content(each, values))
        return "\n\n".join(each.substitute(values).strip() for each in kept) + "\n"


@cache
def template(name: str) -> PromptTemplate:
    """Return the template of this name."""
    place = files(__package__) / "templates" / f"{name}.md"
    head, _, text = place.read_text(encoding="utf-8").partition("\n")
    sections = ("\n" + text.strip()).split("\n# ")[1:]
    return PromptTemplate(
        name, int(head.removeprefix(_VERSION)), tuple(Template(f"# {each}") for each in sections)
    )


def _has_content(section: Template, values: Mapping[str, str]) -> bool:
    names = section.get_identifiers()
    return not names or any(values[name] for name in names)

"""Titles of tasks and workflows: one line that tells them apart."""

from collections.abc import Mapping
from typing import Any, Final

from hephaestus_core.contract.texts import NAME_LIMIT, plain_text

#: The most characters of a title that is taken from a text.
TITLE_LIMIT: Final = 80


def title_of(text: str) -> str:
    """Return the first non-blank line of a text, shortened, without a heading's marks."""
    lines = (" ".join(line.split()).lstrip("# ") for line in text.splitlines())
    line = next((line for line in lines if line), text.strip())
    return line if len(line) <= TITLE_LIMIT else f"{line[: TITLE_LIMIT - 1]}…"


def checked_title(given: str | None, otherwise: str) -> str:
    """Return the given title as one line, else the first line of another text.

    Raises:
        InvalidInput: the given title is too long or cannot be stored.
    """
    title = title_of(plain_text(given or "", "title", limit=NAME_LIMIT))
    return title or plain_text(title_of(otherwise), "title", limit=NAME_LIMIT)


def title_of_launch(
    template: Mapping[str, Any] | None, given: Mapping[str, Any], description: str
) -> str:
    """Return the first line that a person wrote at a launch; empty if no one wrote a text.

    Args:
        template: the launch template; its own texts and defaults do not count.
        given: the launch parameters.
        description: the workflow's description, which comes first.
    """
    parameters = template["parameters"] if template else []
    texts = [
        given.get(parameter["name"])
        for parameter in parameters
        if parameter["type"] in {"text", "textarea"}
        and given.get(parameter["name"]) != parameter["default"]
    ]
    found = (title_of(text) for text in (description, *texts) if isinstance(text, str))
    return next((title for title in found if title), "")

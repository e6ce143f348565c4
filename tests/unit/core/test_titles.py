"""Titles, from what people wrote."""

import pytest

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.titles import checked_title, title_of, title_of_launch

TEMPLATE = {
    "parameters": [
        {"name": "size", "type": "dropdown", "default": None},
        {"name": "branch", "type": "text", "default": "main"},
        {"name": "bug", "type": "textarea", "default": None},
    ]
}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Fix it", "Fix it"),
        ("\n \n## Fix  it\nmore", "Fix it"),
        ("x" * 81, "x" * 79 + "…"),
        ("x" * 80, "x" * 80),
        ("#\n\nThen", "Then"),
        ("", ""),
        ("##", "##"),
    ],
)
def test_a_title_is_the_first_line(text: str, title: str) -> None:
    assert title_of(text) == title


def test_a_given_title_counts_before_the_text() -> None:
    assert checked_title("Mine\nand more", "other") == "Mine"
    assert checked_title(None, "\x1b[2Jgone") == "␛[2Jgone"
    assert checked_title(" ", "other") == checked_title(None, "other") == "other"
    with pytest.raises(InvalidInput, match="title"):
        checked_title("x" * 201, "other")


@pytest.mark.parametrize(
    ("given", "description", "title"),
    [
        ({"size": "big", "branch": "main", "bug": "Totals\nare wrong"}, "", "Totals"),
        ({"branch": "fix", "bug": "Totals"}, "", "fix"),
        ({"bug": "Totals"}, "For the release", "For the release"),
        ({"size": "big", "branch": "main"}, "", ""),
        ({"bug": 7, "branch": ""}, "", ""),
    ],
)
def test_a_launch_is_called_by_what_a_person_wrote(
    given: dict[str, object], description: str, title: str
) -> None:
    assert title_of_launch(TEMPLATE, given, description) == title


def test_a_launch_without_a_form_has_only_its_description() -> None:
    assert title_of_launch(None, {}, "") == ""
    assert title_of_launch(None, {}, "Do it") == "Do it"

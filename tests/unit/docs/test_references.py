"""The references that are made from the code are those of the code as it is."""

from pathlib import Path

from hephaestus_web.mcp.reference import reference

DOCS = Path(__file__).parents[3] / "docs"


def test_the_reference_of_the_tools_is_up_to_date() -> None:
    assert (DOCS / "mcp-tools.md").read_text() == reference(), "run `make docs`"

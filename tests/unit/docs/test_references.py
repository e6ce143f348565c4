"""The references that are made from the code are those of the code as it is."""

from pathlib import Path

from hephaestus_sdk.cli.reference import reference as commands
from hephaestus_web.mcp.reference import reference

DOCS = Path(__file__).parents[3] / "docs"


def test_the_reference_of_the_tools_is_up_to_date() -> None:
    assert (DOCS / "mcp-tools.md").read_text() == reference(), "run `make docs`"


def test_the_reference_of_the_commands_is_up_to_date() -> None:
    assert (DOCS / "cli.md").read_text() == commands(), "run `make docs`"

"""The references that are made from the code are those of the code as it is."""

from pathlib import Path

from hephaestus_sdk.cli.reference import reference as commands
from hephaestus_web.mcp.reference import reference
from tests.e2e import program_table
from tests.e2e.program_records import Situation, kept

DOCS = Path(__file__).parents[3] / "docs"


def test_the_reference_of_the_tools_is_up_to_date() -> None:
    assert (DOCS / "mcp-tools.md").read_text() == reference(), "run `make docs`"


def test_the_reference_of_the_commands_is_up_to_date() -> None:
    assert (DOCS / "cli.md").read_text() == commands(), "run `make docs`"


def test_the_table_of_programs_in_trouble_is_up_to_date() -> None:
    document = program_table.DOCUMENT.read_text()
    assert program_table.in_document(document) == program_table.table(kept()), "run `make docs`"


def test_a_run_has_recorded_each_program_in_each_situation_but_dialogs() -> None:
    recorded = {(record.program, record.situation) for record in kept()}
    wanted = {(p, s) for p in program_table.PROGRAMS for s in Situation if s != Situation.DIALOG}
    assert wanted <= recorded, "run `make programs`"

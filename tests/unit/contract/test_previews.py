import pytest

from hephaestus_core.contract.definitions.launch_parameters import LaunchParameter
from hephaestus_core.contract.definitions.launch_templates import LaunchTemplate
from hephaestus_core.contract.definitions.placeholders import Filling
from hephaestus_core.contract.definitions.previews import Piece, pieces
from hephaestus_core.contract.errors import InvalidInput

TEMPLATE = LaunchTemplate(
    parameters=[
        LaunchParameter(name="bug", label="Bug Description", type="textarea"),
        LaunchParameter(name="severity", type="dropdown", options=["High", "Low"], default="Low"),
        LaunchParameter(name="tries", type="number", required=False),
        LaunchParameter(name="urgent", type="boolean", default=False),
    ],
    phase_1_task_prompt="**{severity}** {bug}\n{tries}, {urgent}: {bug} {'json': {1}}",
)


def test_blank_values_are_holes_with_labels_and_defaults_stand_in_their_place() -> None:
    assert pieces(TEMPLATE, {"bug": " \n"}) == [
        Piece("**"),
        Piece("Low", "severity"),
        Piece("** "),
        Piece("{Bug Description}", "bug", filled=False),
        Piece("\n"),
        Piece("{Tries}", "tries", filled=False),
        Piece(", "),
        Piece("no", "urgent"),
        Piece(": "),
        Piece("{Bug Description}", "bug", filled=False),
        Piece(" {'json': {1}}"),
    ]


def test_the_pieces_of_a_filled_form_are_the_text_of_the_launch() -> None:
    given = {"bug": "it says {severity}\x1b", "severity": "High", "tries": "007", "urgent": "true"}
    text = "".join(piece.text for piece in pieces(TEMPLATE, given))
    filled = Filling(TEMPLATE.fill(given)).text(TEMPLATE.phase_1_task_prompt, "prompt")
    assert text == filled
    assert "it says {severity}␛" in text
    assert "7, yes: " in text


def test_a_value_that_does_not_fit_is_a_hole() -> None:
    given = {"bug": "x", "severity": "Huge", "tries": "many"}
    holes = {piece.parameter for piece in pieces(TEMPLATE, given) if not piece.filled}
    assert holes == {"severity", "tries"}


def test_a_text_that_would_be_too_long_is_not_made() -> None:
    many = LaunchTemplate(parameters=TEMPLATE.parameters, phase_1_task_prompt="{bug}" * 1000)
    with pytest.raises(InvalidInput, match=r"150,000,000 characters long"):
        pieces(many, {"bug": "x" * 150_000})

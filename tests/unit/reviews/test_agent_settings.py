"""The files that steer agent programs are found by name, and the documentation names all."""

from pathlib import Path

import pytest

from hephaestus_core.contract.agent_settings import AGENT_SETTINGS, READ_AS_SETTINGS, names_in

DOCUMENT = Path(__file__).parents[3] / "docs" / "reviews.md"


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("AGENTS.md", ["AGENTS.md"]),
        ("a/b/agents.MD", ["AGENTS.md"]),
        ("a/.codex/hooks/x.sh", [".codex"]),
        ("a/.github/copilot-instructions.md", [".github/copilot-instructions.md"]),
        ("copilot-instructions.md", []),
        ("docs/my-AGENTS.md", []),
        (".codexrc", []),
    ],
)
def test_settings_are_known_by_their_name_wherever_they_stand(path: str, names: list[str]) -> None:
    assert names_in(path) == names


def test_the_documentation_names_all_that_a_judge_is_not_told() -> None:
    section = DOCUMENT.read_text().partition("## What a judge is not told")[2].partition("\n## ")[0]
    missing = [each for each in (*AGENT_SETTINGS, *READ_AS_SETTINGS) if f"`{each}`" not in section]
    assert missing == []

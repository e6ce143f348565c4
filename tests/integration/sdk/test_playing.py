"""``hephaestus definitions check --play``, with scripted agents on a stack of its own."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hephaestus_sdk.cli.main import main
from hephaestus_sdk.cli.report import ExitCode

GREETING = """
id: hello
name: Hello
phases:
  - id: 1
    name: write
    description: Write the greeting to greeting.txt, then hand in the result.
    done_definitions: [The file greeting.txt is committed]
    leads_to: [result]
    cli_tool: claude
config:
  has_result: true
  result_criteria: |
    The file greeting.txt greets.

    script: agents/judge.yaml
launch_template:
  parameters: [{name: person, type: text, required: true}]
  phase_1_task_prompt: |
    Greet {person}.

    script: agents/write.yaml
"""
WRITE = """
- write: {path: greeting.txt, content: Hello}
- commit: Greet
- submit_result: {explanation: "It greets.\\n\\nscript: agents/judge.yaml"}
- done: Greeted.
"""
JUDGE = """
- review_result: {verdict: VERDICT, feedback: I looked.}
- done: Judged.
"""


def play(folder: Path, *arguments: str, verdict: str = "pass") -> Result:
    scripts = folder / "project" / "agents"
    scripts.mkdir(parents=True)
    (scripts / "write.yaml").write_text(WRITE)
    (scripts / "judge.yaml").write_text(JUDGE.replace("VERDICT", verdict))
    (folder / "hello.yaml").write_text(GREETING)
    given = ["definitions", "check", str(folder / "hello.yaml"), *arguments]
    return CliRunner(catch_exceptions=False).invoke(main, given)


def test_a_definition_is_played_by_scripts(tmp_path: Path) -> None:
    played = play(
        tmp_path, "--scripts", str(tmp_path / "project"), "--param", "person=Ada", "--json"
    )
    assert played.exit_code == ExitCode.OK, played.output
    told = json.loads(played.stdout)
    assert told["run"]["succeeded"]
    assert told["prompts"][0]["kind"] == "first"
    assert "Greet Ada." in told["prompts"][0]["text"]
    assert [each["level"] for each in told["advice"]].count("error") == 0


def test_a_goal_that_is_not_reached_ends_with_1(tmp_path: Path) -> None:
    played = play(tmp_path, "--scripts", str(tmp_path / "project"), verdict="fail")
    assert played.exit_code == ExitCode.NOT_WELL, played.output
    assert "Playing hello with scripted agents" in played.stderr


def test_prompts_are_built_without_a_stack(tmp_path: Path) -> None:
    played = play(tmp_path, "--play")
    assert played.exit_code == ExitCode.OK, played.output
    assert "first" in played.stdout
    assert "judge" not in played.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--play", "--param", "most=3"), "most"),
        (("--scripts", "."), "has no folder agents/"),
    ],
)
def test_what_cannot_be_played_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    played = play(tmp_path, *arguments)
    assert played.exit_code == ExitCode.BAD_INPUT
    assert says in played.output


def test_a_prompt_that_is_too_long_ends_with_1(tmp_path: Path) -> None:
    played = play(tmp_path, "--play", "--param", f"person={'x' * 20_000}")
    assert played.exit_code == ExitCode.NOT_WELL
    assert "of at most 4000" in played.output

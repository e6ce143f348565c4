"""The scripted agent's own rules: cutting input into messages, finding and filling scripts."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_worker.scripted_agent.errors import StepError
from hephaestus_worker.scripted_agent.script import (
    Role,
    Script,
    confined,
    filled,
    role_of,
    script_for,
)
from hephaestus_worker.scripted_agent.terminal import MessageParser

START, END = b"\x1b[200~", b"\x1b[201~"
TEXT = st.text(
    st.characters(exclude_characters="\x1b\r", exclude_categories=["Cs"]), min_size=1
).filter(str.strip)


def script_of(prompt: str, worktree: Path, *, role: str = "fix", of_system: bool = False) -> Script:
    return script_for(prompt, worktree, lambda: Role(role, of_system))


def pasted(text: str) -> bytes:
    return START + text.replace("\n", "\r").encode() + END + b"\r"


@given(st.lists(TEXT, max_size=4), st.data())
def test_pastes_are_cut_whole_however_they_are_read(texts: list[str], data: st.DataObject) -> None:
    stream = b"".join(map(pasted, texts))
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=8).map(sorted))
    parser = MessageParser()
    got: list[str] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        got += parser.feed(stream[start:end])
    assert got == texts


def test_typed_lines_are_messages_and_empty_ones_are_not() -> None:
    parser = MessageParser()
    assert parser.feed(b"typed ") == []
    assert parser.feed(b"line\r\r\n") == ["typed line"]


def test_a_paste_joins_what_is_typed_around_it() -> None:
    assert MessageParser().feed(b"a" + START + b"b\rc" + END + b"d\r") == ["ab\ncd"]


def test_the_first_fence_at_a_line_start_is_the_script(tmp_path: Path) -> None:
    inner = "    ```script\n    - done\n    ```\n"
    prompt = f"x\n````script\n- say: |\n{inner}````\n```script\n- hang\n```\n"
    (step,) = script_of(prompt, tmp_path).steps
    assert (step.name, step.value) == ("say", "```script\n- done\n```\n")


def test_scripts_of_other_tasks_before_its_own_are_not_played(tmp_path: Path) -> None:
    prompt = "# The workflow\n```script\n- hang\n```\n\n# Your task\n```script\n- idle\n```\n"
    (step,) = script_of(prompt, tmp_path).steps
    assert step.name == "idle"


def test_without_a_script_it_reports_done(tmp_path: Path) -> None:
    (step,) = script_of("Some ```script in a line.", tmp_path).steps
    assert step.name == "done"


def test_without_a_script_in_the_prompt_the_one_of_its_phase_is_played(tmp_path: Path) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "fix.yaml").write_text("- idle")
    assert script_of("x", tmp_path).steps[0].name == "idle"
    assert script_of("x", tmp_path, role="prove").steps[0].name == "done"
    assert script_of("```script\n- hang\n```", tmp_path).steps[0].name == "hang"


def test_a_judge_plays_its_own_script_and_not_the_quoted_one(tmp_path: Path) -> None:
    quoted = "```script\n- hang\n```"
    (tmp_path / "agents").mkdir()
    assert script_of(quoted, tmp_path, role="review", of_system=True).steps[0].name == "hang"
    (tmp_path / "agents" / "review.yaml").write_text("- review_task: fail")
    (step,) = script_of(quoted, tmp_path, role="review", of_system=True).steps
    assert step.name == "review_task"


@pytest.mark.parametrize(
    ("kind", "created_by", "role"),
    [
        ("work", "agent 5", Role("fix", of_system=False)),
        ("work", "rejected result", Role("fix", of_system=True)),
        ("result_review", "result", Role("result_review", of_system=True)),
    ],
)
def test_the_system_writes_texts_of_judges_and_of_tasks_that_mend(
    kind: str, created_by: str, role: Role
) -> None:
    assert role_of({"kind": kind, "created_by": created_by, "phase_name": "fix"}) == role


def test_a_script_file_has_to_be_in_the_worktree(tmp_path: Path) -> None:
    with pytest.raises(StepError, match=r"There is no script a\.yaml"):
        script_of("script: a.yaml", tmp_path)
    (tmp_path / "link").symlink_to("/etc")
    for name in ("../a.yaml", "/etc/passwd", "link/passwd"):
        with pytest.raises(StepError, match="leads out"):
            confined(tmp_path, name)


def test_steps_may_be_names_and_carry_modifiers(tmp_path: Path) -> None:
    prompt = "```script\n- commit\n- call: {tool: x}\n  save: y\n  may_fail: true\n```"
    first, second = script_of(prompt, tmp_path).steps
    assert (first.name, first.value) == ("commit", None)
    assert (second.save, second.may_fail) == ("y", True)


def test_a_script_may_be_json_and_is_then_read_without_yaml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    (step,) = script_of('```script\n[{"sleep": 600}]\n```', tmp_path).steps
    assert (step.name, step.value) == ("sleep", 600)
    with pytest.raises(ImportError):
        script_of("```script\n- sleep: 600\n```", tmp_path)


@pytest.mark.parametrize("yaml", ["5", "- {a: 1, b: 2}", "- 5", "{other: []}", "{steps: 5}"])
def test_what_is_no_script_is_refused(tmp_path: Path, yaml: str) -> None:
    with pytest.raises(StepError, match="the script in the prompt"):
        script_of(f"```script\n{yaml}\n```", tmp_path)


def test_placeholders_are_filled_everywhere_but_in_inner_scripts() -> None:
    known = {"a": "A", "b": {"c": 3, "d": [{"e": 4}]}}
    value = {
        "x": ["{{a}} {{ b.c }} {{b.d.0.e}}"],
        "y": "{{a}}\n```script\n{{a}}\n```\n{{a}}",
        "steps": "{{a}}",
    }
    assert filled(value, known) == {
        "x": ["A 3 4"],
        "y": "A\n```script\n{{a}}\n```\nA",
        "steps": "{{a}}",
    }
    for unknown in ("b.x", "b.d.1", "b.d.first"):
        with pytest.raises(StepError, match=unknown):
            filled(f"{{{{{unknown}}}}}", known)

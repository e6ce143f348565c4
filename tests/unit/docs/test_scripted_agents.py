"""docs/scripted-agents.md lists the steps that there are, as scripts have them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from hephaestus_worker.scripted_agent import engine_steps, faults, usage, work_steps
from hephaestus_worker.scripted_agent.script import read_script

TEXT = (Path(__file__).parents[3] / "docs" / "scripted-agents.md").read_text()


def steps_in(title: str) -> list[Any]:
    """Return the steps of the tables under a heading, as YAML has them."""
    part = TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return [yaml.safe_load(code) for code in re.findall(r"^\| `(.+?)` \|", part, re.MULTILINE)]


def names_in(title: str) -> list[str]:
    steps = read_script(steps_in(title), title).steps
    return sorted(step.name for step in steps)


def test_all_faults_are_in_the_table_and_no_others() -> None:
    assert names_in("Faults") == sorted([*faults.STEPS, "lie"])


def test_all_steps_are_in_the_tables_and_no_others() -> None:
    known = {*work_steps.STEPS, *engine_steps.STEPS, *usage.STEPS}
    assert names_in("Steps") == sorted(known - {"lie"})


@pytest.mark.parametrize("code", re.findall(r"^```yml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL))
def test_every_script_that_is_shown_has_steps_that_there_are(code: str) -> None:
    script = read_script(yaml.safe_load(code), "the document")
    known = {*work_steps.STEPS, *engine_steps.STEPS, *faults.STEPS, *usage.STEPS}
    assert script.steps
    assert {step.name for step in (*script.steps, *script.on_message)} <= known

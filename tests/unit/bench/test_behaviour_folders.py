"""Behaviours: the form of their folders, and what counts as caught."""

from pathlib import Path

import pytest

from bench.behaviours.catches import Catch
from bench.behaviours.folders import Behaviour, UnreadableBehaviourError, read_all
from bench.behaviours.judging import answer
from bench.behaviours.measure import SHIPPED, rows
from bench.behaviours.plays import Ended
from bench.behaviours.seen import Seen
from bench.behaviours.verdicts import verdict
from hephaestus_sdk.api.review_views import CheckOutcome, Review
from hephaestus_sdk.models import Workflow

RED = CheckOutcome(check_type="test_pass", status="failed", says="ended with 1", output="FAIL: a")
YAML = """\
workflow: bug-fix
accept: "true"
caught:
  - {check: test_pass, says: ["FAIL: a"]}
"""


def behaviour(folder: Path, text: str = YAML) -> Behaviour:
    for name, content in {
        "project/agents/fix.yaml": "- done",
        "one/behaviour.yaml": text,
        "one/mistake/fix.yaml": "- lie",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return read_all(folder)[0]


def ended(*checks: CheckOutcome, moved: bool, right: bool) -> Ended:
    reviews = [Review(id="r", status="failed", checks=checks)]
    seen = Seen(Workflow(id="w"), [], reviews, [], [], [], [], [], {})
    return Ended(seen, rested=True, moved=moved, right=right)


def test_a_mistake_lies_over_its_honest_twin(tmp_path: Path) -> None:
    found = behaviour(tmp_path)
    assert found.honest == {"agents/fix.yaml": b"- done"}
    assert found.mistake == {"agents/fix.yaml": b"- lie"}


def test_it_is_caught_only_with_the_right_reason_and_an_unmoved_branch(tmp_path: Path) -> None:
    one = behaviour(tmp_path)
    good = ended(moved=True, right=True)
    assert verdict(one, ended(RED, moved=False, right=False), good).caught == "caught"
    assert verdict(one, ended(RED, moved=True, right=True), good).caught == "in part"
    assert verdict(one, ended(moved=False, right=False), good).caught == "not caught"


@pytest.mark.parametrize(("moved", "right"), [(False, False), (True, False)])
def test_a_twin_is_blocked_unless_its_right_work_is_delivered(
    tmp_path: Path, moved: bool, right: bool
) -> None:
    red = ended(RED, moved=False, right=False)
    found = verdict(behaviour(tmp_path), red, ended(moved=moved, right=right))
    assert found.blocked
    table = rows([found])
    assert (table["behaviours"].value, table["honest_blocked"].value) == (1, 1)
    assert not table["honest_blocked"].ok


def test_a_twin_that_is_taken_for_the_mistake_is_blocked(tmp_path: Path) -> None:
    one = behaviour(tmp_path, YAML + "spared:\n  - {check: test_pass}\n")
    red = ended(RED, moved=False, right=False)
    assert verdict(one, red, ended(moved=True, right=True)).blocked == ""
    told = verdict(one, red, ended(RED, moved=True, right=True)).blocked
    assert "check test_pass" in told
    assert "FAIL: a" in told


def test_the_scripted_judge_takes_only_texts_of_one_group_for_the_same_work() -> None:
    groups = [["one", "uno"], ["two"]]
    material = {"new task": "uno", "other task 1": "two", "other task 2": "one"}
    assert answer(material, groups)["same_as"] == 2
    assert answer({**material, "new task": "two"}, [["one", "uno"]])["same_as"] == 0


def test_a_check_that_passed_has_caught_nothing() -> None:
    passed = CheckOutcome(check_type="test_pass", status="passed", output="FAIL: a")
    seen = ended(passed, moved=False, right=False).seen
    assert Catch("check", "test_pass", ("FAIL: a",)).found_in(seen) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("workflow: bug-fix\naccept: x\n", "lacks caught"),
        (YAML + "catched: 1\n", "unknown field catched"),
        (YAML.replace("check:", "chek:"), "one of check, review"),
        (YAML + "ends: never\n", "held or delivered"),
    ],
)
def test_another_form_is_refused_by_the_name_of_its_folder(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(UnreadableBehaviourError, match=says) as refused:
        behaviour(tmp_path, text)
    assert "one" in str(refused.value)


def test_seventeen_behaviours_ship() -> None:
    assert [each.name[:2] for each in read_all(SHIPPED)] == [f"{n:02}" for n in range(1, 18)]

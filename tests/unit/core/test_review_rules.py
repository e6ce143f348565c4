"""Who judges work next, and what an agent is told."""

from typing import Any

import pytest

from hephaestus_core.changes.rules import DiffView
from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.definitions.criteria import Check, ValidationCriteria
from hephaestus_core.contract.diffs import FileChange
from hephaestus_core.reviews.orders import programs
from hephaestus_core.reviews.rules import (
    after_checks,
    after_verdict,
    criteria_of,
    failures_told,
    missing,
    preview,
    unproven,
)

RUN = Check(check_type="command_success", command="make")
LOOK = Check(check_type="code_review", description="Is it clear?")
TRY = Check(check_type="manual_verification", description="Does it look right?")
GOOD = CheckOutcome("command_success", "make", "passed")
BAD = CheckOutcome("command_success", "make", "failed", "it exited with 2", output="boom")
ERROR = CheckOutcome("red_green", "red_green", "error", "proof.test is missing")


def criteria(*items: Any, **values: Any) -> ValidationCriteria:
    return ValidationCriteria(enabled=True, criteria=list(items), **values)


@pytest.mark.parametrize(
    ("given", "next_"),
    [
        (criteria(), "agent_review"),
        (criteria("good"), "agent_review"),
        (criteria(RUN, LOOK), "agent_review"),
        (criteria(LOOK, TRY), "agent_review"),
        (criteria(RUN), "passed"),
        (criteria(RUN, TRY), "person_review"),
        (criteria("good", reviewer="person"), "person_review"),
        (criteria(reviewer="person"), "person_review"),
        (criteria(RUN, reviewer="person"), "passed"),
        (criteria("good", reviewer="machine"), "passed"),
        (criteria(TRY, reviewer="machine"), "person_review"),
    ],
)
def test_who_judges_after_good_checks(given: ValidationCriteria, next_: str) -> None:
    assert after_checks([GOOD], given, 1).status == next_


@pytest.mark.parametrize("outcome", [BAD, ERROR])
def test_checks_that_do_not_pass_fail_until_a_person_is_asked(outcome: CheckOutcome) -> None:
    twice = criteria(RUN, "good", max_iterations=2)
    assert after_checks([GOOD, outcome], twice, 1).status == "failed"
    assert after_checks([GOOD, outcome], twice, 2).status == "person_review"
    assert after_verdict(twice, 1, passed=False).status == "failed"
    assert after_verdict(twice, 2, passed=False).status == "person_review"
    assert after_verdict(twice, 2, passed=True).status == "passed"
    assert after_verdict(criteria(LOOK, TRY), 1, passed=True).status == "person_review"


def test_only_an_enabled_review_is_one() -> None:
    assert criteria_of(None) is None
    assert criteria_of({"validation": None}) is None
    assert criteria_of({"validation": ValidationCriteria().to_dict()}) is None
    assert criteria_of({"validation": criteria(RUN).to_dict()}) == criteria(RUN)


def test_an_agent_is_told_only_what_failed_with_the_end_of_its_output() -> None:
    told = failures_told([GOOD, BAD])
    assert told.count("make") == 1
    assert told.endswith("  | boom")
    assert len(failures_told([CheckOutcome("x", "x", "failed", output="y" * 9000)])) < 2000


def test_gaps_name_the_proof_that_checks_need() -> None:
    red = criteria(Check(check_type="red_green"))
    assert missing(red, {}, files=None) == [
        "The check red_green needs `test` and `command` in `proof`."
    ]
    assert missing(red, {"test": "t", "command": "c"}, files=1) == []
    assert missing(None, {}, files=0) == ["No file is changed so far."]


def test_a_check_without_a_command_of_its_own_runs_only_with_a_proof() -> None:
    checks = [
        Check(check_type="tests_kept"),
        Check(check_type="red_green"),
        Check(check_type="test_fails"),
        Check(check_type="test_fails", command="make red"),
        Check(check_type="red_green"),
    ]
    assert unproven(checks, {"expect": "x"}, "") == ["red_green", "test_fails"]
    assert unproven(checks, {"test": "t"}, "") == ["red_green", "test_fails"]
    assert unproven(checks, {"test": "t"}, "make test") == []
    assert unproven(checks, {"command": "make t"}, "") == []
    assert unproven(checks[3:4], {}, "") == []


def test_a_first_done_shows_definition_changes_and_gaps() -> None:
    changes = [FileChange(f"f{n}", 1, 0) for n in range(50)]
    diff = DiffView(
        *("a", "b", 50, 50, 0, changes, ""),
        truncated=False,
        recorded_at=None,
    )
    told = preview("- it works", diff, ["a task of phase 2"])
    assert "call again to report" in told
    assert "- it works" in told
    assert "- and 10 more" in told
    assert told.endswith("Missing:\n- a task of phase 2")
    assert "could not be listed" in preview("", None, [])


def test_another_program_judges_where_there_is_one_and_scripts_judge_only_scripts() -> None:
    assert programs("claude", "claude:opus", {"claude", "codex", "scripted"}) == [
        "codex",
        "claude:opus",
    ]
    assert programs("claude", "claude", {"claude", "scripted"}) == ["claude"]
    assert programs("scripted", "scripted", {"claude", "scripted"}) == ["scripted"]

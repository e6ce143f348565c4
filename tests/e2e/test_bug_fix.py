"""The shipped workflow bug-fix: a bug is fixed, and a report is not reproduced."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.shipped import fenced, scripted
from tests.e2e.stack import Stack, git, running_stack
from workflows.bug_fix import BUG_FIX_DEFINITION

pytestmark = pytest.mark.timeout(300)

BUGGY: Final = "def total(numbers):\n    return sum(numbers[1:])\n"
OLD_TEST: Final = """\
import unittest

from calc import total


class Total(unittest.TestCase):
    def test_nothing(self):
        self.assertEqual(total([]), 0)
"""
ALL_TESTS: Final = "python3 -m unittest -q"
PROOF: Final = (
    "{test: tests.test_first, command: python3 -m unittest -q tests.test_first, expect: 2 != 3}"
)
FIX: Final = f"""
- run: "! {ALL_TESTS} tests.test_first"
- edit: {{path: calc.py, find: 'numbers[1:]', replace: numbers}}
- run: {ALL_TESTS}
- done: {{summary: The slice is gone., proof: {PROOF}}}
"""
PROVE: Final = f"""\
- record_facts: {{test_command: {ALL_TESTS}}}
- write:
    path: tests/test_first.py
    content: |
      import unittest

      from calc import total


      class First(unittest.TestCase):
          def test_the_first_number_counts(self):
              self.assertEqual(total([1, 2]), 3)
- create_task:
    phase_id: 2
    description: |
      In calc.py `numbers[1:]` leaves out the first number.

      ```script{FIX.replace(chr(10), chr(10) + " " * 6)}
      ```
- done: {{summary: The slice leaves out the first., proof: {PROOF}}}
"""
REVIEW: Final = """\
- run: python3 -c 'from calc import total; assert total([5, 5, 5]) == 15 and total([7]) == 7'
- review_task: pass
"""
VERIFY: Final = f"""\
- run: {ALL_TESTS}
- submit_result: {{explanation: The slice is gone., evidence: [{ALL_TESTS}]}}
- done: {{summary: Verified by running all tests., proof: {PROOF}}}
"""
JUDGE: Final = f"""\
- run: {ALL_TESTS}
- review_result: pass
"""
TRY: Final = """\
- run: python3 -c 'from calc import total; assert total([]) == 0'
- submit_result: {outcome: not_reproduced, explanation: total of nothing is 0 in three tries.}
- done: The report does not match the code.
"""
DEFINITION: Final = scripted(
    BUG_FIX_DEFINITION, joins={3: VERIFY}, reviewers={2: REVIEW}, judge=JUDGE
)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with running_stack(tmp_path) as running:
        files = {"calc.py": BUGGY, "tests/__init__.py": "", "tests/test_calc.py": OLD_TEST}
        for name, content in files.items():
            (running.repository / name).parent.mkdir(exist_ok=True)
            (running.repository / name).write_text(content)
        git(running.repository, "add", "-A")
        identity = ("-c", "user.name=Test", "-c", "user.email=test@localhost")
        git(running.repository, *identity, "commit", "-q", "-m", "A calculator")
        running.sdk.client.register(DEFINITION)
        yield running


def launch(stack: Stack, title: str, script: str) -> str:
    params = {"bug_title": title, "bug_description": fenced(script)}
    return stack.sdk.start_workflow("bug-fix", launch_params=params)


def test_a_bug_is_proved_fixed_verified_and_delivered_and_another_is_not_reproduced(
    stack: Stack,
) -> None:
    fixing = launch(stack, "The first number does not count", PROVE)
    trying = launch(stack, "The total of nothing is wrong", TRY)

    stack.sdk.wait_for_completion(trying, timeout=150)
    summary = stack.sdk.wait_for_completion(fixing, timeout=200)

    assert summary.succeeded, str(summary)
    tasks = stack.sdk.get_tasks(workflow_id=fixing)
    assert {(t.phase_id, t.kind, t.status) for t in tasks} == {
        (1, "work", "done"),
        (2, "work", "done"),
        (3, "work", "done"),
        (None, "review", "done"),
        (None, "result_review", "done"),
    }
    reviews = stack.sdk.client.reviews(workflow_id=fixing)
    assert {review.status for review in reviews} == {"passed"}
    checked = {check.check_type: check.status for review in reviews for check in review.checks}
    assert checked == dict.fromkeys(
        ("paths_only", "tests_kept", "test_fails", "red_green", "test_pass"), "passed"
    )
    [result] = stack.sdk.client.results(fixing)
    assert (result.status, result.outcome) == ("accepted", "done")
    workflow = stack.sdk.get_workflow(fixing)
    assert (workflow.delivery.status, workflow.conflict_resolution) == ("delivered", "agent")
    assert "sum(numbers)" in git(stack.repository, "show", "main:calc.py")
    assert "test_first" in git(stack.repository, "ls-tree", "-r", "--name-only", "main")

    [outcome] = stack.sdk.client.results(trying)
    assert (outcome.status, outcome.outcome) == ("accepted", "not_reproduced")
    kinds = [task.kind for task in stack.sdk.get_tasks(workflow_id=trying)]
    assert sorted(kinds) == ["result_review", "work"], "no join, no fix"
    ended = stack.sdk.get_workflow(trying)
    assert ended.status == "completed"
    assert ended.delivery.status != "delivered"

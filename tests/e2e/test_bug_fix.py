"""The shipped workflow bug-fix: a bug is fixed, and a report is not reproduced."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.stack import Stack, commit_files, git, running_stack
from workflows.bug_fix import BUG_FIX_DEFINITION

pytestmark = pytest.mark.timeout(300)

#: The project, with a script for each role in the workflow.
FILES: Final = {
    "calc.py": "def total(numbers):\n    return sum(numbers[1:])\n",
    "tests/__init__.py": "",
    "tests/test_calc.py": """\
import unittest

from calc import total


class Total(unittest.TestCase):
    def test_nothing(self):
        self.assertEqual(total([]), 0)
""",
    "agents/prove.yaml": """\
- record_facts: {test_command: python3 -m unittest -q}
- write:
    path: tests/test_first.py
    content: |
      import unittest

      from calc import total


      class First(unittest.TestCase):
          def test_the_first_number_counts(self):
              self.assertEqual(total([1, 2]), 3)
- create_task: {phase_id: 2, description: "In calc.py `numbers[1:]` leaves out the first number."}
- done:
    summary: The slice leaves out the first number.
    proof: {command: python3 -m unittest -q tests.test_first, expect: 2 != 3}
""",
    "agents/fix.yaml": """\
- run: "! python3 -m unittest -q tests.test_first"
- edit: {path: calc.py, find: "numbers[1:]", replace: numbers}
- run: python3 -m unittest -q
- done:
    summary: The slice is gone.
    proof: {command: python3 -m unittest -q tests.test_first, expect: 2 != 3}
""",
    "agents/review.yaml": """\
- run: python3 -c 'from calc import total; assert total([5, 5, 5]) == 15 and total([7]) == 7'
- review_task: pass
""",
    "agents/verify.yaml": """\
- run: python3 -m unittest -q
- submit_result:
    explanation: The slice is gone.
    evidence: ["python3 -m unittest -q: 2 tests pass"]
    proof: {command: python3 -m unittest -q tests.test_first}
- done: Verified by running all tests.
""",
    "agents/result_review.yaml": """\
- run: python3 -m unittest -q
- review_result: pass
""",
}
TRY: Final = """\
Adding nothing goes wrong.

```script
- run: python3 -c 'from calc import total; assert total([]) == 0'
- submit_result: {outcome: not_reproduced, explanation: The total of nothing is 0 in three tries.}
- done: The report does not match the code.
```
"""


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with running_stack(tmp_path) as running:
        commit_files(running.repository, FILES)
        running.sdk.client.register(BUG_FIX_DEFINITION)
        yield running


def launch(stack: Stack, title: str, description: str) -> str:
    params = {"bug_title": title, "bug_description": description}
    return stack.sdk.start_workflow("bug-fix", launch_params=params)


def test_a_bug_is_proved_fixed_verified_and_delivered_and_another_is_not_reproduced(
    stack: Stack,
) -> None:
    fixing = launch(stack, "The first number does not count", "total([1, 2]) gives 2.")
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
    assert {check.status for check in result.checks} == {"passed"}
    assert len(result.checks) == len(BUG_FIX_DEFINITION.config.result_checks)
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

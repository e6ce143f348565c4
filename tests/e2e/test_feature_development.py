"""The shipped workflow feature-development: a feature in two slices, up to its delivery."""

from pathlib import Path
from typing import Final

import pytest

from tests.e2e.stack import commit_files, git, running_stack
from workflows.feature_development import FEATURE_DEFINITION

pytestmark = pytest.mark.timeout(300)

#: The project, with a script for each role in the workflow.
FILES: Final = {
    "notes.py": "def both(first, second):\n    return [first, second]\n",
    "tests/__init__.py": "",
    "tests/test_notes.py": """\
import unittest

from notes import both


class Notes(unittest.TestCase):
    def test_both(self):
        self.assertEqual(both("a", "b"), ["a", "b"])
""",
    "agents/understand.yaml": """\
- record_facts: {test_command: python3 -m unittest -q}
- write:
    path: docs/features/export.md
    content: |
      # Export of notes

      ## Examples
      - EX_01: given two notes, when I export them, then the text has both in two lines.
      - EX_02: given no note, when I export, then the text is empty.
      - EX_03: given a note with a line break, when I export it, then I am told why not.

      ## Left out
      Import.

      ## Files
      - `export.py` (new)

      ## Risks
      - Large notes.

      ## Slices
      1. EX_01, EX_02
      2. EX_03
- create_task:
    phase_id: 2
    start: when_i_am_done
    description: |
      Slice 1 of docs/features/export.md: EX_01, EX_02.

      script: agents/first.yaml
  save: first
- create_task:
    phase_id: 2
    after: ["{{first.task_id}}"]
    description: |
      Slice 2 of docs/features/export.md: EX_03.

      script: agents/second.yaml
- done: The plan has three examples in two slices.
""",
    "agents/first.yaml": """\
- write: {path: export.py, content: "def export(notes):\\n    return '\\\\n'.join(notes)\\n"}
- write:
    path: tests/test_export.py
    content: |
      import unittest

      from export import export


      class Export(unittest.TestCase):
          def test_EX_01_two_notes(self):
              self.assertEqual(export(["a", "b"]), "a\\nb")

          def test_EX_02_no_note(self):
              self.assertEqual(export([]), "")
- run: python3 -m unittest -q
- done:
    summary: Notes can be exported.
    proof: {command: python3 -m unittest -q tests.test_export}
""",
    "agents/second.yaml": """\
- run: test -e export.py
- write:
    path: export.py
    content: |
      def export(notes):
          if any("\\n" in note for note in notes):
              raise ValueError("a note has a line break; take it out")
          return "\\n".join(notes)
- write:
    path: tests/test_line_breaks.py
    content: |
      import unittest

      from export import export


      class LineBreaks(unittest.TestCase):
          def test_EX_03_line_break(self):
              self.assertRaises(ValueError, export, ["a\\nb"])
- run: python3 -m unittest -q
- done:
    summary: Line breaks are refused.
    proof: {command: python3 -m unittest -q tests.test_line_breaks}
""",
    "agents/review.yaml": """\
- run: test -e docs/features/export.md
- review_task: pass
""",
    "agents/check.yaml": """\
- run: python3 -m unittest -q
- submit_result:
    explanation: All three examples hold.
    evidence: ["python3 -m unittest -q: 4 tests pass"]
    proof: {command: python3 -m unittest -q tests.test_export tests.test_line_breaks}
- done: Tried all examples by hand.
""",
    "agents/result_review.yaml": """\
- run: python3 -c 'from export import export; assert export(["x", "y", "z"]).count("\\n") == 2'
- review_result: pass
""",
}


def test_a_feature_is_planned_built_in_slices_checked_and_delivered(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        commit_files(stack.repository, FILES)
        stack.sdk.client.register(FEATURE_DEFINITION)
        workflow_id = stack.sdk.start_workflow(
            "feature-development",
            launch_params={
                "feature_title": "Export of notes",
                "feature_description": "I want my notes as one text.",
                "acceptance": "given two notes, when I export them, then the text has both",
            },
        )

        summary = stack.sdk.wait_for_completion(workflow_id, timeout=250)

        assert summary.succeeded, str(summary)
        tasks = stack.sdk.get_tasks(workflow_id=workflow_id)
        assert {task.status for task in tasks} == {"done"}
        assert sorted(t.phase_id for t in tasks if t.kind == "work" and t.phase_id) == [1, 2, 2, 3]
        assert [task.created_by for task in tasks if task.phase_id == 3] == ["join"]
        reviews = stack.sdk.client.reviews(workflow_id=workflow_id)
        assert [review.status for review in reviews] == ["passed"] * 4
        ran = {check.check_type for review in reviews for check in review.checks}
        assert ran == {"feature_plan", "paths_only", "tests_kept", "red_green", "test_pass"}
        [result] = stack.sdk.client.results(workflow_id)
        assert (result.status, result.outcome) == ("accepted", "done")
        assert [check.status for check in result.checks] == ["passed"] * len(
            FEATURE_DEFINITION.config.result_checks
        )
        assert stack.sdk.get_workflow(workflow_id).delivery.status == "delivered"
        assert "line break" in git(stack.repository, "show", "main:export.py")

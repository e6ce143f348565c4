"""The workflow that builds software from a document, whole: two components, accepted and judged."""

from pathlib import Path
from typing import Final

import pytest

from tests.e2e.stack import assert_settled, commit_files, git, running_stack
from workflows.prd_to_software import PRD_DEFINITION

pytestmark = pytest.mark.timeout(300)

PRD: Final = "# Notes\n\nA tool for notes.\n\n## Adding\n\nA note that is added is in the list.\n"
REQUIREMENTS: Final = """\
- write:
    path: docs/prd.md
    content: |
      # Notes

      A tool for notes.

      ## Adding

      A note that is added is in the list.
- write: {path: docs/components.md, content: "# store\\n\\n# cli, after store\\n"}
- write:
    path: docs/requirements.yaml
    content: |
      document: docs/prd.md
      components:
        - {id: store, paths: [store.py, tests/test_store.py, docs/components/store.md]}
        - id: cli
          paths: [notes.py, tests/test_cli.py, docs/components/cli.md]
          depends_on: [store]
      requirements:
        - {id: REQ_01, says: It keeps notes., source: Adding, shown_by: tests, component: store}
        - {id: REQ_02, says: The list prints it., source: Adding, shown_by: tests, component: cli}
      left_out: [{source: Notes, reason: It is the title.}]
- create_task: {phase_id: 2, description: Build the skeleton.}
- done: Two requirements, two components.
"""
SKELETON: Final = """\
- write:
    path: README.md
    content: |
      # Notes

      ```console
      $ python3 -m unittest -q
      $ python3 -c 'import notes'
      ```
- write: {path: notes.py, content: "import store\\n"}
- write: {path: store.py, content: "def add(note):\\n    raise NotImplementedError\\n"}
- write: {path: tests/__init__.py, content: ""}
- write:
    path: tests/test_start.py
    content: |
      import unittest

      class Start(unittest.TestCase):
          def test_it_starts(self):
              import notes
- record_facts: {test_command: python3 -m unittest -q}
- create_task: {phase_id: 3, description: "Build store.\\n\\nscript: agents/store.yaml"}
  save: store
- create_task:
    phase_id: 3
    description: "Build cli.\\n\\nscript: agents/cli.yaml"
    after: ["{{store.task_id}}"]
- done: It starts.
"""
STORE: Final = """\
- write:
    path: store.py
    content: |
      notes = []

      def add(note):
          notes.append(note)
- write:
    path: tests/test_store.py
    content: |
      import unittest
      import store

      class Store(unittest.TestCase):
          def test_REQ_01_keeps_a_note(self):
              store.add("a")
              self.assertEqual(store.notes[-1], "a")
- write: {path: docs/components/store.md, content: "# store\\n"}
- done: Notes are kept.
"""
CLI: Final = """\
- run: grep -q REQ_01 tests/test_store.py
- write:
    path: notes.py
    content: |
      import store

      def show():
          return "\\n".join(store.notes)
- write:
    path: tests/test_cli.py
    content: |
      import unittest
      import notes, store

      class Cli(unittest.TestCase):
          def test_REQ_02_prints_the_list(self):
              store.notes[:] = ["a", "b"]
              self.assertEqual(notes.show(), "a\\nb")
- write: {path: docs/components/cli.md, content: "# cli\\n"}
- done: The list is printed.
"""
ACCEPT: Final = """\
- run: python3 -c 'import notes, store; store.add("x"); print(notes.show())'
- write: {path: docs/acceptance/store.md, content: "REQ_01 was tried: x is kept.\\n"}
- write: {path: docs/acceptance/cli.md, content: "REQ_02 was tried: x is printed.\\n"}
- submit_result: {explanation: Both requirements hold., evidence: ["python3 -m unittest: OK"]}
- done: Both requirements were tried.
"""
REVIEW: Final = "- run: test -e docs/requirements.yaml\n- review_task: pass\n"
JUDGE: Final = "- run: python3 -m unittest -q\n- review_result: pass\n- done: Judged.\n"
SCRIPTS: Final = {
    "requirements": REQUIREMENTS,
    "skeleton": SKELETON,
    "store": STORE,
    "cli": CLI,
    "accept": ACCEPT,
    "review": REVIEW,
    "result_review": JUDGE,
}


def test_a_document_becomes_software_that_is_accepted_and_judged(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        scripts = {f"agents/{name}.yaml": text for name, text in SCRIPTS.items()}
        commit_files(stack.repository, scripts)
        stack.sdk.client.register(PRD_DEFINITION)
        workflow_id = stack.sdk.start_workflow(
            PRD_DEFINITION.id, launch_params={"project_name": "Notes", "prd_content": PRD}
        )

        summary = stack.sdk.wait_for_completion(workflow_id, timeout=240)

        assert summary.succeeded, str(summary)
        tasks = stack.sdk.get_tasks(workflow_id=workflow_id)
        assert {task.status for task in tasks} == {"done"}
        work = sorted(task.phase_id for task in tasks if task.phase_id is not None)
        assert work == [1, 2, 3, 3, 4]
        reviews = stack.sdk.client.reviews(workflow_id=workflow_id)
        assert {review.status for review in reviews} == {"passed"}, "no honest work is sent back"
        kinds = {check.check_type for review in reviews for check in review.checks}
        assert {"requirements_mapped", "component_built", "console_blocks", "ids_covered"} <= kinds
        assert len([review for review in reviews if review.reviewer_task_id]) == 3
        [result] = stack.sdk.client.results(workflow_id)
        assert (result.status, result.outcome) == ("accepted", "done")
        assert "def show" in git(stack.repository, "show", "main:notes.py")
        assert "REQ_02" in git(stack.repository, "show", "main:docs/acceptance/cli.md")
        assert_settled(stack)

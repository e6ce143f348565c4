"""The workflow that writes documentation, whole: an invented name is caught, the rest delivered."""

from pathlib import Path
from typing import Final

import pytest

from tests.e2e.stack import assert_settled, commit_files, git, running_stack
from workflows.documentation_generation import DOCUMENTATION_DEFINITION

pytestmark = pytest.mark.timeout(300)

INVENTORY: Final = """\
- write:
    path: docs/plan.md
    content: |
      ## Readers
      Developers who add numbers.
      ## Pages there are
      None.
      ## Pages to write
      - adding.md: How are numbers added? From [the code](../calc.py).
- create_task: {phase_id: 2, description: "Write adding.md.\\n\\nscript: agents/page.yaml"}
- done: One page.
"""
#: Its first report names a function that stands nowhere else, not even in this script.
PAGE: Final = """\
steps:
  - write:
      path: docs/adding.md
      content: |
        # Adding

        `total` adds numbers, and `totalXofXall` adds more.

        ```console
        $ python3 -c 'from calc import total; print(total([1, 2]))'
        3
        ```
  - run: sed -i s/X/_/g docs/adding.md
  - done: The page is written.
on_message:
  - run: sed -i 's/, and .* adds more//' docs/adding.md
  - done: The name is gone.
"""
FOLLOW: Final = """\
- run: grep -q total docs/adding.md
- write: {path: docs/README.md, content: "# Documentation\\n\\n- [Adding](adding.md#adding)\\n"}
- run: rm docs/plan.md
- submit_result: {explanation: One page., evidence: ["python3 -c 'import calc'"]}
- done: Followed.
"""
SCRIPTS: Final = {
    "inventory": INVENTORY,
    "page": PAGE,
    "follow": FOLLOW,
    "review": "- run: grep -q total calc.py\n- review_task: pass\n",
    "result_review": "- run: test -e docs/README.md\n- review_result: pass\n- done: Judged.\n",
}
FILES: Final = {"calc.py": "def total(numbers):\n    return sum(numbers)\n"}


def test_pages_are_delivered_once_nothing_in_them_is_invented(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        scripts = {f"agents/{name}.yaml": text for name, text in SCRIPTS.items()}
        commit_files(stack.repository, {**FILES, **scripts})
        stack.sdk.client.register(DOCUMENTATION_DEFINITION)
        workflow_id = stack.sdk.start_workflow(
            DOCUMENTATION_DEFINITION.id,
            launch_params={
                "documentation_scope": "Adding.",
                "docs_build_command": "grep -q Adding docs/*.md",
            },
        )

        summary = stack.sdk.wait_for_completion(workflow_id, timeout=240)

        assert summary.succeeded, str(summary)
        tasks = stack.sdk.get_tasks(workflow_id=workflow_id)
        assert {task.status for task in tasks} == {"done"}
        reviews = stack.sdk.client.reviews(workflow_id=workflow_id)
        [caught] = [each for review in reviews for each in review.checks if each.status == "failed"]
        assert caught.check_type == "names_exist"
        assert "'total_of_all' does not stand in the code" in caught.says
        [result] = stack.sdk.client.results(workflow_id)
        assert (result.status, result.outcome) == ("accepted", "done")
        listed = git(stack.repository, "ls-tree", "-r", "--name-only", "main", "docs")
        assert listed.split() == ["docs/README.md", "docs/adding.md"]
        assert_settled(stack)

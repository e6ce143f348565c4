"""The workflow that describes a repository, whole: two areas are read, assembled and judged."""

from pathlib import Path
from typing import Final

import pytest

from tests.e2e.stack import assert_settled, commit_files, git, running_stack
from workflows.index_repo import INDEX_REPO_DEFINITION

pytestmark = pytest.mark.timeout(300)

CALC: Final = '"""Adds numbers."""\n\n\n' + "\n\n".join(
    f"def add_{n}(number):\n    return number + {n}\n" for n in range(10)
)
SURVEY: Final = """\
- write:
    path: docs/index/areas.yaml
    content: |
      areas:
        - {id: calc, files: [src/**]}
        - {id: project, files: [README.md]}
      left_out:
        - {files: [agents], reason: scripts of agents}
- create_task: {phase_id: 2, description: "Read calc.\\n\\nscript: agents/calc.yaml"}
- create_task: {phase_id: 2, description: "Read project.\\n\\nscript: agents/project.yaml"}
- done: Two areas.
"""
#: Its first report has too few references, and a wrong one.
READ: Final = """\
steps:
  - run: sed s/add_9/add_11/ agents/calc.md > docs/index/{area}.md
  - done: The area is read.
on_message:
  - run: cp agents/calc.md docs/index/{area}.md
  - done: The area is read again.
"""
SECTIONS: Final = (
    *("Purpose", "Entry points", "Main types", "Data flow", "Invariants", "Tests", "Traps"),
    "Open questions",
)
AREA: Final = "".join(f"## {name}\nAs in the code.\n\n" for name in SECTIONS) + "".join(
    f"- `src/calc.py:{4 + 4 * n} add_{n}`\n" for n in range(10)
)
ASSEMBLE: Final = """\
- run: test -e docs/index/calc.md -a -e docs/index/project.md
- write:
    path: docs/index/README.md
    content: |
      # Index

      [calc](calc.md) adds; [project](project.md) is [told](../../README.md).

      ```console
      $ python3 -c 'import src.calc'
      ```
- submit_result: {explanation: Both areas are described., evidence: ["sed -n 4p src/calc.py"]}
- done: Assembled.
"""
SCRIPTS: Final = {
    "survey": SURVEY,
    "calc": READ.format(area="calc"),
    "project": READ.format(area="project"),
    "assemble": ASSEMBLE,
    "review": "- run: grep -q add_9 src/calc.py\n- review_task: pass\n",
    "result_review": "- run: test -e docs/index/calc.md\n- review_result: pass\n- done: Judged.\n",
}
FILES: Final = {"src/__init__.py": "", "src/calc.py": CALC, "agents/calc.md": AREA}


def test_a_repository_is_read_area_by_area_and_the_index_judged(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        scripts = {f"agents/{name}.yaml": text for name, text in SCRIPTS.items()}
        commit_files(stack.repository, {**FILES, **scripts})
        stack.sdk.client.register(INDEX_REPO_DEFINITION)
        workflow_id = stack.sdk.start_workflow(
            INDEX_REPO_DEFINITION.id, launch_params={"depth": "overview"}
        )

        summary = stack.sdk.wait_for_completion(workflow_id, timeout=240)

        assert summary.succeeded, str(summary)
        tasks = stack.sdk.get_tasks(workflow_id=workflow_id)
        # The accepted result may end a review of the work that handed it in.
        assert {task.status for task in tasks if task.kind != "review"} == {"done"}
        reviews = stack.sdk.client.reviews(workflow_id=workflow_id)
        failed = [each for review in reviews for each in review.checks if each.status == "failed"]
        assert {each.check_type for each in failed} == {"references_exist"}
        assert all("'add_11' does not stand within 5 lines" in each.says for each in failed)
        drawn = [each.says for review in reviews for each in review.checks if "Drawn" in each.says]
        assert drawn, "references are drawn for the judge"
        [result] = stack.sdk.client.results(workflow_id)
        assert (result.status, result.outcome) == ("accepted", "done")
        changed = git(stack.repository, "diff", "--name-only", ":/More files", "main")
        assert all(path.startswith("docs/index/") for path in changed.split())
        assert "add_9" in git(stack.repository, "show", "main:docs/index/project.md")
        assert_settled(stack)

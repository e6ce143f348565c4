"""Workflows whose work waits for a person, with diffs as git writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Final
from uuid import UUID

from hephaestus_core.changes.diffs import record_diff
from hephaestus_core.changes.rules import MergeReport
from hephaestus_core.changes.service import due_merges, record_merge
from hephaestus_core.contract.diffs import Diff, FileChange
from hephaestus_core.lifecycle.service import LaunchOrder, start_workflow
from hephaestus_core.tasks.service import bump_task
from tests.engine import Engine

FIRST: Final = "1" * 40
SECOND: Final = "2" * 40

#: Path → text before and after.
Texts = Mapping[str, tuple[str, str]]

PRICES: Final[Texts] = {
    "shop/prices.py": (
        "def total(items):\n    return sum(item.price for item in items)\n",
        "def total(items, tax=0.19):\n    return sum(item.price * (1 + tax) for item in items)\n",
    ),
    "tests/test_prices.py": ("def test_total():\n    assert total([]) == 0\n", "TAX = 0.19\n"),
    ".claude/settings.json": ("", '{"permissions": {"allow": ["Bash"]}}\n'),
    "data/rates.csv": ("", "".join(f"{n},0.{n:03}\n" for n in range(700))),
}


def diff_of(texts: Texts, commit: str, *more: FileChange) -> Diff:
    """Return the diff of these texts; further files have no lines."""
    patch, changes = "", []
    for path, (old, new) in texts.items():
        lines = list(unified_diff(old.splitlines(), new.splitlines(), "a", "b", lineterm=""))[2:]
        mode = "" if old else "new file mode 100644\n"
        names = f"--- {'a/' + path if old else '/dev/null'}\n+++ b/{path}\n"
        patch += f"diff --git a/{path} b/{path}\n{mode}{names}" + "".join(f"{x}\n" for x in lines)
        gone, come = (sum(x.startswith(sign) for x in lines) for sign in "-+")
        changes.append(FileChange(path, come, gone))
    for change in more:
        names = f"a/{change.path} b/{change.path}"
        patch += f"diff --git {names}\nBinary files {names} differ\n"
        changes.append(change)
    insertions, deletions = (
        sum(getattr(each, name) or 0 for each in changes) for name in ("insertions", "deletions")
    )
    return Diff(
        *("0" * 40, commit, len(changes)),
        *(insertions, deletions, changes, patch),
        truncated=False,
    )


@dataclass
class WaitingWork:
    """A workflow that waits for approval at its first commit."""

    engine: Engine
    workflow_id: UUID

    def add(self, text: str, diff: Diff) -> UUID:
        """Have a task done, which moves the work to this diff; returns it."""
        task = self.engine.create(text)
        self.finish(task.id, diff)
        return task.id

    def finish(self, task_id: UUID, diff: Diff) -> None:
        """Have a queued task done."""
        bump_task(self.engine.db, task_id)
        agent = self.engine.run(self.engine.claimed("page"))
        assert agent.task_id == task_id, "another task is claimed before it"
        record_diff(self.engine.db, task_id, diff)
        record_diff(self.engine.db, self.workflow_id, diff)
        self.engine.report_done(agent)
        self.engine.end(agent)
        for job in due_merges(self.engine.db):
            record_merge(self.engine.db, job.merge_id, MergeReport("merged", diff.commit))


def waiting_work(engine: Engine, *, title: str = "Add the tax to all prices") -> WaitingWork:
    """Return a workflow with some work, which waits for approval."""
    order = LaunchOrder(
        definition_id=engine.define(has_result=False),
        repository="/nowhere",
        title=title,
        description="Prices are shown without the tax. Show them with it, and keep the old API.",
        auto_merge=False,
    )
    engine.workflow_id = start_workflow(engine.db, order).id
    work = WaitingWork(engine, engine.workflow_id)
    logo = FileChange("shop/logo.png", None, None, size=2_345_678)
    work.add("Compute the tax", diff_of(PRICES, FIRST, logo))
    return work

"""Workflows of scripted tasks, and the checks of their results."""

from dataclasses import dataclass, field

from hephaestus_sdk.api.views import Task
from tests.e2e.stack import DEFINITION, Stack, git
from tests.waiting import wait_until

#: Creator of the tasks that look at the version which a merge has dropped.
LOOKS_AT_DROPPED = "dropped version"

_CHILD = """\
Write the second file {name}.

```script
- run: test -f first/{name}.txt
- write: {{path: second/{name}.txt, content: "second {name}"}}
- sleep: {seconds}
- done: wrote second/{name}.txt
```
"""

_PARENT = """\
Write the first file {name}.

````script
- write: {{path: first/{name}.txt, content: "first {name}"}}
- sleep: {seconds}
- create_task:
    phase_id: 2
    description: |
{child}
- sleep: {seconds}
- done: wrote first/{name}.txt
````
"""


@dataclass
class Workload:
    """Workflows on one stack; each has parent tasks, which create one child each."""

    stack: Stack
    seconds: float = 0.3
    """The pause between the steps of each agent, in place of real work."""
    names: dict[str, list[str]] = field(default_factory=dict)
    """The names of the files, by workflow."""

    def start(self, *, workflows: int = 2, parents: int) -> "Workload":
        """Start the workflows with their first tasks, ``parents`` in each."""
        for _ in range(workflows):
            workflow = self.stack.sdk.start_workflow(DEFINITION.id)
            # Names are unique to a workflow, because all are delivered to one branch.
            self.names[workflow] = [f"{workflow[:8]}-{number}" for number in range(parents)]
        # The order alternates, so that agents of all workflows run at the same time.
        for number in range(parents):
            for workflow, names in self.names.items():
                self._create(workflow, names[number])
        return self

    def go_on(self, *, at_least: int) -> None:
        """Add tasks to all workflows until at least ``at_least`` tasks are not done."""
        while self.total - self._done() < at_least:
            for workflow, names in self.names.items():
                names.append(f"{workflow[:8]}-{len(names)}")
                self._create(workflow, names[-1])

    @property
    def total(self) -> int:
        """The number of all tasks, including children not yet created."""
        return 2 * sum(len(names) for names in self.names.values())

    def wait(self, timeout: float) -> None:
        """Wait until all tasks are done, merged and delivered.

        Raises:
            AssertionError: tasks are left after ``timeout`` seconds; the message lists them.
        """
        try:
            wait_until(self.is_done, timeout=timeout, what="all tasks are done")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self._account()}") from None
        self.stack.sdk.wait_for_completion(timeout=20)

    def check(self) -> None:
        """Check that every task was done exactly once, and that all of its work is there."""
        for workflow, names in self.names.items():
            tasks = self.stack.sdk.get_tasks(workflow_id=workflow)
            own = [task for task in tasks if task.created_by != LOOKS_AT_DROPPED]
            assert {task.status for task in tasks} == {"done"}
            assert sorted(_title(task) for task in own) == sorted(
                title for n in names for title in (f"the first file {n}.", f"the second file {n}.")
            )
            self._check_merges(workflow, tasks)
            self._check_files(names, self.stack.sdk.get_workflow(workflow).integration_branch)
            self._check_files(names, "main")

    def _check_merges(self, workflow: str, tasks: list[Task]) -> None:
        merges = self.stack.sdk.client.merges(workflow)
        ids = sorted(task.id for task in tasks)
        assert {merge.status for merge in merges} <= {"merged", "nothing"}
        assert sorted(merge.task_id or "" for merge in merges) == ids, "one merge per task"
        branch = self.stack.sdk.get_workflow(workflow).integration_branch
        listed = git(
            self.stack.repository,
            *("log", "--first-parent", "--merges", branch),
            "--format=%H %(trailers:key=Hephaestus-Task,valueonly,separator=%x2C)",
        )
        # Older merges, without this trailer, are those of workflows delivered before.
        commits = dict(line.split() for line in listed.splitlines() if " " in line.strip())
        assert len(set(commits.values())) == len(commits), "one merge commit per task"
        # A task's work may have been merged together with a task that started from it.
        assert {m.commit for m in merges if m.status == "merged"} == set(commits)
        assert len(commits) >= self.total / len(self.names) / 2

    def _check_files(self, names: list[str], branch: str) -> None:
        listed = git(self.stack.repository, "ls-tree", "-r", "--name-only", branch).splitlines()
        for name in names:
            for place in ("first", "second"):
                path = f"{place}/{name}.txt"
                assert listed.count(path) == 1, f"{path} in {branch}"
                assert git(self.stack.repository, "show", f"{branch}:{path}") == f"{place} {name}"

    def is_done(self) -> bool:
        """Return whether all tasks, including children not yet created, are done."""
        return self._done() >= self.total

    def _done(self) -> int:
        counted = self.stack.one(
            "SELECT count(*) FROM tasks WHERE status = 'done' AND created_by <> :dropped "
            "AND workflow_id = ANY(CAST(:ids AS uuid[]))",
            ids=list(self.names),
            dropped=LOOKS_AT_DROPPED,
        )
        return int(counted)

    def _create(self, workflow: str, name: str) -> None:
        self.stack.sdk.create_task_in_workflow(workflow, self._parent(name), phase_id=1)

    def _account(self) -> str:
        rows = self.stack.rows(
            "SELECT t.id, t.status, t.attempt, t.due_at, left(t.failure_reason, 200) AS reason, "
            "a.status AS agent, a.ended_at, a.released_at FROM tasks t "
            "LEFT JOIN agents a ON a.id = t.agent_id WHERE t.status <> 'done'"
        )
        return "\n".join(map(str, rows)) + "\n" + self.stack.log("worker")[-6000:]

    def _parent(self, name: str) -> str:
        child = _CHILD.format(name=name, seconds=self.seconds)
        indented = "".join(f"      {line}\n" for line in child.splitlines())
        return _PARENT.format(name=name, seconds=self.seconds, child=indented)


def _title(task: Task) -> str:
    return task.description.splitlines()[0].removeprefix("Write ")

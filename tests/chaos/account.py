"""The account of a chaos run: what there is at its end, compared one by one with what must be."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from tests.chaos.work import SHARED, ChaosWork
from tests.e2e.recorder import Recorder
from tests.e2e.second_host import SecondHost
from tests.e2e.stack import HOST, Stack, agents_in, git, tmux, worktrees_in
from tests.e2e.workload import LOOKS_AT_DROPPED
from tests.waiting import wait_until

KINDS = ("lost", "doubled", "orphans", "contradictions")

#: Begins and ends of attempts in the order of their commits, which timestamps do not keep.
_LIVES = """
    SELECT a.host, a.task_id, CASE e.type WHEN 'task.status_changed' THEN 1 ELSE -1 END AS change
    FROM events e JOIN agents a ON a.id = e.agent_id
    WHERE e.type = 'task.status_changed' AND e.data->>'to' = 'assigned'
        OR e.type = 'agent.status_changed' AND e.data->>'to' IN ('finished', 'lost')
    ORDER BY e.seq
"""


@dataclass
class Account:
    """The differences found, by kind.

    lost: a task, its work, or a commit that is not there. doubled: what happened twice. orphans:
    processes, worktrees, branches and agents that nobody needs any more. contradictions: rows,
    events and repositories that do not fit together.
    """

    stack: Stack
    second: SecondHost
    work: ChaosWork
    slots: int
    tidy_seconds: float = 120.0
    """Time in which ended agents are tidied and merged branches deleted."""
    found: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    def note(self, kind: str, *differences: str) -> None:
        self.found[kind] += differences

    def compare(self, recorder: Recorder) -> None:
        """Compare everything."""
        self.note("lost", *self.work.refused)
        self._wait_for_calm()
        for workflow, names in self.work.names.items():
            self._compare_tasks(workflow, names)
        self._compare_statuses()
        self._compare_attempts()
        self._compare_commits()
        self._compare_leftovers()
        for check in (self.work.check, recorder.check):
            self._note_failure(check)

    def compare_hosts(self, moments: list[datetime]) -> None:
        """Both hosts started agents before the first of these moments, between them and after."""
        count = (
            "SELECT host, count(*) AS n FROM agents "
            "WHERE started_at BETWEEN CAST(:a AS timestamptz) AND :b GROUP BY host"
        )
        ends = ["-infinity", *moments, "infinity"]
        phases = ("before the faults", "during the faults", "after the faults")
        for phase, (begin, end) in zip(phases, pairwise(ends), strict=True):
            started = {row["host"]: row["n"] for row in self.stack.rows(count, a=begin, b=end)}
            print(f"agents started {phase}: {started}")
            for host in {HOST, self.second.name} - set(started):
                self.note("contradictions", f"{host} started no agent {phase}")

    def _wait_for_calm(self) -> None:
        """Wait until the last agents are tidied; the comparisons list what is left after that."""
        wait = lambda: wait_until(self._is_calm, timeout=self.tidy_seconds, what="calm")  # noqa: E731
        self._note_failure(wait)

    def _is_calm(self) -> bool:
        query = "SELECT count(*) FROM agents WHERE released_at IS NULL"
        homes = (self.stack.home, self.second.home)
        return (
            not self.stack.one(query)
            and not any(worktrees_in(home) for home in homes)
            and not self._merged_branches()
        )

    def _note_failure(self, check: Callable[[], object]) -> None:
        try:
            check()
        except AssertionError as error:
            self.note("contradictions", f"{getattr(check, '__qualname__', '')}: {error}"[:2000])

    def _compare_tasks(self, workflow: str, names: Iterable[str]) -> None:
        rows = self.stack.rows(
            "SELECT title, status, failure_reason FROM tasks WHERE workflow_id = :w "
            "AND created_by <> :dropped",
            w=workflow,
            dropped=LOOKS_AT_DROPPED,
        )
        counts = Counter(row["title"].removeprefix("Write ") for row in rows)
        due = {f"the {place} file {name}." for name in names for place in ("first", "second")}
        self.note("lost", *(f"no task for {title}" for title in sorted(due - set(counts))))
        self.note("doubled", *(f"{n} tasks for {t}" for t, n in counts.items() if n > 1))
        self.note("contradictions", *(f"unknown task: {t}" for t in sorted(set(counts) - due)))
        left = "SELECT * FROM tasks WHERE workflow_id = :w AND status <> 'done'"
        self.note("lost", *(str(row) for row in self.stack.rows(left, w=workflow)))

    def _compare_statuses(self) -> None:
        """Each event of a thing continues the one before, and the last agrees with the row."""
        for noun, begin in (("task", "pending"), ("agent", "starting")):
            changes = defaultdict(list)
            for row in self.stack.rows(
                f"SELECT {noun}_id AS id, data->>'from' AS was, data->>'to' AS now FROM events "
                "WHERE type = :type ORDER BY seq",
                type=f"{noun}.status_changed",
            ):
                changes[row["id"]].append((row["was"], row["now"]))
            for row in self.stack.rows(f"SELECT id, status FROM {noun}s"):
                way = [(None, begin), *changes.pop(row["id"], [])]
                if any(a[1] != b[0] for a, b in pairwise(way)) or way[-1][1] != row["status"]:
                    self.note("contradictions", f"{noun} {row['id']}, {row['status']}: {way}")
                if [now for _, now in way].count("done") > 1:
                    self.note("doubled", f"{noun} {row['id']} was done twice: {way}")
            self.note("contradictions", *(f"events of no {noun}: {known}" for known in changes))

    def _compare_attempts(self) -> None:
        """All have ended, they are numbered without a gap, and no limit was ever exceeded."""
        numbers = defaultdict(list)
        for row in self.stack.rows("SELECT * FROM agents ORDER BY task_id, attempt"):
            numbers[row["task_id"]].append(row["attempt"])
            if row["ended_at"] is None or row["released_at"] is None:
                self.note("orphans", f"agent {row['id']} of {row['host']}: {row['status']}")
        for row in self.stack.rows("SELECT id, attempt FROM tasks"):
            if numbers[row["id"]] != list(range(1, row["attempt"] + 1)):
                self.note("contradictions", f"task {row['id']}: attempts {numbers[row['id']]}")
        live: Counter[str] = Counter()
        for row in self.stack.rows(_LIVES):
            live[row["host"]] += row["change"]
            live[row["task_id"]] += row["change"]
            if live[row["host"]] > self.slots:
                self.note("contradictions", f"{row['host']} had {live[row['host']]} agents at once")
            if live[row["task_id"]] > 1:
                self.note("doubled", f"task {row['task_id']} had two agents at once")

    def _compare_commits(self) -> None:
        """All work is in the base branch, and nothing that was ever saved is gone."""
        repository = self.stack.repository
        main = set(git(repository, "rev-list", "main").split())
        kept = set(git(repository, "rev-list", "--all").split())
        for merge in self.stack.rows("SELECT task_id, tip, commit FROM merges"):
            for commit in (merge["tip"], merge["commit"]):
                if commit is not None and commit not in main:
                    self.note("lost", f"{commit} of task {merge['task_id']} is not in main")
        for row in self.stack.rows("SELECT id, checkpoint_commit AS commit FROM agents"):
            if row["commit"] is not None and row["commit"] not in kept:
                self.note("lost", f"{row['commit']}, saved by agent {row['id']}, is nowhere")
        for number in range(SHARED):
            path = f"shared/{number}.txt"
            listed = git(repository, "ls-tree", "--name-only", "main", "--", path)
            if listed and not self._is_a_version(git(repository, "show", f"main:{path}")):
                self.note("contradictions", f"{path} is no agent's version")
        if changed := git(repository, "status", "--porcelain"):
            self.note("contradictions", f"the user's checkout was touched: {changed}")
        self._note_failure(lambda: git(repository, "fsck", "--connectivity-only", "--no-dangling"))

    def _is_a_version(self, content: str) -> bool:
        place, _, name = content.partition(" ")
        known = {name for names in self.work.names.values() for name in names}
        return place in {"first", "second"} and name in known

    def _merged_branches(self) -> list[str]:
        """Return the branches of attempts whose commits the base branch holds."""
        return git(
            self.stack.repository,
            *("for-each-ref", "--merged=main", "--format=%(refname)"),
            "refs/heads/hephaestus/task/",
        ).split()

    def _compare_leftovers(self) -> None:
        self.note("orphans", *(f"merged branch {name}" for name in self._merged_branches()))
        for home in (self.stack.home, self.second.home):
            for agent, processes in agents_in(home).items():
                self.note("orphans", f"processes of agent {agent}: {processes}")
            for session in tmux(home, "list-sessions", "-F", "#{session_name}").split():
                self.note("orphans", f"session {session}")
            self.note("orphans", *(f"worktree {name} in {home}" for name in worktrees_in(home)))

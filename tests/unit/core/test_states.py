"""The tables of states: what they promise, and that diagrams and SQL know the same words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.agents import states as agents
from hephaestus_core.changes import states as merges
from hephaestus_core.contract.errors import TransitionRefused
from hephaestus_core.contract.machines import Machine
from hephaestus_core.contract.statuses import (
    AgentStatus,
    BudgetStatus,
    DeliveryStatus,
    Described,
    DiagnosisStatus,
    Health,
    HostStatus,
    MergeStatus,
    NotificationStatus,
    OrphanStatus,
    QuestionStatus,
    ResultStatus,
    ReviewStatus,
    TaskKind,
    TaskStatus,
    WorkflowStatus,
)
from hephaestus_core.diagnoses import states as diagnoses
from hephaestus_core.hosts import states as hosts
from hephaestus_core.notifications import states as notifications
from hephaestus_core.questions import states as questions
from hephaestus_core.results import states as results
from hephaestus_core.reviews import states as reviews
from hephaestus_core.tables import metadata
from hephaestus_core.tasks import states as tasks
from hephaestus_core.workflows import states as workflows

ROOT = Path(__file__).parents[3]

#: Every machine by the heading of its diagram in ARCHITECTURE.md.
MACHINES: dict[str, tuple[type[Described], Machine[Any]]] = {
    "A task": (TaskStatus, tasks.MACHINE),
    "An agent": (AgentStatus, agents.MACHINE),
    "A workflow": (WorkflowStatus, workflows.MACHINE),
    "A delivery": (DeliveryStatus, workflows.DELIVERY),
    "A merge": (MergeStatus, merges.MACHINE),
    "A result": (ResultStatus, results.MACHINE),
    "A question": (QuestionStatus, questions.MACHINE),
    "A review": (ReviewStatus, reviews.MACHINE),
    "A diagnosis": (DiagnosisStatus, diagnoses.MACHINE),
    "A notification": (NotificationStatus, notifications.MACHINE),
    "A host": (HostStatus, hosts.MACHINE),
    "The health of a host": (Health, hosts.HEALTH),
    "Orphans": (OrphanStatus, hosts.ORPHANS),
}

#: The columns of words, as SQL names them.
COLUMNS: dict[tuple[str, str], type[Described]] = {
    ("tasks", "kind"): TaskKind,
    ("tasks", "status"): TaskStatus,
    ("agents", "status"): AgentStatus,
    ("workflows", "status"): WorkflowStatus,
    ("workflows", "delivery_status"): DeliveryStatus,
    ("merges", "status"): MergeStatus,
    ("results", "status"): ResultStatus,
    ("questions", "status"): QuestionStatus,
    ("budgets", "status"): BudgetStatus,
    ("reviews", "status"): ReviewStatus,
    ("diagnoses", "status"): DiagnosisStatus,
    ("notifications", "status"): NotificationStatus,
    ("hosts", "status"): HostStatus,
    ("host_faults", "status"): Health,
    ("orphans", "status"): OrphanStatus,
}

#: A column of words and what it is compared with or set to, e.g. ``t.status IN ('pending'``.
_CLAUSE = re.compile(
    r"(?:(\w+)\.)?\b(status|delivery_status|kind)\s*(?:=|<>|(?:NOT )?IN)\s*\(?(?=')"
)
#: A table and its alias, if it has one.
_TABLE = re.compile(rf"\b({'|'.join({table for table, _ in COLUMNS})})\b(?!\.)(?: (\w)\b)?")


@pytest.mark.parametrize("title", MACHINES)
def test_every_status_is_reached_and_no_edge_leads_back_to_where_it_began(title: str) -> None:
    words, machine = MACHINES[title]
    assert {*machine.begins, *(end for _, end in machine.edges)} == set(words)
    assert all(before is not after for before, after in machine.edges)


@pytest.mark.parametrize("title", MACHINES)
def test_the_diagram_shows_the_edges_of_the_table_and_no_others(title: str) -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    section = text.split(f"\n### {title}\n")[1].split("\n#")[0]
    shown = re.findall(r"^    (\S+) --> (\w+): (.+)$", section, re.MULTILINE)
    machine = MACHINES[title][1]
    assert shown == [
        *(("[*]", str(word), why) for word, why in machine.begins.items()),
        *((str(before), str(after), why) for (before, after), why in machine.edges.items()),
    ]
    assert section.count("-->") == len(shown)


def test_there_is_a_diagram_for_each_machine_and_none_besides() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    assert text.count("stateDiagram-v2") == len(MACHINES)


@pytest.mark.parametrize("words", Described.__subclasses__())
def test_every_word_has_a_sentence(words: type[Described]) -> None:
    assert words.__doc__
    for word in words:
        assert word.sentence[0].isupper(), word
        assert word.sentence.endswith("."), word


def test_what_the_table_does_not_have_is_refused_by_name() -> None:
    with pytest.raises(TransitionRefused, match="Task 7 is done and cannot become failed") as told:
        tasks.MACHINE.check(7, TaskStatus.DONE, TaskStatus.FAILED)
    assert told.value.details == {"id": "7", "from": "done", "to": "failed"}


def test_an_agent_never_comes_back_from_its_end() -> None:
    assert all(not agents.MACHINE.after(status) for status in agents.ENDED)


def test_only_a_restart_leaves_an_ended_task_or_that_its_work_was_judged_and_accepted() -> None:
    assert {status: tasks.MACHINE.after(status) for status in tasks.ENDED} == {
        TaskStatus.DONE: {TaskStatus.QUEUED},
        TaskStatus.FAILED: {TaskStatus.QUEUED, TaskStatus.UNDER_REVIEW},
        TaskStatus.CANCELLED: {TaskStatus.QUEUED},
        TaskStatus.DUPLICATED: {TaskStatus.PENDING, TaskStatus.QUEUED},
    }


def test_every_live_task_can_be_cancelled() -> None:
    assert all(tasks.MACHINE.allows(status, TaskStatus.CANCELLED) for status in tasks.LIVE)


def test_work_is_done_only_from_review() -> None:
    before = [status for status in TaskStatus if tasks.MACHINE.allows(status, TaskStatus.DONE)]
    assert before == [TaskStatus.UNDER_REVIEW]


@given(st.lists(st.sampled_from(list(TaskStatus)), max_size=30))
def test_no_walk_through_the_table_reaches_an_attempt_but_through_the_queue(
    walk: list[TaskStatus],
) -> None:
    status = TaskStatus.PENDING
    for wanted in walk:
        if tasks.MACHINE.allows(status, wanted):
            assert wanted != TaskStatus.ASSIGNED or status == TaskStatus.QUEUED
            status = wanted


def test_all_words_in_sql_are_words_of_their_columns() -> None:
    found = [each for path in _sources() for each in _literals(path)]
    assert len(found) > 30
    wrong = [
        f"{path}: {table}.{column} = '{word}'"
        for path, table, column, word in found
        if word not in [*COLUMNS[table, column]]
    ]
    assert wrong == []


def test_all_words_in_indexes_are_words_of_their_columns() -> None:
    found = [
        (table.name, column, word)
        for table in metadata.tables.values()
        for index in table.indexes
        for _, _, column, words in _clauses(str(index.dialect_options["postgresql"]["where"]))
        for word in words
    ]
    assert len(found) > 8
    assert [each for each in found if each[2] not in [*COLUMNS[each[:2]]]] == []


def test_statuses_and_kinds_are_compared_with_words_that_there_are() -> None:
    """A literal that is misspelt compares unequal and says nothing; a name does not exist."""
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in ("hephaestus_core", "hephaestus_sdk", "hephaestus_web", "hephaestus_worker")
        for path in (ROOT / room).rglob("*.py")
        if "git" not in path.parts  # knows no rows: what its commands come to has words of its own
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare) and _is_word(node.left)
        for constant in ast.walk(node)
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
        if constant.value in {str(word) for words in Described.__subclasses__() for word in words}
    ]
    assert wrong == []


def _is_word(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in {"status", "delivery_status", "kind"}


def _sources() -> list[Path]:
    rooms = ("hephaestus_core", "hephaestus_web", "hephaestus_worker")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    return [path for path in files if path.name != "models.py"]


def _literals(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """Yield (file, table, column, word) for each word that SQL in a file compares or sets."""
    for sql in _statements(path):
        named = [(m.start(), m[1], m[2]) for m in _TABLE.finditer(sql)]
        for at, alias, column, words in _clauses(sql):
            fitting = [
                (place, table)
                for place, table, name in named
                if (table, column) in COLUMNS
                # The name of a subquery begins as the table does that it reads.
                and (alias is None or name == alias or table.startswith(alias))
            ]
            before = [table for place, table in fitting if place < at]
            table = before[-1] if before else fitting[0][1]
            yield from ((path.name, table, column, word) for word in words)


def _clauses(sql: str) -> Iterator[tuple[int, str | None, str, list[str]]]:
    for clause in _CLAUSE.finditer(sql):
        rest = sql[clause.end() :]
        end = rest.index(")") if clause.group().endswith("(") else rest.index("'", 1) + 1
        yield clause.start(), clause[1], clause[2], re.findall(r"'(\w*)'", rest[:end])


def _statements(path: Path) -> Iterator[str]:
    """Yield the SQL in a file; constants that are put together with it stand in their places."""
    tree = ast.parse(path.read_text())
    constants = {
        node.target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant)
        if isinstance(node.target, ast.Name)
    }
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [p.value if isinstance(p, ast.Constant) else p for p in node.values]
            texts += ["".join(_text_of(part, constants) for part in parts)]
            texts = [text for text in texts if text not in parts]
    yield from (text for text in texts if re.search(r"\b(SELECT|UPDATE|INSERT)\b", str(text)))


def _text_of(part: Any, constants: dict[str, Any]) -> str:
    if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name):
        return str(constants.get(part.value.id))
    return str(part)

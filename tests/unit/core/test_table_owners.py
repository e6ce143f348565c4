"""Each table belongs to one capability; SQL of another that names it stands in a file for that."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from hephaestus_core.db.base import Base
from hephaestus_core.lifecycle.deleted_rows import ORDER
from hephaestus_core.tables import metadata

CORE = Path(__file__).parents[3] / "hephaestus_core"

#: The files whose SQL crosses capabilities, each with the tables of others that it may name.
CROSSINGS: dict[str, set[str]] = {
    # A reader of a task gets it with its hints in one round trip.
    "agents/details.py": {"task_hints", "tasks"},
    # A claim is one atomic statement.
    "agents/claims.py": {"budgets", "host_faults", "hosts", "phases", "tasks", "workflows"},
    # A parked attempt goes on when its question is settled; its prompt has the answer.
    "agents/parking.py": {"questions"},
    # What a prompt says of the surroundings of an attempt.
    "agents/prompt/context.py": {"diffs", "phases", "tasks"},
    # Whether an act can be taken back depends on what has become of its agent and task.
    "guardian/undoable.py": {"agents", "questions", "tasks"},
    "agents/tasks_of_agents.py": {"tasks"},
    # What is on a host without a row that claims it is an orphan.
    "agents/claimed_names.py": {"merges", "workflows"},
    # A row for people names what an agent works at and what it has used.
    "agents/board.py": {"phases", "tasks", "used_sums", "workflows"},
    "tasks/dependencies.py": {"agents"},
    "tasks/joins.py": {"phases", "workflows"},
    "tasks/followers.py": {"agents", "results"},
    "tasks/accepted.py": {"results", "workflows"},
    "agents/unjudged.py": {"results", "reviews", "workflows"},
    "agents/rejected_results.py": {"results"},
    # What waits for a person is read from all that can wait.
    "attention/sources/agents.py": {"agent_watches", "agents", "tasks"},
    "attention/sources/coherence.py": {"coherences", "workflows"},
    "attention/sources/budgets.py": {"budgets", "tasks", "workflows"},
    "attention/sources/conflicts.py": {"merges", "tasks"},
    "attention/sources/deliveries.py": {"diffs", "workflows"},
    "attention/sources/failed_tasks.py": {"task_dependencies", "tasks", "workflows"},
    "attention/sources/hosts.py": {"agents", "host_faults", "hosts"},
    "attention/sources/llm.py": {"llm_calls"},
    "attention/sources/merges.py": {"merges", "tasks", "workflows"},
    "attention/sources/notifications.py": {"notification_channels"},
    "attention/sources/questions.py": {"questions", "tasks"},
    "attention/sources/reviews.py": {"reviews", "tasks"},
    "attention/sources/unsaved.py": {"agents", "tasks"},
    "attention/sources/diagnoses.py": {"diagnoses", "workflows"},
    "attention/store.py": {"agents", "tasks"},
    # A turn is booked on the attempt that reports it.
    "costs/ledger.py": {"agents"},
    # The agents of a spent budget end.
    "budgets/checking.py": {"agents"},
    # Keys reach the attempt for which they were typed, or nothing.
    "terminals/keyboards.py": {"agents"},
    "changes/authors.py": {"tasks", "workflows"},
    "changes/due.py": {"agents", "tasks", "workflows"},
    # The prompt of a resolver names the work of both sides.
    "changes/resolvers.py": {"tasks"},
    "changes/waiting.py": {"task_dependencies", "tasks"},
    # Where the commits of a task are.
    "changes/work.py": {"agents", "tasks", "workflows"},
    # What keeps a workflow from going on is read from all that it waits for.
    "conditions/store.py": {
        *("agents", "budgets", "diagnoses", "host_faults", "hosts", "join_rounds", "merges"),
        *("phases", "questions", "results", "reviews", "task_dependencies", "tasks", "workflows"),
    },
    "conditions/waiting.py": {"agents", "budgets", "phases", "tasks", "workflows"},
    # The agents of a workflow are compared by all that is known of them.
    "conductor/store.py": {"agent_watches", "agents", "tasks", "workflows"},
    "conditions/still.py": {"agents", "merges", "tasks", "workflows"},
    # A diagnostic agent is told what its workflow has come to.
    "diagnoses/gathering.py": {"results", "tasks"},
    "diagnoses/store.py": {"agents", "tasks"},
    # What happened is read from all that can happen.
    "digests/store.py": {"agents", "interventions", "merges", "tasks", "used_sums", "workflows"},
    # A deletion takes everything of a workflow away.
    "lifecycle/deleted_rows.py": {*ORDER, "events", "memories", "vector_items"},
    "lifecycle/deleting.py": {
        "agents",
        "events",
        "merges",
        "messages",
        "result_files",
        "results",
        "tasks",
    },
    "lifecycle/briefs.py": {"agents", "tasks", "workflow_definitions", "workflows"},
    # Texts are noted after the events about them.
    "indexing/noting.py": {"events", "memories", "tasks", "workflows"},
    "ids/service.py": {
        *("agents", "budgets", "interventions", "memories", "merges", "questions", "results"),
        "tasks",
        "workflows",
    },
    # Has no table of its own: it adds tasks.
    "intake/creation.py": {"tasks"},
    "intake/rulings.py": {"agents", "task_dependencies", "tasks"},
    "messages/recipients.py": {"agents", "tasks"},
    "reviews/due.py": {"agents", "hosts", "phases", "tasks", "workflows"},
    "results/checking.py": {"agents", "hosts", "tasks", "workflows"},
    "results/files.py": {"agents"},
    "reviews/upkeep.py": {"tasks"},
    "reviews/wanted.py": {"results"},
    # The account of a workflow and the figures for monitoring, which only read.
    "summaries/conflicts.py": {"merges", "workflows"},
    "summaries/looks.py": {"diffs", "merges", "tasks"},
    "summaries/figures.py": {"agents", "host_faults", "hosts", "merges", "tasks"},
    "summaries/merged.py": {"merges", "tasks"},
    "summaries/spending.py": {"deletions", "llm_calls", "llm_sums", "workflows"},
    "summaries/service.py": {"agents", "merges", "tasks", "workflows"},
    "summaries/supervision.py": {
        *("agent_watches", "agents", "budgets", "coherences", "diagnoses"),
        *("interventions", "used_sums"),
    },
    "summaries/usual.py": {"tasks", "used_sums", "workflows"},
    # The tasks of a workflow as a tree, a graph and a timeline, which only read.
    "outline/service.py": {"agents", "tasks"},
    "outline/store.py": {"agent_watches", "agents", "reviews", "tasks"},
    # A task that leaves review takes its merge and its review with it.
    "tasks/merges.py": {"merges"},
    "tasks/reviews.py": {"reviews"},
    "tasks/phase_names.py": {"phases"},
    # A task that ends needs no answer any more.
    "tasks/questions.py": {"questions"},
}

_STATEMENT = re.compile(r"\b(?:SELECT|UPDATE|INSERT|DELETE|JOIN)\b")


def test_sql_names_tables_of_its_own_capability_or_stands_among_the_crossings() -> None:
    assert dict(found()) == CROSSINGS


def test_every_table_has_its_capability() -> None:
    assert set(owners()) == set(metadata.tables)


def owners() -> dict[str, str]:
    """Return by table the capability whose models declare it."""
    return {
        value: path.parent.name
        for path in CORE.glob("*/models.py")
        for value in re.findall(r'^    __tablename__ = "(\w+)"', path.read_text(), re.MULTILINE)
    }


def found() -> dict[str, set[str]]:
    """Return by file the tables of other capabilities that it names, in SQL or as models."""
    owned = owners()
    crossing: defaultdict[str, set[str]] = defaultdict(set)
    for path in CORE.glob("*/**/*.py"):
        tree = ast.parse(path.read_text())
        named = {*_in_sql(tree), *_as_models(tree)}
        inside = path.relative_to(CORE)
        foreign = {table for table in named if owned[table] != inside.parts[0]}
        if foreign:
            crossing[inside.as_posix()] |= foreign
    return crossing


def _in_sql(tree: ast.Module) -> Iterator[str]:
    """Yield the tables that a file's SQL reads or writes."""
    tables = "|".join(metadata.tables)
    pattern = re.compile(rf"(?:\b(?:FROM|JOIN|UPDATE|INTO)|,)\s+({tables})\b")
    by_name = any(isinstance(n, ast.Name) and n.id == "table" for n in ast.walk(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _STATEMENT.search(node.value):
                yield from pattern.findall(node.value)
            elif by_name and node.value in metadata.tables:
                yield node.value


def _as_models(tree: ast.Module) -> Iterator[str]:
    """Yield the tables whose models a file imports for more than annotations."""
    checked = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    models = {mapper.class_.__name__: str(mapper.local_table) for mapper in Base.registry.mappers}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or node in checked:
            continue
        if (node.module or "").endswith(".models"):
            yield from (models[name.name] for name in node.names)

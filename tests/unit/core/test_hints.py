"""Hints on tasks: the files that a model chooses from, and what is kept of its answer."""

from uuid import UUID

from hephaestus_core.enrichment.rules import (
    MOST_PATHS,
    TaskHints,
    TaskText,
    kept,
    likely_paths,
    material,
)

TASK = TaskText(
    task_id=UUID(int=1),
    workflow_id=UUID(int=2),
    attempt=1,
    repository="/r",
    base_branch="main",
    title="Mend the export",
    description="`write_page` of the export drops a line.",
    done_definition="",
    phase="",
    purpose="A bug",
)


def test_files_that_share_words_with_a_task_come_before_all_others() -> None:
    others = [f"lib/a{n}.py" for n in range(1000)]
    found = likely_paths("The export of invoicePages", [*others, "src/export/page.py", "README.md"])
    assert "src/export/page.py" in found
    assert len(found) == MOST_PATHS
    assert found == sorted(found)


def test_the_names_of_files_have_a_bound() -> None:
    long = [f"{n}/{'x' * 3000}" for n in range(100)]
    assert sum(map(len, likely_paths("x", long))) <= 20_000


def test_words_that_many_paths_have_by_chance_do_not_count() -> None:
    weak = [f"src/test_{chr(97 + n % 26) * 3}{n}.py" for n in range(2 * MOST_PATHS)]
    longer = "a/much/longer/path/than/those/of/the/tests/ledger.py"
    assert longer in likely_paths("Test the ledger in src", [*weak, longer])


def test_texts_that_are_empty_are_not_told() -> None:
    assert list(material(TASK, [])) == ["task", "purpose of the workflow"]
    assert material(TASK, ["a.py", "b.py"])["files of the repository"] == "a.py\nb.py"


def test_only_single_lines_and_known_files_are_kept() -> None:
    told = ["One.", "Two\n\x00 lines. ", "One.", " "]
    hints = kept(TaskHints(done_when=told, checks=[], files=["a", "b", "a"]), {"a"})
    assert hints.done_when[0] == "One."
    assert len(hints.done_when) == 2
    assert "\n" not in "".join(hints.done_when)
    assert hints.files == ["a"]

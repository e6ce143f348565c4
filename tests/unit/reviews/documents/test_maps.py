"""Maps that agents write: of requirements to components, and of files to areas."""

from typing import Any

import pytest

from hephaestus_worker.reviews.documents import areas, requirements
from hephaestus_worker.reviews.documents.markdown import read
from hephaestus_worker.reviews.documents.yaml_lists import Unreadable, mapping

PRD = read("# Notes\nA tool.\n## Adding\nOne adds notes.\n## All\n### Later\nSharing.\n")
GOOD = """
document: docs/prd.md
components:
  - {id: store, paths: [src/store], depends_on: []}
  - {id: cli, paths: [src/cli, tests/cli], depends_on: [store]}
requirements:
  - {id: REQ_01, says: A, source: adding, shown_by: make, component: store}
  - {id: REQ_02, says: B, source: '# Notes', shown_by: make, component: cli}
left_out:
  - {source: Later, reason: It speaks of next year.}
questions:
  - {question: "Which?", decision: This, reason: It is smaller.}
"""


def faults(text: str = GOOD, **changes: Any) -> list[str]:
    return list(requirements.faults({**mapping(text), **changes}, PRD))


def test_a_whole_map_has_no_fault() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("REQ_02", "REQ_01", "REQ_01 stands there twice"),
        ("REQ_02", "R2", "needs an id like REQ_01, found 'R2'"),
        ("shown_by: make, component: cli", "component: cli", "REQ_02 lacks shown_by"),
        ("component: cli", "component: web", "REQ_02: there is no component 'web'"),
        ("component: cli", "component: store", "cli serves no requirement"),
        ("depends_on: []", "depends_on: [cli]", "in a circle: store, cli"),
        ("depends_on: []", "depends_on: [web]", "'web', which is no component"),
        ("paths: [src/store], ", "", "store lacks paths"),
        ("source: adding", "source: removing", "has no heading 'removing'"),
        ("source: adding", "source: notes", "'Adding' is the source of nothing"),
        ("reason: It speaks of next year.", "why: not", "'Later' is left out without a reason"),
        ("decision: This, ", "", "needs a question, a decision and a reason"),
    ],
)
def test_each_gap_is_named(before: str, after: str, says: str) -> None:
    assert says in "; ".join(faults(GOOD.replace(before, after)))


def test_too_many_requirements_belong_to_milestones() -> None:
    many = [{"id": f"REQ_{n}"} for n in range(61)]
    assert "61 requirements; at most 60" in faults(requirements=many)[0]
    assert faults(requirements=[])[0] == "`requirements` is empty"


@pytest.mark.parametrize("text", ["[", "a", "- a", "{a: &a [*a]}", "x: " + "[" * 3000])
def test_a_file_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        mapping(text)


@pytest.mark.parametrize("requirements", ["one", [1], [{}] * 501])
def test_lists_of_another_form_are_refused(requirements: Any) -> None:
    with pytest.raises(Unreadable):
        faults(requirements=requirements)


AREAS = {
    "areas": [
        {"id": "store", "files": ["src/store/**", "tests/*store*"]},
        {"id": "cli", "files": ["src/cli.py"]},
    ],
    "left_out": [{"files": "vendor", "reason": "vendored"}],
}
PATHS = ["src/store/a.py", "src/store/b/c.py", "src/cli.py", "tests/test_store.py", "vendor/x/y.c"]


def test_a_map_with_each_file_once_has_no_fault() -> None:
    assert list(areas.faults(AREAS, PATHS, most=2)) == []


@pytest.mark.parametrize(
    ("changes", "paths", "says"),
    [
        ({}, [*PATHS, "Makefile"], "Makefile is in no area and is not left out"),
        ({"left_out": [{"files": ["vendor"]}]}, PATHS, "vendor is left out without a reason"),
        ({"left_out": []}, PATHS, "vendor/x/y.c is in no area"),
        ({"areas": []}, PATHS, "`areas` is empty"),
        (
            {"left_out": [{"files": ["vendor", "src/cli.py"], "reason": "x"}]},
            PATHS,
            "src/cli.py is in cli and in left_out",
        ),
        (
            {"left_out": [{"files": ["vendor", "old/**"], "reason": "x"}]},
            PATHS,
            "'old/**' of left_out names no file",
        ),
        ({"areas": [{"id": "A b", "files": "**"}]}, PATHS, "'A b' cannot be an id"),
        ({"areas": [{"id": "a"}, {"id": "a"}]}, PATHS, "the same id"),
        ({"areas": [{"id": f"a{n}"} for n in range(3)]}, PATHS, "3 areas; at most 2"),
        ({"areas": [{"id": "a", "files": ["*"] * 500}]}, PATHS * 1000, "too many for 5,000"),
    ],
)
def test_each_file_out_of_place_is_named(
    changes: dict[str, Any], paths: list[str], says: str
) -> None:
    assert says in "; ".join(areas.faults({**AREAS, **changes}, paths, most=2))

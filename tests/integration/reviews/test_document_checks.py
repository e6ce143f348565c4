"""Checks of documents on real commits: honest documents pass, and inventions are caught."""

from typing import Any

import pytest

from tests.integration.reviews.conftest import FIXED, Project

REQUIREMENTS = """\
document: docs/prd.md
shared: [docs/**]
components:
  - {id: calc, paths: [calc.py, tests/**]}
  - {id: web, paths: [web/**]}
requirements:
  - {id: REQ_01, says: It adds., source: Adding, shown_by: make test, component: calc}
  - {id: REQ_02, says: It shows., source: Adding, shown_by: make test, component: web}
"""
AREAS = """\
areas:
  - {id: all, files: [calc.py, tests, .gitignore, 'docs/*']}
"""
PAGE = """\
# Adding

`total` stands at `calc.py:1 total`; see [the code](../calc.py) and `tests/test_calc.py`.

```console
$ python3 -c 'from calc import total; print(total([1, 2]))'
3
$ cd docs
```

```console
test -e page.md && touch left-behind
```
"""
HONEST: dict[str, str | bytes | None] = {
    "calc.py": FIXED,
    "tests/test_req.py": "def test_REQ_01_adds(): ...\n",
    "docs/page.md": PAGE,
    "docs/prd.md": "# Adding\nAdd numbers.\n",
    "docs/requirements.yaml": REQUIREMENTS,
    "docs/index/areas.yaml": AREAS,
    "docs/index/all.md": "# All\n",
}
PAGES = ["docs/*.md"]
MAP = {"check_type": "area_map", "target": ["docs/index/areas.yaml", "docs/index"]}
COMPONENT = {"check_type": "component_built", "target": ["docs/requirements.yaml"]}
COVERED = {
    "check_type": "ids_covered",
    "target": ["docs/requirements.yaml", "tests/**"],
    "pattern": ["REQ_*"],
}


def test_honest_documents_pass_every_check(project: Project) -> None:
    outcomes = project.check(
        project.work(HONEST),
        {"check_type": "links_resolve", "target": [*PAGES, "docs/index"]},
        {"check_type": "names_exist", "target": PAGES},
        {"check_type": "file_contains", "target": ["docs/p*.md"], "pattern": ["# Adding"]},
        {"check_type": "references_exist", "target": ["docs/page.md"], "threshold": 1},
        {"check_type": "console_blocks", "target": PAGES, "threshold": 2},
        {"check_type": "requirements_mapped", "target": ["docs/requirements.yaml"]},
        COMPONENT,
        MAP,
    )

    assert [(each.status, each.says) for each in outcomes] == [
        *[("passed", "")] * 3,
        ("passed", "Drawn for the judge: docs/page.md:3"),
        *[("passed", "")] * 4,
    ]


@pytest.mark.parametrize(
    ("files", "check", "says"),
    [
        (
            {"docs/page.md": "[x](gone.md)"},
            {"check_type": "links_resolve", "target": PAGES},
            "docs/page.md:1: the link 'gone.md'",
        ),
        ({}, {"check_type": "links_resolve", "target": ["docs/?.md"]}, "holds no document like"),
        (
            {"docs/page.md": "`totals`"},
            {"check_type": "names_exist", "target": PAGES},
            "'totals' does not stand in the code",
        ),
        (
            {"docs/page.md": "`calc.py:1 sum_up`"},
            {"check_type": "references_exist", "target": PAGES},
            "'sum_up' does not stand",
        ),
        (
            {"docs/page.md": "```console\ntrue\n```\n```console\necho no; exit 4\n```\n"},
            {"check_type": "console_blocks", "target": PAGES},
            "A ```console block of docs/page.md fails",
        ),
        (
            {},
            {"check_type": "file_contains", "target": ["docs/*.md"], "pattern": ["numbers"]},
            "docs/page.md does not hold the text 'numbers'",
        ),
        (
            {},
            {"check_type": "file_contains", "target": ["x/*.md"], "pattern": ["x"]},
            "holds no file x/*.md",
        ),
        ({}, {"check_type": "console_blocks", "target": PAGES, "threshold": 3}, "at least 3"),
        ({}, COVERED, "REQ_02 of docs/requirements.yaml: no file of tests/** names it"),
        (
            {"docs/requirements.yaml": "document: none.md"},
            {"check_type": "requirements_mapped", "target": ["docs/requirements.yaml"]},
            "`document` names no file",
        ),
        ({}, {**COVERED, "target": ["docs/requirements.yaml", "@tests"]}, "no file of tests names"),
        ({"web/a.py": ""}, COMPONENT, "The work touches calc and web"),
        ({"tests/test_req.py": None}, COMPONENT, "no test of calc names REQ_01"),
        ({"Makefile": ""}, COMPONENT, "Makefile is not in the paths of calc"),
        ({"Makefile": ""}, MAP, "Makefile is in no area"),
        ({"docs/index/all.md": None}, MAP, "docs/index/all.md is missing"),
    ],
)
def test_what_is_invented_or_left_out_is_caught(
    project: Project, files: dict[str, str | bytes | None], check: dict[str, Any], says: str
) -> None:
    given = {path: content for path, content in (HONEST | files).items() if content is not None}

    (outcome,) = project.check(project.work(given), check)

    assert outcome.status == "failed"
    assert says in outcome.says
    if "exit 4" in str(files):
        assert outcome.output.endswith("--- docs/page.md:5\nno\n")

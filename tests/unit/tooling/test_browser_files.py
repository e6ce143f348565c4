"""What browsers are sent: vendored libraries as their list says, and little of our own."""

import re

from tests.vendored import LIST, STATIC, VENDOR, hash_of, vendored

#: Most lines of JavaScript that we have to keep.
MOST_LINES = 1500
LICENCES = {"MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"}
TEMPLATES = STATIC.parent / "templates"


def test_every_vendored_file_is_listed_with_its_hash_and_its_licence() -> None:
    listed = vendored()
    rows = [line for line in LIST.read_text().splitlines() if line.startswith("| `")]
    assert [each.row for each in listed] == rows
    assert {"README.md"} | {each.file for each in listed} | {each.text for each in listed} == {
        path.name for path in VENDOR.iterdir()
    }
    for each in listed:
        assert hash_of(each.file) == each.hash, each.file
        assert each.licence in LICENCES, each.file
        assert each.version in each.file, each.file


def test_pages_name_vendored_files_that_are_there() -> None:
    there = {each.file for each in vendored()}
    for path in [*STATIC.glob("*.js"), *TEMPLATES.rglob("*.html")]:
        named = set(re.findall(r"vendor/([\w.@-]+)", path.read_text()))
        assert named <= there, path.name


def test_our_own_javascript_is_little() -> None:
    lines = {path.name: path.read_text().count("\n") for path in STATIC.glob("*.js")}
    assert sum(lines.values()) <= MOST_LINES, lines

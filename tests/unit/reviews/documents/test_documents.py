"""What documents say of a repository: links, names, references and ids that exist, and others."""

import pytest

from hephaestus_worker.reviews.documents import ids, links, names, references
from hephaestus_worker.reviews.documents.markdown import read

FILES = {
    "README.md": "# Start here\n",
    "docs/a.md": "# A\n",
    "src/app.py": "import json\n\n\ndef parse(text):\n    return json.loads(text)\n" + "\n" * 9,
}


def exists(path: str) -> bool:
    return path in FILES or path in {".", "docs", "src"}


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ("../README.md", None),
        ("/README.md#start-here", None),
        ("#a", None),
        ("../src/app.py#L4-L5", None),
        ("../src/", None),
        ("a.md?plain=1#a", None),
        ("https://example.com/none", None),
        ("mailto:a@example.com", None),
        ("b.md", "leads to docs/b.md, which does not exist"),
        ("../README.md#end", "README.md has no heading"),
        ("#b", "docs/a.md has no heading"),
        ("../../secrets", "out of the repository"),
        ("%62.md", "leads to docs/b.md"),
    ],
)
def test_a_link_leads_to_a_file_or_a_heading(link: str, says: str | None) -> None:
    page = read(f"# A\n[x]({link})\n")
    found = list(links.faults("docs/a.md", page, exists, lambda path: read(FILES[path])))
    assert (found == []) if says is None else (says in found[0] and "docs/a.md:2: " in found[0])


@pytest.mark.parametrize(
    ("span", "says"),
    [
        ("src/app.py:4 parse", None),
        ("src/app.py:4-5 parse(text)", None),
        ("./src/app.py:1 json.loads", None),
        ("localhost:8000", None),
        ("127.0.0.1:8000", None),
        ("src/app.py:4 render", "'render' does not stand within 5 lines"),
        ("src/app.py:14 parse", "does not stand within 5 lines"),
        ("src/app.py:99 parse", "the file has 14 lines"),
        ("src/none.py:1 parse", "there is no such file"),
        ("none.py:1 parse", "there is no such file"),
        ("src/app.py:4", "names nothing"),
    ],
)
def test_a_reference_names_what_stands_there(span: str, says: str | None) -> None:
    found = list(references.references(read(f"`{span}`"), {".py", ".md"}))
    said = list(references.faults("a.md", found, lines_of, least=0))
    assert (said == []) if says is None else says in said[0]


def test_a_document_needs_its_number_of_right_references() -> None:
    page = read("`src/app.py:4 parse` and `src/app.py:4 render`")
    found = list(references.references(page, {".py"}))
    assert list(references.faults("a.md", found, lines_of, least=2))[-1].startswith("a.md: 1 of at")
    assert list(references.faults("a.md", found[:1], lines_of, least=1)) == []


def test_names_in_backticks_stand_in_the_code() -> None:
    page = read("`parse`, `App.parse()`, `--dry-run`, `a-b`, `json.dumps`, `make all`, `4`, `x.y`")
    wanted = list(names.names("a.md", page, ["json.*"]))
    assert [each.word for each in wanted] == ["parse", "parse", "--dry-run", "a-b", "y"]
    assert names.missing(wanted, ["def parse(): ...", "'--dry-run', '--dry'"]) == [
        "a.md:1: 'a-b' does not stand in the code",
        "a.md:1: 'x.y' does not stand in the code",
    ]


def test_paths_in_backticks_exist_if_their_folder_does() -> None:
    page = read("`src/app.py`, `src/`, `src/no.py`, `origin/main`, `src/*.py`, `src/gone`")
    found = list(names.missing_paths("a.md", page, ["src/gone"], exists))
    assert found == ["a.md:1: there is no 'src/no.py'"]


def test_an_id_is_found_within_the_name_of_a_test() -> None:
    wanted = ids.ids_in("- id: REQ_01\n- REQ_02 REQ_01, README REQ_1_2", ["REQ_*"])
    assert wanted == ["REQ_01", "REQ_02", "REQ_1_2"]
    assert ids.missing(wanted, ["def test_REQ_01_adds", "REQ_023 TestREQ_02", "x REQ_1_2_y"]) == [
        "REQ_02"
    ]


def lines_of(path: str) -> list[str] | None:
    text = FILES.get(path)
    return None if text is None else text.splitlines()

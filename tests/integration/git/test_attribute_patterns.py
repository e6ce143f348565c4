"""Rules of folders, written as one file at the top: git finds the same attributes by it."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hephaestus_worker.git.objects import attributes
from hephaestus_worker.git.objects.object_store import ObjectStore
from tests.integration.git.making import Repo

FOLDERS = ("", "d/", "d/e/", "[a] *b/", 'q"\\u/', "[a] *b/d/")
NAMES = ("f", "f.md", "g h", "[f]", "*", 'q"', "\\", "!f", "#f")
PATHS = [f"{folder}{name}" for folder in FOLDERS for name in NAMES]
PATTERNS = (
    *(
        "f",
        "*.md",
        "*",
        "/f",
        "e/f",
        "/e/*",
        "**/f",
        "d/**",
        "e/",
        "?",
        "[f]",
        r"\[f\]",
        "!f",
        "#f",
    ),
    *(
        '"f"',
        '"g h"',
        '"g\\040h"',
        '"/f"',
        '"e/f"',
        '"q\\""',
        '"\\\\\\\\"',
        '"f',
        '"',
        "\\\\",
        "f\\",
    ),
    *("[attr]f", "[attr]x", "  f", "\tf", "\ufefff"),
)
RULES = ("merge=union", "-merge", "binary", "!merge", "merge", "text eol=lf  ", "", "x")

lines = st.lists(st.tuples(st.sampled_from(PATTERNS), st.sampled_from(RULES)), max_size=5)


def found(repo: Repo) -> str:
    asked = ("merge", "text", "eol", "binary", "x")
    return repo.git("check-attr", "-z", *asked, "--", *PATHS)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(files=st.dictionaries(st.sampled_from(FOLDERS), lines, min_size=1), ends=st.booleans())
def test_git_finds_the_same(files: dict[str, list[tuple[str, str]]], *, ends: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folders = Repo.make(Path(name) / "folders")
        for folder, rules in files.items():
            text = "".join(f"{pattern} {rule}\n" for pattern, rule in rules)
            folders.write({f"{folder}.gitattributes": text.replace("\n", "\r\n") if ends else text})
        top = Repo.make(Path(name) / "top")

        store = ObjectStore(folders.path / ".git")
        flat = attributes.that_count_for(store, folders.commit({}), PATHS)
        top.write({".git/info/attributes": flat})

        assert found(top) == found(folders)

"""Reading patches: nothing is lost, nothing passes for something else, and none takes long."""

import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hephaestus_core.changes.patches import PatchFile, read, unquoted

SIGNS = {"context": " ", "added": "+", "removed": "-", "note": "\\ "}

HOSTILE = """\
diff --git a/a.txt b/a.txt
index 1..2 100644
--- a/a.txt
+++ b/a.txt
@@ -1,4 +1,4 @@ def f():
 same
--- a/b.txt
-diff --git a/evil b/evil
+++ b/b.txt
+@@ -1,9 +1,9 @@
 end
\\ No newline at end of file
diff --git "a/t\\tab \\303\\244" "b/t\\tab \\303\\244"
new file mode 100644
index 0..3
Binary files /dev/null and "b/t\\tab \\303\\244" differ
"""


def written(files: list[PatchFile]) -> list[str]:
    """Return every line of the files as it stood in the patch."""
    found = []
    for file in files:
        found += file.about
        for hunk in file.hunks:
            found += [hunk.head, *(SIGNS[line.kind] + line.text for line in hunk.lines)]
    return found


def test_content_never_passes_for_the_head_of_a_file() -> None:
    first, second = read(HOSTILE)
    [hunk] = first.hunks
    assert [(line.kind, line.old, line.new, line.text) for line in hunk.lines] == [
        ("context", 1, 1, "same"),
        ("removed", 2, None, "-- a/b.txt"),
        ("removed", 3, None, "diff --git a/evil b/evil"),
        ("added", None, 2, "++ b/b.txt"),
        ("added", None, 3, "@@ -1,9 +1,9 @@"),
        ("context", 4, 4, "end"),
        ("note", None, None, "No newline at end of file"),
    ]
    assert [line.place for line in hunk.lines[:4]] == ["+1", "-2", "-3", "+2"]
    assert (first.path, second.path, second.is_binary, second.is_new) == (
        *("a.txt", "t\tab ä"),
        *(True, True),
    )
    assert first.line_at("-3") == hunk.lines[2]
    assert first.line_at("+9") is None


@settings(max_examples=300)
@given(
    st.lists(
        st.one_of(
            st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=9).map(
                lambda text: text.removeprefix("\\")
            ),
            st.sampled_from(HOSTILE.split("\n")[:-1]).filter(lambda line: line[:1] != "\\"),
        ),
        max_size=40,
    )
)
def test_each_line_of_any_text_is_there_once_and_in_order(lines: list[str]) -> None:
    patch = "\n".join(lines) + "\n"
    # An empty line within a hunk is an empty line of the file.
    found = [line.rstrip(" ") for line in written(read(patch))]
    order = sorted(line.rstrip(" ") for line in patch.removesuffix("\n").split("\n"))
    assert sorted(found) == order


def test_what_git_itself_writes(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        known = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.quotePath=false")
        ran = subprocess.run(
            ["git", *known, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True
        )
        return ran.stdout

    git("init", "-q", "-b", "main")
    for name, text in {"old name": "one\ntwo\nthree\nfour\n", "gone": "x\n", "kind": "y\n"}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "run").write_text("#!\n")
    git("add", ".")
    git("commit", "-qm", "before")
    git("mv", "old name", 'new "name"')
    (tmp_path / 'new "name"').write_text("one\n2\nthree\nfour")
    (tmp_path / "gone").unlink()
    (tmp_path / "kind").unlink()
    (tmp_path / "kind").symlink_to("gone")
    (tmp_path / "run").chmod(0o755)
    (tmp_path / "big").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5000000\n"
    )
    git("add", "-A")
    patch = git("diff", "--cached", "-M", "HEAD")
    files = {file.path: file for file in read(patch)}
    # A link in place of a file is two parts, and one file.
    assert sorted(written(list(files.values()))) == sorted(patch.removesuffix("\n").split("\n"))
    assert sorted(files) == ["big", "gone", "kind", 'new "name"', "run"]
    assert files['new "name"'].old_path == "old name"
    assert (files["gone"].is_deleted, files["big"].is_new) == (True, True)
    assert (files["kind"].is_deleted, files["kind"].is_new) == (False, False)
    assert files["run"].modes == ("100644", "100755")
    assert (files["big"].large_size, files["gone"].large_size) == (5_000_000, None)


@pytest.mark.parametrize(
    ("quoted", "path"),
    [
        ("plain", "plain"),
        (r'"a/t\tn\n\"q\" \\ \303\244"', 'a/t\tn\n"q" \\ ä'),
        (r'"cut\3', r'"cut\3'),
        (r'"\9 \777 \12"', None),
        ('"', '"'),
        ('"\\"', None),
    ],
)
def test_paths_in_quotes(quoted: str, path: str | None) -> None:
    assert unquoted(quoted) == path or path is None


WORST = {
    "empty lines": "\n" * 260_000,
    "one long line": "diff --git a/a b/a\n@@ -0,0 +1 @@\n+" + "x" * 1_000_000,
    "heads of files": "diff --git a/a b/b\n" * 14_000,
    "other heads": "".join(f"diff --git a/{n} b/{n}\n" for n in range(12_000)),
    "heads of hunks": "diff --git a/a b/a\n" + "@@ -1,999999999 +1,999999999 @@\n" * 8_000,
    "digits": "diff --git a/a b/a\n@@ -" + "1" * 260_000,
    "quotes": 'diff --git "a/' + "\\" * 260_000,
    "added": "diff --git a/a b/a\n@@ -0,0 +1,130000 @@\n" + "+\n" * 130_000,
}


@pytest.mark.parametrize("name", sorted(WORST))
def test_no_patch_takes_long(name: str) -> None:
    begun = time.process_time()
    for file in read(WORST[name]):
        _ = (file.path, file.old_path, file.is_new, file.large_size, file.lines)
        file.line_at("+0")
    assert time.process_time() - begun < 1.5

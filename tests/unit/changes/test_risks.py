"""What is pointed out of a diff before it is approved."""

import time

import pytest

from hephaestus_core.changes.patches import read
from hephaestus_core.changes.risks import Risk, RiskKind, Seen, risks_of


def changed(path: str, removed: str = "", added: str = "", *, mode: str = "") -> Seen:
    """Return a file of which these lines are gone, and those have come."""
    old, new = removed.splitlines(), added.splitlines()
    lines = [f"diff --git a/{path} b/{path}", *([mode] if mode else [])]
    lines += [f"--- a/{path}", f"+++ b/{path}", f"@@ -1,{len(old)} +1,{len(new)} @@"]
    [patch] = read(
        "\n".join([*lines, *(f"-{line}" for line in old), *(f"+{line}" for line in new)])
    )
    return Seen(path, len(new), len(old), patch=patch)


def kinds(*files: Seen) -> list[RiskKind]:
    return [risk.kind for risk in risks_of(files)]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (".claude/settings.json", RiskKind.AGENTS),
        ("lib/AGENTS.md", RiskKind.AGENTS),
        ("CLAUDE.md", RiskKind.AGENTS),
        (".codex/config.toml", RiskKind.AGENTS),
        ("opencode.json", RiskKind.AGENTS),
        (".github/workflows/ci.yml", RiskKind.CI),
        (".gitlab-ci.yml", RiskKind.CI),
        (".gitattributes", RiskKind.CI),
        ("web/package-lock.json", RiskKind.LOCKS),
        ("uv.lock", RiskKind.LOCKS),
        ("requirements-dev.lock", RiskKind.LOCKS),
        ("src/agents.md.py", None),
        ("docs/claude.txt", None),
        ("src/locks.py", None),
    ],
)
def test_paths(path: str, kind: RiskKind | None) -> None:
    assert kinds(changed(path, "a", "b")) == ([] if kind is None else [kind])


@pytest.mark.parametrize(
    ("path", "removed", "added", "expected"),
    [
        ("tests/test_a.py", "def test_one():\n    pass", "", [RiskKind.TESTS]),
        ("tests/test_a.py", "def test_one():", "def test_two():", []),
        ("tests/test_a.py", "    async def test_one():", "x = 1", [RiskKind.TESTS]),
        ("src/a.py", "def test_one():", "", []),
        ("a.test.ts", "it('works', () => {", "", [RiskKind.TESTS]),
        ("a_test.go", "func TestA(t *testing.T) {", "", [RiskKind.TESTS]),
        ("tests/test_a.py", "", "@pytest.mark.skip", [RiskKind.SKIPPED]),
        ("a.spec.js", "it('a')", "it.skip('a')", [RiskKind.TESTS, RiskKind.SKIPPED]),
        ("tests/test_a.py", "@pytest.mark.skip", "@pytest.mark.skip", []),
    ],
)
def test_tests(path: str, removed: str, added: str, expected: list[RiskKind]) -> None:
    assert kinds(changed(path, removed, added)) == expected


def test_a_file_of_tests_that_is_gone_or_hidden_by_a_new_name() -> None:
    gone = changed("tests/data.py", "x = 1", mode="deleted file mode 100644")
    assert kinds(gone) == [RiskKind.TESTS]
    hidden = "\n".join(
        [
            *("diff --git a/tests/test_a.py b/old/a.py", "similarity index 90%"),
            *("rename from tests/test_a.py", "rename to old/a.py"),
            *("--- a/tests/test_a.py", "+++ b/old/a.py", "@@ -1 +0,0 @@", "-def test_a():"),
        ]
    )
    assert kinds(Seen("old/a.py", 0, 1, patch=read(hidden)[0])) == [RiskKind.TESTS]


def test_binary_and_large_files_and_the_gravest_first() -> None:
    files = [
        Seen("logo.png", None, None, size=2_000_000),
        Seen("data.csv", 900, 200),
        changed(".claude/hooks.json", "", "{}"),
        *(Seen(f"{n}.bin", None, None, size=1) for n in range(9)),
    ]
    found = risks_of(files, kept=["a", "a", "b"], failed_checks=["all tests"], unseen=["data.csv"])
    assert [(risk.kind, risk.paths, risk.more) for risk in found] == [
        (RiskKind.AGENTS, (".claude/hooks.json",), 0),
        (RiskKind.CONFLICT, ("a", "b"), 0),
        (RiskKind.CHECKS, ("all tests",), 0),
        (RiskKind.UNSEEN, ("data.csv",), 0),
        (RiskKind.BINARY, ("logo.png", "0.bin", "1.bin", "2.bin", "3.bin"), 5),
        (RiskKind.LARGE, ("logo.png", "data.csv"), 0),
    ]
    assert risks_of([]) == []
    assert risks_of([changed("src/a.py", "a", "b")]) == []


def test_what_git_lfs_keeps_is_large_by_its_own_size() -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 90000000"
    assert risks_of([changed("model.bin", "", pointer)]) == [Risk(RiskKind.LARGE, ("model.bin",))]


@pytest.mark.parametrize("unit", ["\t ", "def ", "async ", "#[a::", "it.", "@"])
def test_no_line_takes_long(unit: str) -> None:
    lines = "\n".join([unit * 100_000] * 3 + ["def test" * 3] * 10_000)
    begun = time.process_time()
    risks_of([changed("tests/test_a.py", lines, lines)])
    assert time.process_time() - begun < 2

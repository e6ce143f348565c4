"""Patterns of paths, files of tests, and files that no task changes by the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.contract.globs import matches
from hephaestus_core.contract.test_files import is_test_file
from hephaestus_worker.reviews.protected_paths import is_named, kind_of


@pytest.mark.parametrize(
    ("path", "pattern", "fits"),
    [
        ("docs/a.md", "docs", True),
        ("docs/a.md", "docs/", True),
        ("docs/deep/a.md", "./docs/**", True),
        ("docs", "docs/**", False),
        ("documents/a.md", "docs", False),
        ("src/a.py", "src/*.py", True),
        ("src/deep/a.py", "src/*.py", False),
        ("src/deep/er/a.py", "src/**/a.py", True),
        ("src/a.py", "src/**/a.py", True),
        ("src/deep/a.py", "**/*.py", True),
        ("a.py", "**/*.py", True),
        ("a.pyc", "*.p?", False),
        ("a.py", "*.p?", True),
        ("a/b", "*", True),  # a folder, and so all that is in it
        ("a/b", ".", True),
        ("a/b", "", False),
        ("src/[x].py", "src/[x].py", True),
        ("src/x.py", "src/[x].py", False),
    ],
)
def test_a_pattern_matches_paths_and_what_is_below(path: str, pattern: str, fits: bool) -> None:
    assert matches(path, [pattern]) is fits


NAMES = st.lists(st.text("ab.", min_size=1, max_size=6), min_size=1, max_size=5)


@given(NAMES, st.data())
def test_a_path_matches_whatever_wildcards_take_the_place_of_its_names(
    names: list[str], data: st.DataObject
) -> None:
    names = [name for name in names if name != "."] or ["a"]
    path = "/".join(names)
    cut = data.draw(st.integers(0, len(names) - 1))
    name = names[cut]
    letter = data.draw(st.integers(0, len(name) - 1))

    assert matches(path, [path])
    assert matches(path, ["/".join([*names[:cut], "*", *names[cut + 1 :]])])
    assert matches(path, ["/".join(["**", *names[cut:]])])
    assert matches(path, ["/".join([*names[:cut], f"{name[:letter]}*", *names[cut + 1 :]])])
    assert not matches(path, ["/".join([*names[:cut], f"{name}x", *names[cut + 1 :]])])


@pytest.mark.parametrize(
    "path",
    [
        "tests/anything.json",
        "pkg/tests/helpers.py",
        "test_app.py",
        "src/app_test.py",
        "src/conftest.py",
        "src/app.test.tsx",
        "src/__tests__/app.js",
        "src/app.spec.ts",
        "pkg/server_test.go",
        "crates/a/tests/works.rs",
        "src/test/java/com/x/AppTest.java",
        "spec/models/user_spec.rb",
    ],
)
def test_files_of_tests_are_known_by_convention(path: str) -> None:
    assert is_test_file(path)


@pytest.mark.parametrize(
    "path", ["src/app.py", "latest.py", "src/contest.py", "src/testing.py", "attest/a.go", "test"]
)
def test_other_files_are_not(path: str) -> None:
    assert not is_test_file(path)


def test_a_check_may_name_further_ones() -> None:
    assert is_test_file("checks/one.py", ["checks/**"])


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (".github/workflows/ci.yml", "CI"),
        ("web/package-lock.json", "dependency lock"),
        ("CLAUDE.md", "agent settings"),
        ("claude.md", "agent settings"),
        ("a/.claude/settings.json", "agent settings"),
        (".gitlab-ci.yml", "CI"),
        (".gitlab-ci.yaml", "CI"),
        (".circleci/config.yml", "CI"),
        ("ci/Jenkinsfile", "CI"),
        ("azure-pipelines.yaml", "CI"),
        (".pre-commit-config.yaml", "CI"),
        ("pnpm-lock.yaml", "dependency lock"),
        ("ios/Podfile.lock", "dependency lock"),
        ("requirements.lock", "dependency lock"),
        ("requirements.txt", None),
        ("AGENTS.md", "agent settings"),
        (".codex/config.toml", "agent settings"),
        (".clinerules/rules.md", "agent settings"),
        (".vscode/settings.json", None),
        (".github/ISSUE_TEMPLATE.md", None),
        ("src/lock.py", None),
    ],
)
def test_what_steers_machines_is_protected(path: str, kind: str | None) -> None:
    assert kind_of(path) == kind


@pytest.mark.parametrize(
    ("path", "pattern", "named"),
    [
        ("uv.lock", "**", False),
        ("uv.lock", "*.lock", False),
        ("uv.lock", "uv.lock", True),
        ("a/uv.lock", "**/uv.lock", True),
        (".github/workflows/ci.yml", ".github/**", True),
        (".github/workflows/ci.yml", "*/workflows/ci.yml", False),
        (".claude/settings.json", ".claude", True),
    ],
)
def test_only_a_pattern_that_spells_it_out_names_it(path: str, pattern: str, named: bool) -> None:
    assert is_named(path, [pattern]) is named

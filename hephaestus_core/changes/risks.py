"""What a person should know of a diff before approving it: pure rules over its paths and lines.

They point to what is worth a look. None of them says that anything is wrong.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hephaestus_core.changes.patches import Line, PatchFile
from hephaestus_core.contract.agent_settings import names_in
from hephaestus_core.contract.globs import matches
from hephaestus_core.contract.test_files import is_test_file

#: Paths that are named with a risk; the number says how many more there are.
MOST_NAMED: Final = 5
#: Changed lines of one file from which on it counts as large, and bytes of a binary one.
_MANY_LINES: Final = 1000
_MANY_BYTES: Final = 1024 * 1024
#: The most characters of a line in which the sign of a test is looked for.
_LOOKED_AT: Final = 300


class RiskKind(StrEnum):
    """The kinds of risks, the gravest first."""

    AGENTS = "agent settings changed"
    CI = "CI changed"
    TESTS = "tests removed"
    SKIPPED = "tests switched off"
    CONFLICT = "conflict kept"
    CHECKS = "a check failed"
    LOCKS = "lock file changed"
    UNSEEN = "not all of it is shown"
    BINARY = "binary file"
    LARGE = "large file"


@dataclass(frozen=True)
class Risk:
    """Something to look at before approving."""

    kind: RiskKind
    paths: tuple[str, ...]
    """The first few."""
    more: int = 0
    """How many others there are."""


@dataclass(frozen=True)
class Seen:
    """One file of a diff, as the rules see it."""

    path: str
    insertions: int | None
    deletions: int | None
    size: int | None = None
    patch: PatchFile | None = None
    """None: the recorded patch does not have it."""


_CI: Final = (
    *(".github/workflows", ".github/actions", ".gitlab-ci.yml", ".gitlab", ".circleci"),
    *("Jenkinsfile", "azure-pipelines.yml", "bitbucket-pipelines.yml", ".buildkite", ".drone.yml"),
    *(".travis.yml", ".woodpecker.yml", ".woodpecker", ".ci", ".pre-commit-config.yaml"),
    *(".husky", ".githooks", ".gitattributes", ".gitmodules"),
)
_LOCKS: Final = (
    *("**/package-lock.json", "**/npm-shrinkwrap.json", "**/yarn.lock", "**/pnpm-lock.yaml"),
    *("**/bun.lock", "**/bun.lockb", "**/poetry.lock", "**/uv.lock", "**/Pipfile.lock"),
    *("**/pdm.lock", "**/requirements*.lock", "**/Cargo.lock", "**/go.sum", "**/Gemfile.lock"),
    *("**/composer.lock", "**/mix.lock", "**/flake.lock", "**/gradle.lockfile", "**/deno.lock"),
    *("**/packages.lock.json", "**/pubspec.lock", "**/Podfile.lock", "**/Package.resolved"),
)
#: The beginning of a test, in the languages of the checks. No repetition can match in two ways.
_TEST: Final = re.compile(
    r"[ \t]*+(?:(?:async[ \t]++)?def[ \t]++test|func[ \t]++(?:Test|Fuzz)|#\[(?:\w++::)?test\b"
    r"|@(?:Test|ParameterizedTest)\b|(?:it|test|specify|scenario)(?:\.each)?[ \t]*+[(\"'])"
)
_SKIP: Final = re.compile(
    r"\bmark\.(?:skip|xfail)|\bpytest\.(?:skip|xfail)\b|\bunittest\.skip|@skip|\bskipTest\b"
    r"|\b(?:it|test|describe)\.(?:skip|only|todo)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\("
    r"|\.Skip(?:f|Now)?\(|#\[ignore\b|@(?:Disabled|Ignore)\b"
)


def is_lock_file(path: str) -> bool:
    """Say whether a program writes it, so that people seldom read it line by line."""
    return matches(path, _LOCKS)


def risks_of(
    files: Sequence[Seen],
    *,
    kept: Iterable[str] = (),
    failed_checks: Iterable[str] = (),
    unseen: Iterable[str] = (),
) -> list[Risk]:
    """Return the risks of a diff, the gravest first.

    Args:
        files: all that is known of it.
        kept: paths of files of which a merge has kept one of two versions.
        failed_checks: names of checks that have not passed.
        unseen: paths whose lines are not all in the recorded patch; empty paths are counted too.
    """
    found: dict[RiskKind, list[str]] = {
        RiskKind.AGENTS: [file.path for file in files if names_in(file.path)],
        RiskKind.CI: [file.path for file in files if _any(file, _CI)],
        RiskKind.TESTS: [file.path for file in files if _removes_tests(file)],
        RiskKind.SKIPPED: [file.path for file in files if _skips_tests(file)],
        RiskKind.CONFLICT: list(dict.fromkeys(kept)),
        RiskKind.CHECKS: list(failed_checks),
        RiskKind.LOCKS: [file.path for file in files if _any(file, _LOCKS)],
        RiskKind.UNSEEN: list(unseen),
        RiskKind.BINARY: [file.path for file in files if _is_binary(file)],
        RiskKind.LARGE: [file.path for file in files if _is_large(file)],
    }
    return [
        Risk(kind, tuple(found[kind][:MOST_NAMED]), max(0, len(found[kind]) - MOST_NAMED))
        for kind in RiskKind
        if found[kind]
    ]


def _any(file: Seen, patterns: Sequence[str]) -> bool:
    names = [file.path] if file.patch is None else [file.path, file.patch.old_path or file.path]
    return any(matches(name, patterns) for name in names)


def _is_binary(file: Seen) -> bool:
    return file.insertions is None


def _is_large(file: Seen) -> bool:
    stored = None if file.patch is None else file.patch.large_size
    lines = (file.insertions or 0) + (file.deletions or 0)
    return max(file.size or 0, stored or 0) > _MANY_BYTES or lines > _MANY_LINES


def _removes_tests(file: Seen) -> bool:
    """Say whether a file of tests is gone, or has fewer beginnings of tests than before."""
    if file.patch is None or not is_test_file(file.patch.old_path or file.path):
        return False
    if file.patch.is_deleted:
        return True
    gone, come = _counted(file.patch, "removed"), _counted(file.patch, "added")
    return gone > come


def _skips_tests(file: Seen) -> bool:
    if file.patch is None or not is_test_file(file.path):
        return False
    before = sum(_SKIP.search(text) is not None for text in _texts(file.patch, "removed"))
    after = sum(_SKIP.search(text) is not None for text in _texts(file.patch, "added"))
    return after > before


def _counted(patch: PatchFile, kind: str) -> int:
    return sum(_TEST.match(text) is not None for text in _texts(patch, kind))


def _texts(patch: PatchFile, kind: str) -> Iterator[str]:
    lines: Iterator[Line] = (line for hunk in patch.hunks for line in hunk.lines)
    return (line.text[:_LOOKED_AT] for line in lines if line.kind == kind)

"""Checks that read the commit and run nothing."""

from typing import Final

from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.definitions.criteria import TESTS, Check
from hephaestus_core.contract.folders import folder_inside
from hephaestus_core.contract.globs import is_pattern, matches, segments
from hephaestus_core.contract.left_out import plain_path
from hephaestus_core.contract.test_files import is_test_file
from hephaestus_worker.git.objects import changes
from hephaestus_worker.git.objects.changes import Change, Entry
from hephaestus_worker.reviews import kept_tests
from hephaestus_worker.reviews.census import Census, census_of
from hephaestus_worker.reviews.code import language_of
from hephaestus_worker.reviews.kept_tests import Version
from hephaestus_worker.reviews.outcomes import named, outcome, passed
from hephaestus_worker.reviews.protected_paths import is_named, kind_of
from hephaestus_worker.reviews.runner_settings import is_runner_settings
from hephaestus_worker.reviews.work import Work

#: Bytes of a file in which texts are looked for.
_MOST_SEARCHED: Final = 8 * 1024 * 1024
#: Bytes of a file of tests that are read.
_MOST_COUNTED: Final = 1024 * 1024
#: Most changed files of tests that are compared, and their bytes.
_MOST_FILES: Final = 300
_MOST_BYTES: Final = 8 * 1024 * 1024
#: Most losses that are named.
_MOST_LOSSES: Final = 5


def file_exists(work: Work, check: Check) -> CheckOutcome:
    """Check that the commit holds each target, as a file or a folder and not as a link."""
    found = _targets(work, check)
    missing = [path for path, entry in found.items() if not _exists(entry)]
    if not missing:
        return passed(check)
    return outcome(
        check,
        "failed",
        f"The commit holds no {named(missing)}. Create it as a file that git does not ignore, and "
        "not as a link.",
    )


def file_contains(work: Work, check: Check) -> CheckOutcome:
    """Check that each target is a file of the commit that holds each text of ``pattern``."""
    for path, entry in _targets(work, check).items():
        if entry is None or not entry.is_file:
            return outcome(check, "failed", f"The commit holds no file {named([path])}. Create it.")
        text = changes.content(work.mirror.path, entry.object_id, _MOST_SEARCHED)
        for each in check.pattern:
            if each.encode(errors="replace") not in text:
                says = f"{named([path])} does not hold the text {each[:200]!r}. Add it."
                return outcome(check, "failed", says)
    return passed(check)


def paths_only(work: Work, check: Check) -> CheckOutcome:
    """Check that the work changes only what ``target`` names, and nothing that steers machines.

    Without a target everything else may change.
    """
    changed = [change.path for change in work.changes]
    outside = [path for path in changed if check.target and not is_within(path, check.target)]
    steering = [path for path in changed if kind_of(path) and not is_named(path, check.target)]
    if outside:
        allowed = ", ".join("tests" if each == TESTS else each for each in check.target)
        says = f"Only {allowed} may be changed, not {named(outside)}. Take these changes back."
        return outcome(check, "failed", says)
    if steering:
        kinds = " and ".join(sorted({str(kind_of(path)) for path in steering}))
        says = f"{named(steering)}: changes of {kinds} do not belong to this task."
        return outcome(check, "failed", f"{says} Take them back.")
    return passed(check)


def tests_kept(work: Work, check: Check) -> CheckOutcome:
    """Check that the work removes, skips and weakens no test."""
    changed = [each for each in work.changes if _may_test(each.path)]
    if len(changed) > _MOST_FILES or _size(work, changed) > _MOST_BYTES:
        says = f"The {len(changed):,} changed files of tests are more than can be compared."
        return outcome(check, "error", f"{says} Split the work.")
    lost = kept_tests.losses([_version(work, each) for each in changed])
    if not lost:
        return passed(check)
    says = "; ".join([*lost[:_MOST_LOSSES], *(["and more"] if lost[_MOST_LOSSES:] else [])])
    return outcome(
        check, "failed", f"Tests were lost: {says}. Bring them back, and change the code instead."
    )


def _size(work: Work, changed: list[Change]) -> int:
    """Return how many bytes are to be read of the changed files, before and after."""
    sides = (entry for each in changed for entry in (each.before, each.after))
    files = [entry.object_id for entry in sides if entry is not None and entry.is_file]
    sizes = changes.sizes(work.mirror.path, files) if files else []
    return sum(min(size, _MOST_COUNTED) for size in sizes)


def is_within(path: str, target: list[str]) -> bool:
    """Say whether a path matches a target, which may name all tests."""
    return matches(path, target) or (TESTS in target and is_test_file(path))


def _targets(work: Work, check: Check) -> dict[str, Entry | None]:
    """Return what the commit holds at each target; of a pattern, what the work changes there."""
    inside = (folder_inside(path) for path in check.target)
    named_paths = ["/".join(segments(path)) for path in inside if path is not None]
    paths = [path for each in named_paths for path in _changed(work, each) or [each]]
    found = changes.entries(work.mirror.path, work.commit, [path for path in paths if path])
    return {path: found.get(path) for path in paths}


def _changed(work: Work, pattern: str) -> list[str]:
    """Return the files that the work writes and a pattern matches; none for a plain path."""
    if not is_pattern(pattern):
        return []
    written = (each.path for each in work.changes if each.after is not None)
    return [path for path in written if matches(path, [pattern])][:_MOST_FILES]


def _exists(entry: Entry | None) -> bool:
    return entry is not None and (entry.is_file or entry.is_folder)


def _may_test(path: str) -> bool:
    language = language_of(path)
    # Tests of Rust stand beside the code that they test.
    tests = language is not None and (language == "rust" or is_test_file(path))
    return tests or is_runner_settings(path)


def _version(work: Work, change: Change) -> Version:
    return Version(
        plain_path(change.path),
        _census(work, change.path, change.before),
        _census(work, change.path, change.after),
    )


def _census(work: Work, path: str, entry: Entry | None) -> Census | None:
    if entry is None or not entry.is_file:
        return None
    content = changes.content(work.mirror.path, entry.object_id, _MOST_COUNTED)
    return census_of(path, content.decode(errors="replace"))

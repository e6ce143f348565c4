"""Whether a change keeps the tests that were there: none gone, none skipped, none weaker."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hephaestus_worker.reviews.census import Census
from hephaestus_worker.reviews.comparisons import is_blurred, merged
from hephaestus_worker.reviews.runner_settings import steers_others

_NOTHING: Final = Census()
#: Most files that one finding names.
_NAMED: Final = 3
#: The names of what a line calls.
_CALLED: Final = re.compile(r"\w++(?=[ \t]*+\()")
_ASSERTS: Final = re.compile(r"[aA]ssert|expect|require|verify|raises|to[A-Z]")


@dataclass(frozen=True)
class Version:
    """One file of tests before and after a change; None where it does not exist."""

    path: str
    before: Census | None
    after: Census | None

    @property
    def old(self) -> Census:
        return self.before or _NOTHING

    @property
    def new(self) -> Census:
        return self.after or _NOTHING

    @property
    def folded_tests(self) -> int:
        """How many of its tests became cases of one that calls the same."""
        return max(min(self.old.tests - self.new.tests, self.folded), 0)

    @property
    def folded(self) -> int:
        """How many of its assertions became cases of one that calls the same."""
        more = self.new.cases.items - self.old.cases.items
        if more <= 0 or self.old.assertions.total() <= self.new.assertions.total():
            return 0
        called = {_called(line) for line in self.new.assertions} - {frozenset()}
        lost = self.old.assertions - self.new.assertions
        same = sum(number for line, number in lost.items() if _called(line) in called)
        return min(more, same)

    @property
    def merged(self) -> int:
        """How many of its assertions became part of others."""
        lost = self.old.assertions - self.new.assertions
        return merged(self.old.comparisons, self.new.comparisons, lost) if self.after else 0


def losses(files: Sequence[Version]) -> list[str]:
    """Return sentences, without their stops, that say what the change loses.

    Assertions that stand in another of the files now are not lost, so that tests may be moved.

    Args:
        files: all files of tests that the change touches.
    """
    found = (_fewer_tests, _fewer_cases, _more_skips, _fewer_folders, _emptied, _weaker)
    return [each for kind in found for each in kind(files)]


def _fewer_tests(files: Sequence[Version]) -> Iterator[str]:
    before, after = (sum(each.tests for each in side) for side in _sides(files))
    if after + sum(each.folded_tests for each in files) < before:
        where = [each.path for each in files if each.new.tests < each.old.tests]
        yield f"{before} tests became {after} in {_named(where)}"


def _fewer_cases(files: Sequence[Version]) -> Iterator[str]:
    """A list that has another place now, under a name, cannot be compared."""
    old, new = _sides(files)
    if sum(each.cases.lists for each in new) < sum(each.cases.lists for each in old):
        return
    before, after = (sum(each.cases.items for each in side) for side in (old, new))
    if after < before:
        where = [each.path for each in files if each.new.cases.items < each.old.cases.items]
        yield f"{before} cases of tests became {after} in {_named(where)}"


def _more_skips(files: Sequence[Version]) -> Iterator[str]:
    old = [each for each in files if each.before is not None]
    if sum(each.new.tests for each in old) >= sum(each.old.tests for each in old):
        # No test went into a new file, so what is left out there was never run.
        files = [each for each in files if each.before or steers_others(each.path)]
    before, after = (sum(each.skips for each in side) for side in _sides(files))
    if after > before:
        where = [each.path for each in files if each.new.skips > each.old.skips]
        yield f"more tests are skipped, expected to fail or left out in {_named(where)}"


def _fewer_folders(files: Sequence[Version]) -> Iterator[str]:
    """Folders whose tests have moved away need not be named any more."""
    gone = [each.path for each in files if each.after is None]
    for each in files:
        new = each.new.folders
        for folder in sorted(each.old.folders if new else ()):
            kept = any(folder == other or folder.startswith(f"{other}/") for other in new)
            if not kept and not any(path.startswith(f"{folder}/") for path in gone):
                yield f"{each.path} no longer has the tests in {folder} run"


def _emptied(files: Sequence[Version]) -> Iterator[str]:
    """A new test may replace what it likes; one that was there, or was moved, tests as before."""
    old = [(name, said) for each in files for name, said in each.old.ways_out.items()]
    gone = {name for each in files for name in each.old.ways_out.keys() - each.new.ways_out.keys()}
    before = frozenset((name, way) for name, said in old for way in said)
    for each in files:
        for name, said in each.new.ways_out.items():
            if name in each.old.ways_out or name in gone:
                for way in sorted(said):
                    if (name, way) not in before:
                        yield f"the test {name} in {each.path} now {way}"


def _weaker(files: Sequence[Version]) -> Iterator[str]:
    gained: Counter[str] = Counter()
    for each in files:
        gained += each.new.assertions - each.old.assertions
    for each in files:
        lost = each.old.assertions - each.new.assertions
        moved = lost & gained
        gained -= moved
        yield from _weaker_file(each, moved.total() + each.folded + each.merged)


def _weaker_file(file: Version, moved: int) -> Iterator[str]:
    before, after = file.old.assertions.total(), file.new.assertions.total()
    if file.after is None:
        if before > moved or (file.old.tests and not before):
            yield f"{file.path} is gone"
    elif before - after > moved:
        yield f"{before} assertions became {after} in {file.path}"
    elif file.old.equalities - file.new.equalities > moved or is_blurred(
        file.old.comparisons, file.new.comparisons
    ):
        yield f"an assertion in {file.path} no longer compares with one exact value"


def _called(line: str) -> frozenset[str]:
    return frozenset(name for name in _CALLED.findall(line) if not _ASSERTS.match(name))


def _sides(files: Sequence[Version]) -> tuple[list[Census], list[Census]]:
    return [each.old for each in files], [each.new for each in files]


def _named(paths: Sequence[str]) -> str:
    more = len(paths) - _NAMED
    return ", ".join(paths[:_NAMED]) + (f" and {more} more" if more > 0 else "")

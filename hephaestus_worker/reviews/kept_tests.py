"""Whether a change keeps the tests that were there: none gone, none skipped, none weaker."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hephaestus_worker.reviews.census import Census

_NOTHING: Final = Census()
#: Most files that one finding names.
_NAMED: Final = 3


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


def losses(files: Sequence[Version]) -> list[str]:
    """Return sentences, without their stops, that say what the change loses.

    Assertions that stand in another of the files now are not lost, so that tests may be moved.

    Args:
        files: all files of tests that the change touches.
    """
    return [*_fewer_tests(files), *_more_skips(files), *_weaker(files)]


def _fewer_tests(files: Sequence[Version]) -> Iterator[str]:
    before, after = (sum(each.tests for each in side) for side in _sides(files))
    if after < before:
        where = [each.path for each in files if each.new.tests < each.old.tests]
        yield f"{before} tests became {after} in {_named(where)}"


def _more_skips(files: Sequence[Version]) -> Iterator[str]:
    before, after = (sum(each.skips for each in side) for side in _sides(files))
    if after > before:
        where = [each.path for each in files if each.new.skips > each.old.skips]
        yield f"more tests are skipped, expected to fail or left out in {_named(where)}"


def _weaker(files: Sequence[Version]) -> Iterator[str]:
    gained: Counter[str] = Counter()
    for each in files:
        gained += each.new.assertions - each.old.assertions
    for each in files:
        lost = each.old.assertions - each.new.assertions
        moved = lost & gained
        gained -= moved
        yield from _weaker_file(each, moved.total())


def _weaker_file(file: Version, moved: int) -> Iterator[str]:
    before, after = file.old.assertions.total(), file.new.assertions.total()
    if file.after is None:
        if before > moved or (file.old.tests and not before):
            yield f"{file.path} is gone"
    elif before - after > moved:
        yield f"{before} assertions became {after} in {file.path}"
    elif file.old.equalities - file.new.equalities > moved:
        yield f"an assertion in {file.path} no longer compares with one exact value"


def _sides(files: Sequence[Version]) -> tuple[list[Census], list[Census]]:
    return [each.old for each in files], [each.new for each in files]


def _named(paths: Sequence[str]) -> str:
    more = len(paths) - _NAMED
    return ", ".join(paths[:_NAMED]) + (f" and {more} more" if more > 0 else "")

"""Which files of a repository hold its tests, by the conventions of languages and their tools."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from hephaestus_core.contract.globs import matches

#: Folders in which everything belongs to the tests.
_FOLDERS: Final = frozenset(
    ("test", "tests", "__tests__", "spec", "specs", "testdata", "__snapshots__", "e2e", "cypress")
)
#: Names of files, without their folders.
_NAMES: Final = (
    *("test_*.py", "*_test.py", "tests.py", "conftest.py"),
    *("*.test.*", "*.spec.*", "*-test.js", "*-test.ts", "*.cy.js", "*.cy.ts"),
    *("*_test.go", "*_test.rs", "tests.rs"),
    *("*Test.java", "*Tests.java", "*TestCase.java", "*IT.java", "Test*.java"),
    *("*Test.kt", "*Tests.kt"),
    *("*_spec.rb", "*_test.rb", "test_*.rb"),
)

#: Names by which runners find the tests of languages in which others are not run.
_COLLECTED: Final[dict[str, tuple[str, ...]]] = {
    ".py": ("test*.py", "*_test.py", "*_tests.py", "tests.py"),
    ".rb": ("*_spec.rb", "*_test.rb", "test_*.rb"),
}


def is_collected(path: str) -> bool:
    """Say whether a runner with its usual settings finds the tests of a file by its name."""
    place = PurePosixPath(path)
    names = _COLLECTED.get(place.suffix)
    return names is None or matches(place.name, names)


def is_test_file(path: str, named: Sequence[str] = ()) -> bool:
    """Say whether a path belongs to the tests.

    Args:
        path: relative to the repository.
        named: patterns of further paths that do; see :mod:`hephaestus_core.contract.globs`.
    """
    place = PurePosixPath(path)
    if any(folder in _FOLDERS for folder in place.parts[:-1]):
        return True
    return matches(place.name, _NAMES) or matches(path, named)

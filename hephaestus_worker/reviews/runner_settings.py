"""Settings of test runners that leave out tests of other files."""

import re
from pathlib import PurePosixPath
from typing import Final

_NAMES: Final = frozenset(
    {
        *("pytest.ini", ".pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini", "package.json"),
        *("jest.config.js", "jest.config.ts", "jest.config.mjs", "jest.config.json"),
        *("vitest.config.js", "vitest.config.ts", "vitest.config.mts", ".mocharc.json"),
        *(".mocharc.yml", ".mocharc.js", ".rspec"),
    }
)
_LEAVES_OUT: Final = re.compile(
    r"--deselect\b|--ignore(?:-glob)?[ =]|\bnorecursedirs\b|\bpython_(?:files|classes|functions)\b"
    r"|\baddopts[^\n]{0,300}?[ \"'=]-[km][ \"'=]"
    r"|\b(?:testPathIgnorePatterns|testNamePattern|passWithNoTests)\b|--passWithNoTests\b"
)
#: The folders of tests of pytest and of Jest: a list, or words to the end of the line.
_FOLDERS: Final = re.compile(
    r"(?:\btestpaths[ \t]*+=[ \t]*+|[\"']?\broots[\"']?[ \t]*+:[ \t]*+)"
    r"(?:\[([^\]]{0,2000}+)\]|([^\n\[]++))"
)
_FOLDER: Final = re.compile(r"[\w./<>*-]++")


def is_runner_settings(path: str) -> bool:
    """Say whether the file may hold settings of a test runner."""
    return PurePosixPath(path).name in _NAMES


def steers_others(path: str) -> bool:
    """Say whether what the file leaves out are tests of other files."""
    return is_runner_settings(path) or PurePosixPath(path).name == "conftest.py"


def left_out(text: str) -> int:
    """Count the settings by which a runner leaves out tests."""
    return sum(1 for _ in _LEAVES_OUT.finditer(text))


def folders_of(text: str) -> frozenset[str]:
    """Return the folders in which a runner looks for tests, as far as the settings name them."""
    named = (first or second for first, second in _FOLDERS.findall(text))
    return frozenset(each.strip("./") for words in named for each in _FOLDER.findall(words))

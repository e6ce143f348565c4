"""What the tests of one source file amount to, counted by the conventions of its language.

Counts are of the text: a test that a loop makes counts once. They serve to compare two versions of
one file, where that error is the same on both sides.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from hephaestus_core.contract.test_files import is_collected
from hephaestus_worker.reviews.cases import Cases, cases_in
from hephaestus_worker.reviews.code import Language, language_of, without_words
from hephaestus_worker.reviews.comparisons import Comparisons, comparisons_in
from hephaestus_worker.reviews.emptied_tests import ways_out
from hephaestus_worker.reviews.python_tests import checking_functions, number_of_tests
from hephaestus_worker.reviews.runner_settings import folders_of, is_runner_settings, left_out
from hephaestus_worker.reviews.signs import EMPTY, SIGNS

#: A statement that calls a function, or a method of its own object.
_CALL: Final = re.compile(r"[ \t]*+(?:self\.)?(\w++)\(")
#: A line of Python that compares to decide something, and checks nothing.
_DECIDES: Final = re.compile(r"[ \t]*+(?:if|elif|while|return)\b(?![^\n]*?\.?assert)")
_BUILD: Final = re.compile(r"^//[ \t]*+(?:go:build|\+build)\b", re.MULTILINE)


@dataclass(frozen=True)
class Census:
    """The tests of one file, or of none.

    Args:
        tests: the tests that are written down, skipped ones included.
        skips: marks that leave out tests, or all but some.
        assertions: how often each line holds one, by the line's code.
        equalities: the comparisons that only one value satisfies.
        cases: the lists of cases, for each of which a test runs.
        comparisons: the lines that compare.
        ways_out: for each test by its name what it does instead of testing.
        folders: where a runner looks for tests by these settings.
    """

    tests: int = 0
    skips: int = 0
    assertions: Counter[str] = field(default_factory=Counter)
    equalities: int = 0
    cases: Cases = field(default_factory=Cases)
    comparisons: Comparisons = field(default_factory=Comparisons)
    ways_out: Mapping[str, frozenset[str]] = field(default_factory=dict)
    folders: frozenset[str] = frozenset()

    @property
    def matters(self) -> bool:
        """Whether the file tests anything."""
        return bool(self.tests or self.assertions)


def census_of(path: str, text: str) -> Census | None:
    """Count what a file holds; None if it is neither a source file nor settings of a runner."""
    if is_runner_settings(path):
        return Census(skips=left_out(text), folders=folders_of(text))
    language = language_of(path)
    if language is None:
        return None
    census = count(text, language)
    return census if is_collected(path) else replace(census, tests=0)


def count(text: str, language: Language) -> Census:
    """Count what a file holds; comments and the contents of strings do not count."""
    code, signs = without_words(text, language), SIGNS[language]
    lines = [line for line in code.split("\n") if not EMPTY.search(line)]
    meant = "\n".join(line for line in lines if not (language == "python" and _DECIDES.match(line)))
    tests, hidden = _tests(code, language)
    found = ((" ".join(line.split()), signs.assertions.findall(line)) for line in lines)
    assertions: Counter[str] = Counter()
    for line, each in found:
        if each:
            assertions[line] += len(each)
    exact = _number(signs.equalities, meant) - _number(signs.loose, meant)
    if language == "python":
        calls = _calls_of_checks(lines)
        assertions += calls
        exact += calls.total()
    return Census(
        tests=tests,
        skips=_number(signs.skips, code) + hidden + _left_out_by_build(text, language),
        assertions=assertions,
        equalities=max(exact, 0),
        cases=cases_in(code, language),
        comparisons=comparisons_in(meant.split("\n"), language, signs.equalities),
        ways_out=ways_out(text, language),
    )


def _tests(code: str, language: Language) -> tuple[int, int]:
    if language == "python":
        return number_of_tests(code)
    return _number(SIGNS[language].tests, code), 0


def _calls_of_checks(lines: list[str]) -> Counter[str]:
    """Count the lines that have a function of the file check something, by their code."""
    signs = SIGNS["python"]
    checking = checking_functions(
        lines, lambda line: bool(signs.assertions.search(line) and signs.equalities.search(line))
    )
    return Counter(
        " ".join(line.split())
        for line in lines
        if (called := _CALL.match(line))
        and called[1] in checking
        and not signs.assertions.search(line)
    )


def _left_out_by_build(text: str, language: Language) -> int:
    """Count the comments that make Go leave out a file."""
    return _number(_BUILD, text) if language == "go" else 0


def _number(sign: re.Pattern[str], code: str) -> int:
    return sum(1 for _ in sign.finditer(code))

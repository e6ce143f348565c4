"""The names of failed tests in the output of a test runner, without IO."""

import re
from typing import Final

#: Most characters of a line that is read, and of all names together that are kept of a run.
_LONGEST_LINE: Final = 2000
#: How a runner names a failed test: pytest, unittest, Go, Rust, Jest and Vitest, TAP, Node, RSpec,
#: Gradle, Maven, PHPUnit.
_FORMS: Final = tuple(
    re.compile(form)
    for form in (
        r"^(?:FAILED|ERROR) (\S+::.*|\S+\.py\b.*)$",
        r"^(?:FAIL|ERROR): (\S+ \(\S+\).*)$",
        r"^\s*--- FAIL: (\S+)",
        r"^test (\S.*) \.\.\. FAILED$",
        r"^\s*FAIL\s+(\S.*)$",
        r"^\s*● (\S.* › .*)$",
        r"^\s*not ok \d+ (?:- )?(\S.*)$",
        r"^\s*[✖✕×] (\S.*)$",
        r"^rspec \S+:\d+ # (\S.*)$",
        r"^(\S+ > \S.*) FAILED$",
        r"^\[ERROR\]\s+(\w+(?:\.\w+)+):\d+",
        r"^\d+\) (\S+::\S+)",
    )
)
#: The reason behind a name, and the time that a test took: both may differ from run to run.
_BEHIND: Final = re.compile(r" - .*$| # .*$|\s+[\[(]?\d[\d.]* ?m?s[\])]?$")
#: Tests that may fail.
_EXPECTED: Final = re.compile(r"# (?:TODO|SKIP)\b", re.IGNORECASE)


def failed_tests(output: str) -> frozenset[str]:
    """Return the names of the tests that failed; none if the output has no known form."""
    names = (_name(line[:_LONGEST_LINE].rstrip()) for line in output.splitlines())
    return frozenset(name for name in names if name)


def _name(line: str) -> str:
    found = next((match for form in _FORMS if (match := form.match(line))), None)
    if found is None or _EXPECTED.search(line):
        return ""
    return _BEHIND.sub("", found[1]).strip()

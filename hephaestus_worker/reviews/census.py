"""What the tests of one source file amount to, counted by the conventions of its language.

Counts are of the text: a test that a loop makes counts once. They serve to compare two versions of
one file, where that error is the same on both sides.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from hephaestus_worker.reviews.code import Language, without_words


@dataclass(frozen=True)
class Census:
    """The tests of one file, or of none.

    Args:
        tests: the tests that are written down, skipped ones included.
        skips: marks that leave out tests, or all but some.
        assertions: how often each line holds one, by the line's code.
        equalities: the comparisons that only one value satisfies.
    """

    tests: int = 0
    skips: int = 0
    assertions: Counter[str] = field(default_factory=Counter)
    equalities: int = 0

    @property
    def matters(self) -> bool:
        """Whether the file tests anything."""
        return bool(self.tests or self.assertions)


@dataclass(frozen=True)
class _Signs:
    tests: re.Pattern[str]
    skips: re.Pattern[str]
    assertions: re.Pattern[str]
    equalities: re.Pattern[str]


def _signs(tests: str, skips: str, assertions: str, equalities: str) -> _Signs:
    return _Signs(
        *(re.compile(each, re.MULTILINE) for each in (tests, skips, assertions, equalities))
    )


# Repetitions are possessive or short, so that no file takes more than linear time.
_SIGNS: Final[dict[Language, _Signs]] = {
    "python": _signs(
        r"^[ \t]*+(?:async[ \t]++)?def[ \t]++test",
        r"\bmark\.(?:skip|xfail)|\bpytest\.(?:skip|xfail|importorskip|exit)\b"
        r"|\bunittest\.(?:skip|expectedFailure)|^[ \t]*+@(?:skip|expectedFailure|xfail)"
        r"|\bskipTest\b|\bSkipTest\b|\bcollect_ignore|\b__test__\b"
        r"|\bpytest_(?:ignore_collect|collection_modifyitems)\b",
        r"^[ \t]*+assert\b|\.assert|\bpytest\.(?:raises|warns|deprecated_call|fail)\b",
        r"==|\bis\b(?![ \t]++not\b)|\.assert\w{0,40}(?:Equal|_with|Is\b)",
    ),
    "javascript": _signs(
        r"(?<![\w.$])(?:Deno\.test|it|test|specify|[fx](?:it|test))(?:\.\w++)*+\s*+[(\"]",
        r"\b(?:it|test|describe|suite|context|specify)(?:\.(?:each|concurrent|sequential|serial))*+"
        r"\.(?:skip|only|todo|failing|fails|fixme|runIf)"
        r"|(?<![\w.$])[fx](?:it|test|describe|context)(?:\.\w++)*+\s*+[(\"]"
        r"|\b(?:this|t|ctx)\.(?:skip|todo)\b|\b(?:skip|only|todo)\s*+:\s*+true",
        r"\bexpect\w*+(?:\.\w++)*+\s*+\(|\bassert\w*+(?:\.\w++)*+\s*+\(|\.should\b",
        r"===?|\.(?:toBe|toEqual|toStrictEqual|toMatchObject|toMatch\w{0,10}Snapshot|equals?|eql?"
        r"|deepEqual|strictEqual|deepStrictEqual|toHaveBeenCalledWith|toHaveLength)\s*+\(",
    ),
    "go": _signs(
        r"^func[ \t]++(?:Test|Fuzz|Example|Benchmark)|\.Run\(",
        r"\.Skip(?:f|Now)?\s*+\(",
        r"\b\w{1,3}\.(?:Error|Fatal|Fail)|\b(?:assert|require|is)\.",
        r"!=(?!\s*+nil\b)|Equal|\.Diff\(|\bJSONEq\(",
    ),
    "rust": _signs(
        r"#\[(?:\w++::)?(?:test|rstest|test_case|quickcheck)\b|\bproptest!",
        r"#\[(?:cfg_attr\([^\n]{0,200}?)?ignore\b",
        r"\b(?:debug_|prop_)?assert\w*+!",
        r"\bassert_eq!|==",
    ),
    "java": _signs(
        r"@(?:Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate|Property)\b",
        r"@(?:Disabled|Ignore)|\bassum(?:e|ing)\w*+\s*+\(|\bAssum",
        r"\b(?:assert|verify|expect|should)\w*+\s*+[({ ]|\bfail\s*+\(",
        r"==|\bassert\w{0,20}(?:Equals|Same)|\b(?:isEqualTo|isSameAs|equals|contains\w{0,10})\(",
    ),
    "ruby": _signs(
        r"^[ \t]*+[fx]?(?:it|specify|scenario|example|test)\b[ \t]*+(?:\(|\"|do\b|\{)"
        r"|^[ \t]*+def[ \t]++test_",
        r"^[ \t]*+(?:[fx](?:it|specify|describe|context|scenario|example)|pending|skip)\b"
        r"|[,(][ \t]*+(?::(?:skip|pending|focus)\b|(?:skip|pending|focus):)",
        r"\bexpect\b|\b(?:assert|refute)|\.(?:must|wont)_|\.should|\bis_expected\b",
        r"==|\beq[lu]?|_equal\b|\bmatch_array\b|\bcontain_exactly\b",
    ),
}
#: What holds whatever the program does.
_EMPTY: Final = re.compile(
    r"\bassert[ \t]++(?:True|1|not[ \t]++False)[ \t]*+(?:,|;|$)"
    r"|\b(?:assert\w*+!?+|expect)[ \t]*+\([ \t]*+(?:true|True)[ \t]*+\)"
)


def count(text: str, language: Language) -> Census:
    """Count what a file holds; comments and the contents of strings do not count."""
    code, signs = without_words(text, language), _SIGNS[language]
    lines = (line for line in code.split("\n") if not _EMPTY.search(line))
    found = ((" ".join(line.split()), signs.assertions.findall(line)) for line in lines)
    assertions: Counter[str] = Counter()
    for line, each in found:
        if each:
            assertions[line] += len(each)
    return Census(
        tests=_number(signs.tests, code),
        skips=_number(signs.skips, code),
        assertions=assertions,
        equalities=_number(signs.equalities, code),
    )


def _number(sign: re.Pattern[str], code: str) -> int:
    return sum(1 for _ in sign.finditer(code))

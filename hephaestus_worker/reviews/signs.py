"""The marks by which the text of a file of tests is read, by the conventions of its language."""

import re
from dataclasses import dataclass
from typing import Final

from hephaestus_worker.reviews.code import ITEM, Language

_NOTHING: Final = r"(?!)"
#: A tolerance that lets other values pass than those which differ by rounding.
_WIDE: Final = r"(?!\d++(?:\.\d++)?[eE]-|0?\.0[01])"
_TOLERANCE: Final = rf"[ \t]*+=[ \t]*+{_WIDE}"


@dataclass(frozen=True)
class Signs:
    """Expressions for the code of one language.

    Args:
        tests: the beginning of a test.
        skips: what leaves out tests, or lets them pass whatever they find.
        assertions: one assertion.
        equalities: a comparison that only one value satisfies.
        loose: what makes many values satisfy such a comparison.
    """

    tests: re.Pattern[str]
    skips: re.Pattern[str]
    assertions: re.Pattern[str]
    equalities: re.Pattern[str]
    loose: re.Pattern[str]


def _signs(
    tests: str, skips: str, assertions: str, equalities: str, loose: str = _NOTHING
) -> Signs:
    given = (tests, skips, assertions, equalities, loose)
    return Signs(*(re.compile(each, re.MULTILINE) for each in given))


# Repetitions are possessive or short, so that no file takes more than linear time.
SIGNS: Final[dict[Language, Signs]] = {
    "python": _signs(
        r"^[ \t]*+(?:async[ \t]++)?def[ \t]++test",
        r"\bmark\.(?:skip|xfail)|\bpytest\.(?:skip|xfail|importorskip|exit)\b"
        r"|\bunittest\.(?:skip|expectedFailure)|^[ \t]*+@(?:skip|expectedFailure|xfail)"
        r"|\bskipTest\b|\bSkipTest\b|\bcollect_ignore|\b__test__\b"
        r"|\bpytest_(?:ignore_collect|collection_modifyitems|collect_file|pycollect_makeitem"
        r"|pyfunc_call|runtest_(?:protocol|call|makereport)|sessionfinish)\b"
        r"|^[ \t]*+(?:skip|xfail|importorskip)\(|^os\._exit\("
        r"|^[ \t]*+if[ \t]++(?:False|0|not[ \t]++True)[ \t]*+:|^(?:sys\.)?exit\("
        r"|^[ \t]*+del[ \t]++Test|^def[ \t]++load_tests\b|^[ \t]*+for\b[^\n]*+\n\s*+continue\b"
        r"|\bif[ \t]++[^\n]{0,80}?\bos\.(?:environ|getenv)\b[^\n]*+\n\s*+return\b"
        r"|\bexcept[ \t]++\(?[ \t]*+AssertionError\b[^\n]*+\n\s*+(?:pass|continue|return[ \t]*+$)"
        r"|(?:[rR]aises|\bsuppress)\([ \t]*+AssertionError\b"
        r"|\bsuppress\([ \t]*+(?:Base)?Exception\)[ \t]*+:\s*+(?:self\.)?assert"
        r"|\bexcept(?:[ \t]++(?:Base)?Exception)?[ \t]*+:\s*+pass\b"
        r"|\bdef[ \t]++test\w*+\([^()\n]*+\)[^:\n]*+:\s*+(?:\"\"\s*+)?return[ \t]*+(?:None)?$",
        r"^[ \t]*+assert\b|\.assert|\bpytest\.(?:raises|warns|deprecated_call|fail)\b",
        r"==|\bis\b(?![ \t]++not\b)|\.assert(?!Not|Greater|Less)\w{0,40}"
        r"(?:Equal|_with|Is(?:None)?\b)"
        r"|[rR]aises\w{0,9}\([ \t]*+(?!(?:Base)?Exception\b)|[(,][ \t]*+match[ \t]*+=",
        rf"\bapprox\((?:[ \t]*+[\w.\-]++[ \t]*+,[ \t]*+{_WIDE}[\d.]"
        rf"|[^\n]{{0,200}}?\b(?:rel|abs){_TOLERANCE})"
        rf"|Almost\w{{0,12}}\([^\n]{{0,200}}?\b(?:delta{_TOLERANCE}|places[ \t]*+=[ \t]*+-?[01]\b)"
        r"|(?:==|\bis\b)[ \t]*+(?:mock\.|unittest\.mock\.)?ANY\b"
        r"|\bassert[ \t]++not\b[^\n]{0,100}?==",
    ),
    "javascript": _signs(
        r"(?<![\w.$])(?:Deno\.test|it|test|specify|[fx](?:it|test))(?:\.\w++)*+\s*+[(\"]",
        r"\b(?:it|test|describe|suite|context|specify)(?:\.(?:each|concurrent|sequential|serial))*+"
        r"\.(?:skip|only|todo|failing|fails|fixme|runIf)"
        r"|(?<![\w.$])[fx](?:it|test|describe|context)(?:\.\w++)*+\s*+[(\"]"
        r"|\b(?:this|t|ctx)\.(?:skip|todo)\b|\b(?:skip|only|todo)\s*+:\s*+true"
        r"|\bif[ \t]*+\([ \t]*+(?:false|0)[ \t]*+\)|=>[ \t]*+\{\s*+return[ \t]*+;"
        r"|\bcatch[ \t]*+(?:\([^()\n]*+\)[ \t]*+)?\{\s*+\}"
        r"|\bif[ \t]*+\([^\n]{0,80}?\bprocess\.env\b[^\n]{0,80}?\breturn[ \t]*+;",
        r"\bexpect\w*+(?:\.\w++)*+\s*+\(|\bassert\w*+(?:\.\w++)*+\s*+\(|\.should\b",
        r"===?|(?<!\bnot)\.(?:toBe|toEqual|toStrictEqual|toMatch\w{0,10}Snapshot|equals?|eql?"
        r"|deepEqual|strictEqual|deepStrictEqual|toHaveBeenCalledWith|toHaveLength)\s*+\("
        rf"|\.toBeCloseTo\((?!{ITEM},[ \t]*+(?:-|[01]\b))",
        r"\bexpect\.(?:anything|any|\w{1,10}Containing|stringMatching|closeTo)\b",
    ),
    "go": _signs(
        r"^func[ \t]++(?:Test|Fuzz|Example|Benchmark)|\.Run\(",
        r"\.Skip(?:f|Now)?\s*+\(|\bif[ \t]++false\b|\btesting\.Short\("
        r"|\bos\.Exit\([ \t]*+0[ \t]*+\)"
        r"|^func[ \t]++Test\w*+\([^()\n]*+\)[ \t]*+\{\s*+return\b",
        r"\b\w{1,3}\.(?:Error|Fatal|Fail)|\b(?:assert|require|is)\.",
        r"!=(?!\s*+nil\b)|Equal|\.Diff\(|\bJSONEq\(",
    ),
    "rust": _signs(
        r"#\[(?:\w++::)?(?:test|rstest|test_case|quickcheck)\b|\bproptest!",
        r"#\[(?:cfg_attr\([^\n]{0,200}?)?ignore\b|#!?\[cfg\((?:any\(\)|FALSE)"
        r"|#!?\[cfg\(all\([ \t]*+test[ \t]*+,",
        r"\b(?:debug_|prop_)?assert\w*+!|#\[should_panic\(expected",
        r"\bassert_eq!|==|#\[should_panic\(expected",
    ),
    "java": _signs(
        r"@(?:Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate|Property)\b",
        r"@(?:Disabled|Ignore)|\benabled[ \t]*+=[ \t]*+false\b|\bassum(?:e|ing)\w*+\s*+\(|\bAssum",
        r"\b(?:assert|verify|expect|should)\w*+\s*+[({ ]|\bfail\s*+\(",
        r"==|\bassert\w{0,20}(?:Equals|Same)|\b(?:isEqualTo|isSameAs|equals|contains(?:Exactly|Only)\w{0,20})\("
        r"|(?<!\.)\bcontains\(",
        rf"\bassert\w{{0,10}}Equals\((?![ \t]*+\"\"){ITEM},{ITEM},[ \t]*+{_WIDE}[\d.]",
    ),
    "ruby": _signs(
        r"^[ \t]*+[fx]?(?:it|specify|scenario|example|test)\b[ \t]*+(?:\(|\"|do\b|\{)"
        r"|^[ \t]*+def[ \t]++test_",
        r"^[ \t]*+(?:[fx](?:it|specify|describe|context|scenario|example)|pending|skip)\b"
        r"|[,(][ \t]*+(?::(?:skip|pending|focus)\b|(?:skip|pending|focus):)"
        r"|^[ \t]*+(?:it|specify|test)\b[^\n]*+\n\s*+(?:next|return)\b"
        r"|\brescue\b[^\n]*+\n\s*+end\b",
        r"\bexpect\b|\b(?:assert|refute)|\.(?:must|wont)_|\.should|\bis_expected\b",
        r"==|\beq[lu]?|_equal\b|\bmatch_array\b|\bcontain_exactly\b",
    ),
}
#: What holds whatever the program does.
EMPTY: Final = re.compile(
    r"\bassert[ \t]++(?:True|1|not[ \t]++False)[ \t]*+(?:,|;|$)"
    r"|\b(?:assert\w*+!?+|expect)[ \t]*+\([ \t]*+(?:true|True)[ \t]*+\)"
    r"|\bassert(?:True|\.ok|_)?!?+[ \t]*+\([ \t]*+(?:\"\"[ \t]*+,[ \t]*+)?"
    r"(?:true|True|1)[ \t]*+[,)]"
    # One thing compared with itself; between quotes something else may have stood.
    r"|\bassert[ \t]++(?P<a>[^\"\n]{1,80}?)[ \t]*+==[ \t]*+(?P=a)[ \t]*+(?:,|;|$)"
    r"|\bassert[ \t]++\"\"[ \t]*+==[ \t]*+\"\"[ \t]*+(?:,|;|$)"
    r"|\bassert\w{0,30}+(?:\.\w{1,20}+)?!?+[ \t]*+\([ \t]*+"
    r"(?P<b>[^\",()\n]{1,60}+(?:\([^\"()\n]{0,60}+\))?+)"
    r"[ \t]*+,[ \t]*+(?P=b)[ \t]*+[,)]"
    r"|\bexpect[ \t]*+\((?P<c>[^\"()\n]{1,60}+(?:\([^\"()\n]{0,60}+\))?+)\)"
    r"\.to\w{1,20}+[ \t]*+\([ \t]*+(?P=c)[ \t]*+\)"
    r"|\bor[ \t]++True\b|\|\|[ \t]*+true\b|\bfalse[ \t]*+&&|\bFalse[ \t]++and\b"
)

"""What keeps a single test from testing: its subject replaced, a guard, a panic that it awaits."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from hephaestus_worker.reviews.code import Language, without_comments

#: Where the code of another function begins; the group is the name of a test.
_BEGINNINGS: Final[dict[str, re.Pattern[str]]] = {
    language: re.compile(expression, re.MULTILINE)
    for language, expression in (
        (
            "python",
            (
                r"^(?:[ \t]*+@[^\n]*+\n){0,10}+[ \t]*+(?:async[ \t]++)?def[ \t]++(test\w*+)"
                r"|^(?:async[ \t]++def|def|class)\b"
            ),
        ),
        (
            "javascript",
            r"(?<![\w.$])(?:it|test|specify)(?:\.\w++)*+\(\s*+(?:[\"'`]([^\"'`\n]{0,200}+))?",
        ),
        ("go", r"^func\b[ \t]*+(Test\w*+)?"),
        ("rust", r"^(?:[ \t]*+#\[[^\n]*+\n){0,10}+[^\n/]{0,60}?\bfn[ \t]++(\w++)"),
    )
}
#: What replaces a function by its name.
_REPLACES: Final[dict[str, re.Pattern[str]]] = {
    language: re.compile(expression, re.MULTILINE)
    for language, expression in (
        (
            "python",
            (
                r"\b(?:patch(?:\.object)?|setattr)\(\s*+(?:[\w.]++\s*+,\s*+)?"
                r"[\"'](?:\w++\.)*+(\w++)[\"']"
                r"|^[ \t]*+(?:\w++\.)*+(\w++)[ \t]*+=[ \t]*+(?:unittest\.)?(?:mock\.)?"
                r"(?:Mock|MagicMock|AsyncMock|create_autospec)\("
            ),
        ),
        (
            "javascript",
            (
                r"\.(?:spyOn|stub|method)\([^\n]{1,120}?,[ \t]*+[\"'`](\w++)[\"'`][ \t]*+\)\s*+"
                r"\.(?:mock\w|returns|resolves|rejects|calls)"
            ),
        ),
        ("go", r"^[ \t]++(?:\w++\.)*+(\w++)[ \t]*+=[ \t]*+func\("),
    )
}
_MOCKED_MODULE: Final = re.compile(
    r"\b(?:jest|vi)\.(?:mock|doMock)\(\s*+[\"'`]([^\"'`\n]++)[\"'`]"
    r"(?![^;]{0,300}?(?:Actual|importOriginal))"
)
_IMPORTED: Final = re.compile(
    r"\bimport[ \t]*+\{?([^;{}\"']{1,300}+)\}?[ \t]*+from[ \t]*+[\"'`]([^\"'`\n]++)[\"'`]"
    r"|\{([^{}\n]{1,300}+)\}[ \t]*+=[ \t]*+require\([\"'`]([^\"'`\n]++)[\"'`]"
)
_CALLED: Final = re.compile(r"\w++(?=[ \t]*+\()")
_WORD: Final = re.compile(r"\w++")
_GUARD: Final = re.compile(
    r"^[^\n\"'#]{0,40}?\bif\b[^\n]{0,120}?(?:\bos\.(?:environ|getenv|Getenv|LookupEnv)"
    r"|\bprocess\.env|\benv::var|\boption_env!)",
    re.MULTILINE,
)
_PANICS: Final = re.compile(r"#\[should_panic[ \t]*+\]")
_ASSERTS: Final = re.compile(r"\bassert\w*+!")
#: Most characters of a test's name in a finding.
_NAME: Final = 60


def ways_out(text: str, language: Language) -> Mapping[str, frozenset[str]]:
    """Return for each test what it does instead of testing, in words that follow its name."""
    if language not in _BEGINNINGS:
        return {}
    code = without_comments(text, language)
    parts = list(_parts(code, language))
    everywhere = _replaced(parts[0][1], language) | _of_mocked_modules(code, language)
    found: dict[str, frozenset[str]] = {}
    for name, part in parts[1:]:
        if name is not None:
            found[name] = found.get(name, frozenset()) | _instead(part, language, everywhere)
    return found


def _parts(code: str, language: Language) -> Iterator[tuple[str | None, str]]:
    """Yield what stands before the first function, then the code of each with its test's name."""
    name, start = None, 0
    for found in _BEGINNINGS[language].finditer(code):
        yield name, code[start : found.start()]
        name, start = found[1] and found[1][:_NAME], found.start()
    yield name, code[start:]


def _instead(part: str, language: Language, everywhere: frozenset[str]) -> frozenset[str]:
    replaced = everywhere | _replaced(part, language)
    tested = replaced & set(_CALLED.findall(part)) if replaced else ()
    found = {f"replaces {name}, which it calls" for name in tested}
    if _GUARD.search(part):
        found.add("asks the environment what to test")
    if language == "rust" and _PANICS.search(part) and _ASSERTS.search(part):
        found.add("passes when an assertion fails")
    return frozenset(found)


def _replaced(part: str, language: Language) -> frozenset[str]:
    sign = _REPLACES.get(language)
    if sign is None:
        return frozenset()
    return frozenset(name for found in sign.finditer(part) for name in found.groups() if name)


def _of_mocked_modules(code: str, language: Language) -> frozenset[str]:
    if language != "javascript":
        return frozenset()
    mocked = set(_MOCKED_MODULE.findall(code))
    named = ((a or c, b or d) for a, b, c, d in _IMPORTED.findall(code) if mocked)
    return frozenset(w for names, module in named if module in mocked for w in _WORD.findall(names))

"""The code of a source file without its comments and the contents of its strings.

Expressions here cannot backtrack: every repetition is possessive, so a file costs the same time
for each of its characters, whoever wrote it.
"""

import re
from pathlib import PurePosixPath
from typing import Final, Literal

Language = Literal["python", "javascript", "go", "rust", "java", "ruby"]

_FLAT: Final = r"(?:[^()\[\]{}\n]|[(\[{][^()\[\]{}\n]*+[)\]}])*+"
#: Expression for what stands between brackets on a line, with brackets in it to a depth of two.
INSIDE: Final = rf"(?:[^()\[\]{{}}\n]|[(\[{{]{_FLAT}[)\]}}])*+"
#: Expression for one argument of a call, likewise.
ITEM: Final = rf"(?:[^(),\[\]{{}}\n]|[(\[{{]{_FLAT}[)\]}}])++"

_EXTENSIONS: Final[dict[str, Language]] = {
    ".py": "python",
    **dict.fromkeys((".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts"), "javascript"),
    ".vue": "javascript",
    ".svelte": "javascript",
    ".go": "go",
    ".rs": "rust",
    ".java": "java",
    ".kt": "java",
    ".rb": "ruby",
}


def _quoted(mark: str, *, lines: bool = False) -> str:
    """Return the expression for a string between two marks; open ones end with the line."""
    inside = rf"[^{mark}\\]" if lines else rf"[^{mark}\\\n]"
    return rf"{mark}{inside}*+(?:\\(?:.|\n){inside}*+)*+{mark}?"


def _between(start: str, end: str) -> str:
    """Return the expression for what stands between two marks of several characters."""
    first, rest = re.escape(end[0]), re.escape(end[1:])
    return (
        rf"{re.escape(start)}[^{first}]*+(?:{first}(?!{rest})[^{first}]*+)*+(?:{re.escape(end)})?"
    )


def _triple(mark: str) -> str:
    return (
        rf"{mark * 3}[^{mark}\\]*+"
        rf"(?:(?:\\(?:.|\n)|{mark}(?!{mark * 2}))[^{mark}\\]*+)*+(?:{mark * 3})?"
    )


_LINE_COMMENT: Final = r"//[^\n]*+"
_BLOCK_COMMENT: Final = _between("/*", "*/")
_DOUBLE: Final = _quoted('"')
_SINGLE: Final = _quoted("'")
# A regular expression of JavaScript may hold quotes. It stands where no operand has just ended.
_JS_PATTERN: Final = (
    r"(?<=[(,=:\[!&|?{;])\ *+/(?![/*])[^/\\\[\n]*+"
    r"(?:(?:\\.|\[[^\]\\\n]*+(?:\\.[^\]\\\n]*+)*+\]?)[^/\\\[\n]*+)*+/?"
)

#: The expressions for comments and for strings.
_WORDS: Final[tuple[tuple[Language, str, tuple[str, ...]], ...]] = (
    ("python", r"\#[^\n]*+", (_triple('"'), _triple("'"), _DOUBLE, _SINGLE)),
    (
        "javascript",
        f"{_LINE_COMMENT}|{_BLOCK_COMMENT}",
        (_JS_PATTERN, _DOUBLE, _SINGLE, _quoted("`", lines=True)),
    ),
    ("go", f"{_LINE_COMMENT}|{_BLOCK_COMMENT}", (_DOUBLE, _SINGLE, r"`[^`]*+`?")),
    (
        "rust",
        f"{_LINE_COMMENT}|{_BLOCK_COMMENT}",
        # A single quote begins a lifetime more often than a character.
        (_between('r#"', '"#'), _quoted('"', lines=True), r"'(?:[^'\\\n]|\\[^\n])'"),
    ),
    ("java", f"{_LINE_COMMENT}|{_BLOCK_COMMENT}", (_triple('"'), _DOUBLE, _SINGLE)),
    (
        "ruby",
        r"^=begin\b[^\n]*+(?:\n(?!=end\b)[^\n]*+)*+(?:\n=end[^\n]*+)?|\#(?!\{)[^\n]*+",
        (_DOUBLE, _SINGLE),
    ),
)
_HIDDEN: Final = {
    language: re.compile("|".join((f"(?P<comment>{comment})", *strings)), re.MULTILINE)
    for language, comment, strings in _WORDS
}


def language_of(path: str) -> Language | None:
    """Return the language of a source file by its extension; None if it is not one of these."""
    return _EXTENSIONS.get(PurePosixPath(path).suffix.lower())


def without_words(text: str, language: Language) -> str:
    """Return the code with each comment left out and each string empty.

    Lines stay lines, except that a string or comment of several lines becomes one.
    """
    return _HIDDEN[language].sub(lambda found: "" if found["comment"] is not None else '""', text)


def without_comments(text: str, language: Language) -> str:
    """Return the code with each comment left out and all strings as they are."""
    return _HIDDEN[language].sub(
        lambda found: "" if found["comment"] is not None else found[0], text
    )

"""Comments on lines of a diff, as one text for the agent that mends the work."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.quoting import Marks
from hephaestus_core.contract.texts import plain_text

#: Most comments of one verdict, and characters of one of them, of its path and of its line.
MOST_COMMENTS: Final = 50
COMMENT_LIMIT: Final = 4000
_PATH_LIMIT: Final = 300
_CODE_LIMIT: Final = 300


@dataclass(frozen=True)
class Comment:
    """What a person says of one line."""

    path: str
    place: str
    """``+12``, or ``-9`` for a line that was removed."""
    code: str
    """The line itself, as an agent wrote it; empty: it is not known."""
    text: str


def in_words(general: str, comments: Sequence[Comment]) -> str:
    """Return what a person says of the work, each comment with its file, line and code.

    Raises:
        InvalidInput: nothing is said, or too much.
    """
    if len(comments) > MOST_COMMENTS:
        raise InvalidInput(
            f"There are {len(comments)} comments; at most {MOST_COMMENTS} are taken. Send these "
            "back first, and the others after the next look.",
            field="comment",
        )
    marks = Marks()
    said = [plain_text(general, "text", required=not comments).strip()]
    said += [_worded(each, marks) for each in comments]
    if any(each.code for each in comments):
        said.append(marks.explanation)
    return "\n\n".join(part for part in said if part)


def _worded(comment: Comment, marks: Marks) -> str:
    words = plain_text(comment.text, "comment", limit=COMMENT_LIMIT, required=True).strip()
    number = comment.place[1:]
    which = f"removed line {number}" if comment.place.startswith("-") else f"line {number}"
    path = " ".join(plain_text(comment.path, "path").split())[:_PATH_LIMIT]
    head = f"{path}, {which}: {words}"
    if not comment.code:
        return head
    code = " ".join(plain_text(comment.code, "code").split())
    return f"{head}\n{marks.quoted('that line', code, limit=_CODE_LIMIT)}"

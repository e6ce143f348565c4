"""The texts of tasks about results: that of a judge, and that after a rejection."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hephaestus_core.contract.definitions.config import DEFAULT_RESULT_CRITERIA
from hephaestus_core.contract.quoting import Marks
from hephaestus_core.contract.statuses import ResultOutcome
from hephaestus_core.contract.texts import DESCRIPTION_LIMIT
from hephaestus_core.results.models import Result
from hephaestus_core.results.rules import questions_of
from hephaestus_core.results.views import FileView

_REVIEW: Final = (
    "Judge the result that another agent submitted for this workflow. Your worktree holds that "
    "agent's work. Check the criteria yourself, by running things; the explanation is a claim, not "
    "a proof."
)
_MEND: Final = "The workflow's result was rejected. Mend what was found."
#: Most characters of each of the parts of a description.
_PART_LIMIT: Final = DESCRIPTION_LIMIT // 6
_REST: Final = "get_workflow_results has the whole"


def for_judge(result: Result, config: Mapping[str, Any], files: Sequence[FileView]) -> str:
    """Return the description of the task that judges a result.

    Args:
        result: with the outcomes of its checks, if they have run.
        config: of its workflow.
        files: handed in with it.
    """
    marks = Marks()
    criteria = str(config.get("result_criteria") or DEFAULT_RESULT_CRITERIA)
    questions = "".join(f"\n- {question}" for question in questions_of(config))
    parts = [
        f"{_REVIEW} {marks.explanation}",
        f"## Criteria\n{(criteria + questions)[:_PART_LIMIT]}",
        _titled("Checks that the system has run", _checks(result)),
        _titled("Outcome", _outcome(result.outcome)),
        _quoted(marks, "the explanation", result.explanation),
        _quoted(marks, "the evidence named", "\n".join(f"- {item}" for item in result.evidence)),
        _quoted(marks, "the result", result.content),
        _quoted(marks, "the files handed in", "\n".join(map(_line, files))),
    ]
    return "\n\n".join(part for part in parts if part)


def after_rejection(rejected: Result) -> str:
    """Return the description of the task that mends what was found."""
    marks = Marks()
    found = _quoted(marks, "what was found", rejected.feedback or "")
    claimed = _quoted(marks, "the result", rejected.explanation)
    return f"{_MEND} {marks.explanation}\n\n{found}\n\n{claimed}"


def _quoted(marks: Marks, source: str, text: str) -> str:
    return marks.quoted(source, text, limit=_PART_LIMIT, rest=_REST) if text.strip() else ""


def _line(file: FileView) -> str:
    return f"- {file.path}: {file.size} bytes, get_result_file {file.id}"


def _titled(title: str, text: str) -> str:
    return f"## {title}\n{text}" if text else ""


def _checks(result: Result) -> str:
    return "\n".join(f"- {each['name']}: {each['status']}" for each in result.checks)[:_PART_LIMIT]


def _outcome(outcome: ResultOutcome) -> str:
    if outcome == ResultOutcome.DONE:
        return ""
    return (
        f"The agent says `{outcome}`: {outcome.sentence} So the criteria are not met, and you "
        "judge whether that is true and whether enough was tried to know it."
    )

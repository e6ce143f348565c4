"""Pure decisions about reviews: who judges next, and what failed work is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hephaestus_core.changes.rules import DiffView
from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.definitions.criteria import Check, ValidationCriteria
from hephaestus_core.contract.statuses import ReviewStatus

#: Checks that cannot run without what the agent hands in, by the keys of its proof.
_PROOFS: Final = {"red_green": ("test", "command"), "test_fails": ("command",)}
#: The status of an outcome; those of reviews are others.
_GOOD: Final = "passed"
#: Most files that are listed.
_MOST_FILES: Final = 40
#: Characters of each check's output in a message; the review has more of it.
_TAIL: Final = 1500


@dataclass(frozen=True)
class Step:
    """The next status of a review, with the reason for people."""

    status: ReviewStatus
    reason: str = ""


def criteria_of(phase: Mapping[str, Any] | None) -> ValidationCriteria | None:
    """Return what a phase asks of finished work; None if it asks for no review.

    Args:
        phase: as its workflow stores it.
    """
    validation = (phase or {}).get("validation")
    if not validation:
        return None
    criteria = ValidationCriteria.from_dict(validation, strict=False)
    return criteria if criteria.enabled else None


def judged(criteria: ValidationCriteria) -> list[str]:
    """Return the questions for the agent or the person that judges."""
    return [
        text
        for item in criteria.criteria
        if (text := item if isinstance(item, str) else _question(item, "code_review"))
    ]


def for_people(criteria: ValidationCriteria) -> list[str]:
    """Return the questions that only a person answers."""
    checks = (item for item in criteria.criteria if isinstance(item, Check))
    return [text for item in checks if (text := _question(item, "manual_verification"))]


def after_checks(
    outcomes: Sequence[CheckOutcome], criteria: ValidationCriteria, iteration: int
) -> Step:
    """Decide what follows once a host has run all checks."""
    failed = [outcome for outcome in outcomes if outcome.status != _GOOD]
    if failed:
        names = ", ".join(outcome.name for outcome in failed)
        return _wanting(f"failed: {names}", criteria, iteration)
    judges = bool(judged(criteria)) or not criteria.criteria
    if judges and criteria.reviewer == "person":
        return Step(ReviewStatus.PERSON_REVIEW, "the phase asks for a person's judgement")
    if judges and criteria.reviewer != "machine":
        return Step(ReviewStatus.AGENT_REVIEW)
    return _good(criteria)


def after_verdict(criteria: ValidationCriteria, iteration: int, *, passed: bool) -> Step:
    """Decide what follows once an agent has judged."""
    if passed:
        return _good(criteria)
    return _wanting("its reviewer found it wanting", criteria, iteration)


def _good(criteria: ValidationCriteria) -> Step:
    if for_people(criteria):
        reason = "the phase asks for a verification by hand"
        return Step(ReviewStatus.PERSON_REVIEW, reason)
    return Step(ReviewStatus.PASSED)


def _wanting(reason: str, criteria: ValidationCriteria, iteration: int) -> Step:
    if iteration < criteria.max_iterations:
        return Step(ReviewStatus.FAILED, reason)
    times = f"{iteration} reviews" if iteration > 1 else "its review"
    return Step(ReviewStatus.PERSON_REVIEW, f"{times} failed, the most that the phase allows")


def failures_told(outcomes: Sequence[CheckOutcome]) -> str:
    """Return what failed, with the end of each output, for the agent whose work it is."""
    parts = []
    for outcome in outcomes:
        if outcome.status == _GOOD:
            continue
        lines = [f"- {outcome.name}: {outcome.says or outcome.status}"]
        if outcome.command:
            lines.append(f"  command: {outcome.command}")
        if outcome.output.strip():
            lines += ["  output, its end:", *_quoted(outcome.output[-_TAIL:])]
        parts.append("\n".join(lines))
    return "\n".join(parts)


def missing(
    criteria: ValidationCriteria | None, proof: Mapping[str, str], *, files: int | None
) -> list[str]:
    """Return what a report would lack as things stand.

    Args:
        files: number of files changed so far; None if that is not known.
    """
    said = ["No file is changed so far."] if files == 0 else []
    for check in criteria.checks if criteria else []:
        keys = [key for key in _PROOFS.get(check.check_type, ()) if not proof.get(key)]
        if keys and not (check.check_type == "test_fails" and check.command):
            wanted = " and ".join(f"`{key}`" for key in keys)
            said.append(f"The check {check.check_type} needs {wanted} in `proof`.")
    return list(dict.fromkeys(said))


def unproven(checks: Sequence[Check], proof: Mapping[str, str], test_command: str) -> list[str]:
    """Return the types of the checks that have no command to run, since the proof names none.

    Args:
        checks: to be run.
        proof: what the agent has handed in so far.
        test_command: runs all tests, or one by its name; empty if unknown.
    """
    if proof.get("command") or (proof.get("test") and test_command):
        return []
    needing = (each for each in checks if each.check_type in _PROOFS)
    found = (each for each in needing if each.check_type != "test_fails" or not each.command)
    return list(dict.fromkeys(each.check_type for each in found))


def preview(done_definition: str, diff: DiffView | None, gaps: Sequence[str]) -> str:
    """Return the answer to a first ``done``.

    Args:
        done_definition: of the task.
        diff: of the work so far; None if it was not seen in time.
        gaps: what a report would lack.
    """
    parts = ["Not reported yet. Look at this first, then call again to report."]
    if done_definition.strip():
        parts.append(f"Done when:\n{done_definition.strip()}")
    if diff is None:
        parts.append("Your changes could not be listed in time; look at `git status` yourself.")
    else:
        listed = [
            f"- {change.path}: +{change.insertions or 0} -{change.deletions or 0}"
            for change in diff.changes[:_MOST_FILES]
        ]
        more = diff.files - len(listed)
        listed += [f"- and {more} more"] if more > 0 else []
        head = f"Changed so far: {diff.files} files, +{diff.insertions} -{diff.deletions}"
        parts.append("\n".join([head, *listed, "What does not belong to the task, take out."]))
    if gaps:
        parts.append("\n".join(["Missing:", *(f"- {gap}" for gap in gaps)]))
    return "\n\n".join(parts)


def _question(check: Check, kind: str) -> str:
    return check.description if check.check_type == kind else ""


def _quoted(text: str) -> list[str]:
    return [f"  | {line}" for line in text.strip().splitlines()]

"""What a model is shown of an agent that it is to judge. No IO; all texts are untrusted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hephaestus_core.trajectories.views import TrajectoryView

#: Lines and characters of a screen, from its end.
SCREEN_LINES: Final = 200
SCREEN_LIMIT: Final = 16_000
_TEXT_LIMIT: Final = 12_000
_MESSAGE_LIMIT: Final = 1_500
_MEASURED: Final = "measured"
_SCREEN: Final = "screen"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What an agent is to do, which stays the same while it works."""

    workflow: str
    """Its title and purpose."""
    task: str
    done_when: str
    phase: str
    """Its name, its instructions, and when it is done; empty: the task belongs to none."""
    phases: str
    """The names of all phases."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """How far it has come."""

    told: Sequence[str]
    """Messages of people, oldest first."""
    past: Sequence[TrajectoryView]
    """Judgements before, oldest first."""
    verdict: str
    """By the rules, with its evidence."""
    last_tool: str | None
    repeats: int
    actions: int
    minutes: float
    """Since it began to work."""
    saved: bool
    """Some work of it is saved."""
    screen: str


def background(subject: Subject) -> dict[str, str]:
    """Return what stays the same from one judgement of an agent to the next."""
    told = {
        "workflow": subject.workflow,
        "phases": subject.phases,
        "phase of the task": subject.phase,
        "task": subject.task,
        "done when": subject.done_when,
    }
    return {title: text[:_TEXT_LIMIT] for title, text in told.items() if text.strip()}


def material(course: Course) -> dict[str, str]:
    """Return what is new at this judgement; what there is nothing of is left out."""
    told = {
        "messages of people to the agent": _messages(course.told),
        "constraints so far": _constraints(course.past),
        "earlier judgements, oldest first": "\n\n".join(map(_judgement, course.past)),
        _MEASURED: _measured(course),
        _SCREEN: screen_end(course.screen),
    }
    return {title: text for title, text in told.items() if text.strip()}


def proof_in(shown: Mapping[str, str]) -> str:
    """Return the parts of the material that can prove the need for steering."""
    return "\n".join(shown.get(title, "") for title in (_MEASURED, _SCREEN))


def screen_end(screen: str) -> str:
    """Return the end of a screen, within bounds."""
    lines = [line.rstrip() for line in screen[-2 * SCREEN_LIMIT :].splitlines()]
    return "\n".join(lines[-SCREEN_LINES:])[-SCREEN_LIMIT:].strip("\n")


def _messages(told: Sequence[str]) -> str:
    return "\n\n".join(f"- {text[:_MESSAGE_LIMIT]}" for text in told)


def _constraints(past: Sequence[TrajectoryView]) -> str:
    if not past:
        return ""
    stand = [f"stands: {each}" for each in past[-1].constraints]
    return "\n".join([*stand, *(f"lifted: {each}" for each in past[-1].lifted)])


def _judgement(one: TrajectoryView) -> str:
    told = f"alignment {one.alignment:.2f}, {one.stage}: {one.focus}\n{one.progress}"
    return f"{told}\nneeded steering: {one.steering_type}" if one.needs_steering else told


def _measured(course: Course) -> str:
    lines = [
        f"minutes at work: {course.minutes:.0f}",
        f"actions that were seen: {course.actions or 'not known'}",
        f"last action: {course.last_tool or 'not known'}",
        f"times in a row: {course.repeats}" if course.repeats > 1 else "",
        f"some of its work is saved: {'yes' if course.saved else 'no'}",
        f"judged by rules: {course.verdict}",
    ]
    return "\n".join(line for line in lines if line)

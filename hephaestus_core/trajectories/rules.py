"""Judgements of models on agents: their form, and how much of an answer counts. No IO."""

from dataclasses import dataclass
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from hephaestus_core.contract.texts import plain
from hephaestus_core.contract.trajectories import Stage, SteeringType
from hephaestus_core.llm.views import Answer
from hephaestus_core.trajectories.views import TrajectoryView

#: One judgement in so many is followed up although it steers nobody.
_ONE_IN: Final = 10
#: Alignment from which an agent counts as on its way.
ON_ITS_WAY: Final = 0.7
#: Shortest line that proves something.
_LEAST_EVIDENCE: Final = 8

_Sentence = Annotated[str, Field(max_length=300)]


class Trajectory(Answer):
    """A model's judgement on an agent."""

    alignment: float = Field(ge=0, le=1)
    stage: Stage
    focus: _Sentence
    progress: str = Field(max_length=1000)
    issues: list[_Sentence] = Field(max_length=5)
    constraints: list[_Sentence] = Field(max_length=12)
    lifted: list[_Sentence] = Field(max_length=12)
    needs_steering: bool
    steering_type: SteeringType | None
    steering_text: str = Field(max_length=800)
    evidence: str = Field(max_length=400)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.needs_steering and not (self.steering_type and self.steering_text.strip()):
            raise ValueError("Steering needs a type and a text.")
        return self


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An agent's situation at one look, as far as a change of it may change a judgement."""

    verdict: str | None
    """By the rules."""
    actions: int
    """How many it has taken, as far as its program tells them."""
    action: str
    """Digest of the last one."""
    said: str
    """Digest of its conversation on the screen, without what moves by itself."""
    commit: str | None
    """Its newest saved work."""
    told: int
    """How many messages people have sent for its task."""


def is_sampled(answer: Trajectory | None, chance: float) -> bool:
    """Return whether it is to be followed up what the agent does after this judgement.

    Args:
        chance: from 0 to 1, by lot.
    """
    return answer is not None and (answer.needs_steering or chance < 1 / _ONE_IN)


def kept(answer: Trajectory, shown: str) -> Trajectory:
    """Return an answer as it is stored: one line each, and no steering without its evidence.

    Args:
        shown: what the model was shown of the agent. The evidence has to stand in it, apart from
            white space; an answer that quotes something else is a guess.
    """
    supported = answer.needs_steering and _is_in(answer.evidence, shown)
    return Trajectory(
        alignment=answer.alignment,
        stage=answer.stage,
        focus=_line(answer.focus),
        progress=_line(answer.progress),
        issues=_lines(answer.issues),
        constraints=_lines(answer.constraints),
        lifted=_lines(answer.lifted),
        needs_steering=supported,
        steering_type=answer.steering_type if supported else None,
        steering_text=_line(answer.steering_text) if supported else "",
        evidence=_line(answer.evidence) if supported else "",
    )


def _is_in(evidence: str, shown: str) -> bool:
    wanted = _line(evidence)
    return len(wanted) >= _LEAST_EVIDENCE and wanted in _line(shown)


def _lines(texts: list[str]) -> list[str]:
    return [line for line in dict.fromkeys(map(_line, texts)) if line]


def _line(text: str) -> str:
    return " ".join(plain(text).split())


@dataclass(frozen=True, kw_only=True)
class Afterwards:
    """An agent's situation a while after a judgement."""

    reported: bool
    """It has reported its task done, or the task is done."""
    ended: bool
    verdict: str | None
    """By the rules, at the last look."""
    commit: str | None
    """Its newest saved work."""
    later: TrajectoryView | None
    """The newest judgement after this one; None: there was none."""


def headway(seen: Seen, alignment: float, after: Afterwards) -> tuple[bool | None, str]:
    """Return whether an agent has made headway since a judgement, and by which fact.

    Facts count before a further judgement; None: neither tells.
    """
    if after.reported:
        return True, "It has reported its task done."
    if after.commit != seen.commit:
        return True, "New work of it was saved."
    if after.ended:
        return False, "Its attempt ended without a report."
    if after.later is not None:
        return _by_judgement(alignment, after.later)
    if after.verdict not in {None, "working", "long_command"}:
        return False, f"The rules judge it as {after.verdict}."
    return None, "No fact tells."


def _by_judgement(before: float, later: TrajectoryView) -> tuple[bool | None, str]:
    told = f"alignment {before:.2f}, then {later.alignment:.2f}"
    if later.needs_steering:
        return False, f"It still needs steering ({told})."
    if later.alignment >= max(ON_ITS_WAY, before):
        return True, f"It is on its way ({told})."
    return None, f"No fact tells ({told})."

"""The Guardian's words to agents. Nothing that an agent wrote is in them, since they are orders."""

from typing import Final

from hephaestus_core.contract.statuses import InterventionAction
from hephaestus_core.contract.trajectories import SteeringType
from hephaestus_core.guardian.observation import Label

GUARDIAN: Final = "the Guardian"
"""The sender of its messages."""

_REMINDERS: Final = (
    (
        "You have stopped, but your task is not reported. If it is done, call update_task_status "
        "with status 'done' and a summary; if you cannot do it, with status 'failed' and the "
        "reason. Otherwise go on."
    ),
    (
        "You have stopped again, and your task is still not reported: what you only write here is "
        "no report. If you wait for an answer, call ask_person; if you wait for a command, look at "
        "it now. Otherwise take the next open step of your task, or report it."
    ),
    (
        "This is the last reminder: if you neither go on nor report, your attempt ends as failed. "
        "If your prompt names another tool than update_task_status for your report, call that one. "
        "If a call was refused, do what its answer asks for, then call it again."
    ),
)
_REPORT: Final = (
    "If you see no other way, call update_task_status with status 'failed' and say what you tried; "
    "if only a person can decide, call ask_person."
)
_FIRST: Final[dict[str, str]] = {
    Label.LOOPING: (
        "You repeat the same actions, and nothing changes by them. Stop, write down what their "
        "results tell you, and choose a next step that you have not taken yet."
    ),
    Label.FAILING: (
        "The same error comes again and again. Do not repeat the action: read the whole error, "
        "find its cause, and change that first."
    ),
    Label.HUNG: (
        "Nothing of your work has moved for a long time. If a command hangs, end it and run it "
        "with a time limit or in the background. Then go on with your task."
    ),
    "near_limits": (
        "Most of what this attempt may use is used. Save your work now, finish the part at hand, "
        "and report: what is left can be a task of its own."
    ),
    "spawns": (
        "You have created very many tasks. Create no more unless your task cannot be done without "
        "them; do the work that is yours, and report it."
    ),
}
_OTHERWISE: Final[dict[str, str]] = {
    Label.LOOPING: (
        "You still repeat yourself. Leave this way altogether: look at the task again, and begin "
        f"with its smallest part that you can finish. {_REPORT}"
    ),
    Label.FAILING: (
        "The same error is still there. Leave this way altogether: undo what led to it, or do the "
        f"task without it. {_REPORT}"
    ),
    Label.HUNG: (
        "Still nothing moves. End every command of yours that runs, and take the next step of your "
        f"task without it. {_REPORT}"
    ),
    "spawns": (
        "You go on to create tasks. Stop that now: do the work that is yours by what is there, and "
        f"report it. {_REPORT}"
    ),
}
#: By the wish of a model. Its own words are shown to people only: a screen may have put them into
#: its mouth. Who is stuck or idle is steered by rules.
_ON_THE_WAY: Final[dict[SteeringType, str]] = {
    SteeringType.DRIFTING: (
        "Your work seems to have left your task. Read the task again, put aside what it does not "
        "ask for, and go on with its next open part. If what you do now is needed for it, go on."
    ),
    SteeringType.VIOLATING_CONSTRAINTS: (
        "Your work seems to break a rule that your task sets. Read the task and the messages of "
        "people again, undo what they forbid, and go on within them."
    ),
    SteeringType.OVER_ENGINEERING: (
        "You seem to build more than your task asks for. Read its definition of done again, finish "
        "exactly that, and report it."
    ),
    SteeringType.CONFUSED: (
        "You seem to go in circles, or to have mistaken your task. Read it again, write down in "
        "three lines what is done and what is left, and take the first step of what is left."
    ),
}
_INTERRUPTED: Final = (
    "The Guardian has interrupted you, because its messages have changed nothing. Say in one "
    f"sentence how far you are, then go on in another way. {_REPORT}"
)


def reminder(number: int) -> str:
    """Return the message of a reminder to an agent at its prompt, by its number from 1 on."""
    return _REMINDERS[min(number, len(_REMINDERS)) - 1]


def words_on_the_way(steering_type: SteeringType) -> str | None:
    """Return the message for an agent that a model wants to steer; None: rules see to that."""
    return _ON_THE_WAY.get(steering_type)


def words(action: InterventionAction, cause: str, key: str) -> str:
    """Return the message for an act on an agent.

    Args:
        cause: the label of the verdict.
        key: the name of its rule.
    """
    if action == InterventionAction.INTERRUPT:
        return _INTERRUPTED
    said = _FIRST if action == InterventionAction.STEER else _OTHERWISE
    return said.get(key) or said[cause]

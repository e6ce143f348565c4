"""The Guardian's words to agents. Nothing that an agent wrote is in them, since they are orders."""

from typing import Final

from hephaestus_core.contract.statuses import InterventionAction
from hephaestus_core.guardian.observation import Label

GUARDIAN: Final = "the Guardian"
"""The sender of its messages."""

REMINDER: Final = (
    "You have stopped, but your task is not reported. If it is done, call update_task_status with "
    "status 'done' and a summary; if you cannot do it, with status 'failed' and the reason. "
    "Otherwise go on."
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
}
_INTERRUPTED: Final = (
    "The Guardian has interrupted you, because its messages have changed nothing. Say in one "
    f"sentence how far you are, then go on in another way. {_REPORT}"
)


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

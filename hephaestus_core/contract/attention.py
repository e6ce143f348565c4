"""What waits for a person or stands still: its kinds, its severity, and the acts that it offers."""

from typing import Final

from hephaestus_core.contract.statuses import Described


class AttentionKind(Described):
    """The kind of a thing that waits for a person or stands still."""

    QUESTION = "question", "An agent has asked a question."
    BUDGET = "budget", "A budget is spent, or 80 % of it."
    REVIEW = "review", "Work waits for the judgement of a person."
    APPROVAL = "approval", "The work of a workflow waits for approval."
    DELIVERY_CONFLICT = "delivery_conflict", "A workflow's work conflicts with the base branch."
    DELIVERY_HELD = "delivery_held", "An obstacle keeps a workflow's work from the base branch."
    BASE_MOVED = "base_moved", "The base branch was moved otherwise than forward."
    MERGE_CONFLICT = "merge_conflict", "A person has to resolve the conflict of a merge."
    MERGE_HELD = "merge_held", "An obstacle keeps saved work from the integration branch."
    CONFLICT_KEPT = "conflict_kept", "A merge has kept one version of a file that two had changed."
    TASK_FAILED = "task_failed", "No attempt at a task is left."
    ROUNDS_USED_UP = "rounds_used_up", "A join has had all of its rounds without a result."
    WORKFLOW_STILL = "workflow_still", "A workflow stands still short of its goal."
    DIAGNOSES_USED_UP = "diagnoses_used_up", "No more agent looks why a workflow stands still."
    COHERENCE_LOW = "coherence_low", "Agents of a workflow are in each other's way."
    WORK_UNSAVED = "work_unsaved", "The last work of an agent could not be saved yet."
    HOST_SILENT = "host_silent", "A host gives no sign of life."
    HOST_UNWELL = "host_unwell", "A host starts no agents by its own fault."
    CLOCK_WRONG = "clock_wrong", "The clock of a host is wrong."
    HOST_UNWATCHED = "host_unwatched", "The Guardian does not see all agents of a host."
    HOST_DEAF = "host_deaf", "No bell comes out of the queue of a host."
    AGENT_STUCK = "agent_stuck", "A live agent gets nowhere, by the Guardian's verdict."
    AGENT_UNSEEN = "agent_unseen", "Nobody knows whether an agent is alive."
    CHANNEL_FAILING = "channel_failing", "A channel takes no notifications."
    LLM_FAILING = "llm_failing", "The system's own calls to models fail."


class Severity(Described):
    """How much depends on a person's act."""

    BLOCKER = "blocker", "Work cannot continue until a person acts."
    WARNING = "warning", "Something is wrong; other work continues."
    NOTICE = "notice", "Worth a look; nothing depends on it."


class Act(Described):
    """What a person can do about it."""

    ANSWER = "answer", "Answer the question."
    PASS = "pass", "Let the work count as done."
    SEND_BACK = "send_back", "Have the work done again, with a reason."
    APPROVE = "approve", "Let the work go on to the base branch."
    RESTART = "restart", "Queue the task again."
    CANCEL = "cancel", "Call the task off."
    STOP = "stop", "Stop the workflow."
    RAISE = "raise", "Raise the budget."
    SNOOZE = "snooze", "Put it aside until a certain time."
    DISMISS = "dismiss", "Take it off the list for good."


#: Longest time for which something can be put aside.
LONGEST_SNOOZE_MINUTES: Final = 7 * 24 * 60

_COMMANDS: Final = {
    Act.ANSWER: "hephaestus answer {} 'TEXT OR NUMBER OF AN OPTION'",
    Act.PASS: "hephaestus review {} --pass",
    Act.SEND_BACK: "hephaestus review {} --fail 'WHAT IS MISSING'",
    Act.APPROVE: "hephaestus approve {}",
    Act.RESTART: "hephaestus restart {}",
    Act.CANCEL: "hephaestus cancel {}",
    Act.STOP: "hephaestus stop {}",
    Act.RAISE: "hephaestus budgets raise {} --dollars AMOUNT",
    Act.SNOOZE: "hephaestus inbox snooze {} --minutes 30",
    Act.DISMISS: "hephaestus inbox dismiss {}",
}


def command_for(act: Act, target: str) -> str:
    """Return the command line that does the act to the thing with this id."""
    return _COMMANDS[act].format(target)

"""The condition of a workflow and its causes, for people and for programs."""

from typing import Final

from hephaestus_core.contract.statuses import Described


class Condition(Described):
    """The condition of a workflow as a whole."""

    AT_WORK = "at_work", "Agents work, or hosts are about to start, merge or deliver something."
    WAITS_FOR_YOU = "waits_for_you", "A person has to decide or correct something."
    STANDS_STILL = "stands_still", "Some work is left, but nothing can continue it now."
    QUIET = "quiet", "All requested work is done; it still takes tasks."
    OVER = "over", "It is closed, and none of its work is left to deliver."


class Cause(Described):
    """The reason why a workflow waits for a person or stands still."""

    QUESTION = "question", "An agent has asked a question that a person has to answer."
    APPROVAL = "approval", "Its work waits for approval on the way to the base branch."
    REVIEW = "review", "Work waits for the judgement of a person."
    CONFLICT = "conflict", "A person has to resolve a conflict."
    BUDGET = "budget", "A budget is spent; no agent starts until it is raised."
    HELD_MERGE = "held_merge", "Saved work cannot be merged until a person removes the obstacle."
    HELD_DELIVERY = "held_delivery", "The state of the base branch prevents the delivery."
    NO_HOST = "no_host", "No host takes agents: each is silent, draining or unwell."
    NO_LABEL = "no_label", "No live host has the labels that a task requires."
    NO_PROGRAM = "no_program", "No live host has the task's program, but one had it recently."
    LIMIT = "limit", "All slots are taken, or the limit of agents for the whole system is reached."
    QUOTA = "quota", "A provider's quota is used up until a certain time."
    RETRY = "retry", "An attempt failed, and the next one starts at a certain time."
    WAITS_FOR_TASK = "waits_for_task", "A task comes after another that failed or was cancelled."
    ROUNDS_USED_UP = "rounds_used_up", "A join has had all of its rounds; a person decides."
    TASKS_FAILED = "tasks_failed", "All tasks are over, and some have failed for good."
    RESULT_REJECTED = "result_rejected", "All tasks are over, and the result was rejected."
    RESULT_MISSING = "result_missing", "All tasks are over, and none submitted the result."


#: An agent that creates tasks can change these; the others are up to people, hosts or time.
CURABLE: Final = frozenset(
    {Cause.TASKS_FAILED, Cause.RESULT_REJECTED, Cause.RESULT_MISSING, Cause.WAITS_FOR_TASK}
)

"""How a workflow stands, in words for people and for programs."""

from hephaestus_core.contract.statuses import Described


class Condition(Described):
    """How a workflow stands as a whole."""

    AT_WORK = "at_work", "Agents work, or hosts are about to start, merge or deliver something."
    WAITS_FOR_YOU = "waits_for_you", "A person has to decide or mend something."
    STANDS_STILL = "stands_still", "Something is still expected, and nothing can do it now."
    QUIET = "quiet", "All that was asked is done; it still takes tasks."
    OVER = "over", "It is closed, and its work is where it belongs."


class Cause(Described):
    """Why a workflow waits for a person or stands still."""

    APPROVAL = "approval", "Its work waits for approval on the way to the base branch."
    CONFLICT = "conflict", "A conflict has to be settled by hand."
    HELD_MERGE = "held_merge", "Saved work cannot be merged until somebody removes the hindrance."
    HELD_DELIVERY = "held_delivery", "The base branch cannot be moved as things stand there."
    NO_HOST = "no_host", "No host is up that takes agents."
    NO_LABEL = "no_label", "No host that is up has the labels that a task requires."
    NO_PROGRAM = "no_program", "No host that is up has the task's program, but one had it lately."
    LIMIT = "limit", "All slots are taken, or the system has as many agents as it may."
    QUOTA = "quota", "A provider's quota is used up until a certain time."
    RETRY = "retry", "An attempt failed, and the next one starts at a certain time."
    TASKS_FAILED = "tasks_failed", "All tasks are over, and some have failed for good."
    RESULT_REJECTED = "result_rejected", "All tasks are over, and the result was rejected."
    RESULT_MISSING = "result_missing", "All tasks are over, and none submitted the result."

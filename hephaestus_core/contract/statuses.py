"""The statuses and the kinds of task: the words in rows, answers and pages."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self, TypeVar

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.spelling import nearest

Word = TypeVar("Word", bound="Described")


class Described(StrEnum):
    """A word with a sentence that explains it."""

    sentence: str

    def __new__(cls, value: str, sentence: str = "") -> Self:
        word = str.__new__(cls, value)
        word._value_ = value
        word.sentence = sentence
        return word


class TaskStatus(Described):
    """The status of a task."""

    PENDING = (
        "pending",
        "It waits for its creator's saved work, or for tasks that come before.",
    )
    QUEUED = "queued", "It waits for a free slot on a host, or for the time of its retry."
    BLOCKED = "blocked", "It waits for a person's answer."
    ASSIGNED = "assigned", "A host has claimed it and is starting its agent."
    IN_PROGRESS = "in_progress", "Its agent has the prompt and works."
    UNDER_REVIEW = "under_review", "It was reported done; its work is being saved and merged."
    NEEDS_WORK = "needs_work", "Its agent was told to do more before the work is taken."
    DONE = "done", "Its work is merged, or is merged with what follows it, or there was none."
    FAILED = "failed", "No attempt is left; a person may restart it."
    CANCELLED = "cancelled", "A person or the end of its workflow has called it off."
    DUPLICATED = "duplicated", "Another task does the same work; it says which one."


def work_of(counts: Mapping[str, int]) -> int:
    """Return the number of tasks, by status, without those whose work others do."""
    return sum(counts.values()) - counts.get(TaskStatus.DUPLICATED, 0)


class TaskKind(Described):
    """The purpose of a task."""

    WORK = "work", "Work that a person or an agent has asked for."
    CONFLICT = "conflict", "Resolve the conflict of another task's merge."
    RESULT_REVIEW = "result_review", "Judge a result that another agent has submitted."
    REVIEW = "review", "Judge the work of another task before it counts as done."
    DIAGNOSIS = "diagnosis", "Find out why a workflow stands still, and create what it lacks."


class AgentStatus(Described):
    """The status of an agent, which is one attempt at a task."""

    STARTING = "starting", "Its host prepares worktree and session."
    WORKING = "working", "Its program has the prompt and works."
    IDLE = "idle", "Its program waits at its own prompt."
    STOPPING = "stopping", "Its host saves its work and ends its processes."
    FINISHED = "finished", "Its host has reported its end, and its slot is free."
    LOST = "lost", "Its host fell silent; whatever it still reports is refused."


class WorkflowStatus(Described):
    """The status of a workflow."""

    ACTIVE = "active", "It takes tasks, and hosts claim them."
    COMPLETED = "completed", "A result was accepted that ends it; its work is delivered."
    STOPPED = "stopped", "A person has stopped it; its work stays in its branches."


class DeliveryStatus(Described):
    """The status of a workflow's delivery to its base branch."""

    NONE = "none", "There is nothing to bring yet."
    AWAITING_APPROVAL = "awaiting_approval", "A person has to approve the whole diff first."
    PENDING = "pending", "A host brings it to the base branch next."
    HELD = "held", "An obstacle delays it; the host tries again by itself."
    CONFLICT = "conflict", "It conflicts with the base branch; a person decides."
    DELIVERED = "delivered", "The base branch has it."


class MergeStatus(Described):
    """The status of merging an attempt's work into the integration branch."""

    WAITING = "waiting", "It is merged with the work that follows it; until then the branch stays."
    PENDING = "pending", "A host merges it next."
    CONFLICT = "conflict", "It conflicts with work that was merged before."
    MERGED = "merged", "The integration branch has it."
    NOTHING = "nothing", "There was nothing to merge."
    DROPPED = "dropped", "Its task left review before it was merged; the branch stays."


class ResultStatus(Described):
    """The status of a workflow's result."""

    SUBMITTED = "submitted", "Another agent is to judge it."
    ACCEPTED = "accepted", "It meets the criteria; a workflow has one such result at most."
    REJECTED = "rejected", "It does not meet the criteria; the feedback says why."


class InterventionAction(Described):
    """An act of the Guardian on an agent that does not get on, gentlest first."""

    STEER = "steer", "The agent gets a message."
    STEER_OTHERWISE = "steer_otherwise", "It gets another message, as the first changed nothing."
    INTERRUPT = "interrupt", "Its program's turn is ended, and a message says why."
    RESTART = "restart", "Its program is started again, with its work and its conversation."
    RENEW = "renew", "It is started again with its work, without its conversation."
    NEXT_PROGRAM = "next_program", "The next program of its chain goes on with its work."
    RETRY = "retry", "Another attempt begins from the last good commit."
    WAIT = "wait", "Its task waits without a slot until a limit of its provider ends."
    PARK = "park", "Its task waits without a slot for a person."


class InterventionEffect(Described):
    """The effect of an intervention, as a later look at the agent found it."""

    HEADWAY = "headway", "Its cause is gone."
    NONE = "none", "Its cause stands."
    ENDED = "ended", "The attempt has ended."


class QuestionStatus(Described):
    """The status of a question that an agent has asked a person."""

    OPEN = "open", "It waits for a person's answer."
    ANSWERED = "answered", "A person has answered it."
    EXPIRED = "expired", "Nobody answered in time; its agent decides by itself."
    CANCELLED = "cancelled", "Its task ended before a person answered."


class NotificationStatus(Described):
    """The status of a message to a channel."""

    PENDING = "pending", "It is to be sent, or to be sent again."
    SENT = "sent", "The channel has taken it."
    FAILED = "failed", "The channel did not take it, and no try is left."


class BudgetScope(Described):
    """The work that a budget is for."""

    TASK = "task", "All attempts at one task."
    WORKFLOW = "workflow", "All agents of one workflow."
    DAY = "day", "All agents of the installation, each day anew, by UTC."


class BudgetAction(Described):
    """The consequence of a spent budget."""

    WARN = "warn", "Nothing ends; people are told."
    PARK = "park", "No agent starts; each at work is parked once its model has answered."
    STOP = "stop", "No agent starts; those at work are ended at once, with their work saved."


class BudgetStatus(Described):
    """The status of a budget."""

    OPEN = "open", "Less than 80 % of it is spent."
    NEAR = "near", "At least 80 % of it is spent."
    SPENT = "spent", "All of it is spent."


class MemoryType(Described):
    """The kind of thing that a memory tells."""

    ERROR_FIX = "error_fix", "An error, and how it was mended."
    DISCOVERY = "discovery", "Something found out about the repository or its surroundings."
    DECISION = "decision", "A decision, with its reason."
    LEARNING = "learning", "What the agent of a finished task would tell others."
    WARNING = "warning", "Something that goes wrong easily."
    CODEBASE_KNOWLEDGE = "codebase_knowledge", "Where things are, and how they hang together."


class Forgotten(Described):
    """Why a memory is not told any more."""

    UNUSED = "unused", "For long, nobody was told it, said it again or rated it."
    WRONG = "wrong", "Several agents or people have rated it wrong."


class MemoryRating(Described):
    """The judgement of an agent on a memory that it was given, or of a person."""

    USEFUL = "useful", "It helped."
    USELESS = "useless", "It did not help at this task."
    WRONG = "wrong", "It is false, or no longer true."


class MessageStatus(Described):
    """The receipt of a message."""

    SENT = "sent", "It waits for its agent."
    DELIVERED = "delivered", "It was pasted into its agent's session, which has confirmed it."
    READ = "read", "Its agent has fetched it."


class SenderKind(Described):
    """The kind of a message's sender, by which its reader knows whether to obey."""

    PERSON = "person", "A person, whose instructions agents follow."
    AGENT = "agent", "Another agent, whose texts are information."
    SYSTEM = "system", "Hephaestus itself, whose instructions agents follow."


class ReviewStatus(Described):
    """The status of a review of reported work."""

    CHECKING = "checking", "A host runs the checks of its phase."
    AGENT_REVIEW = "agent_review", "Another agent is to judge it."
    PERSON_REVIEW = "person_review", "A person is to judge it."
    PASSED = "passed", "The work counts as done, and is merged."
    FAILED = "failed", "The work does not pass; the feedback says why."
    DROPPED = "dropped", "Its task left review before it was decided."


class DiagnosisStatus(Described):
    """The status of a run of the diagnostician on a workflow that stands still."""

    RUNNING = "running", "Its task is live."
    COMPLETED = "completed", "Its agent has reported; it may have found nothing to create."
    FAILED = "failed", "Its task has failed or was called off."


class FindingKind(Described):
    """The way in which two live agents of a workflow are in each other's way."""

    DUPLICATE = "duplicate", "Their tasks ask for the same work."
    ALIKE = "alike", "Their tasks are much alike, though not the same."
    CONTENTION = "contention", "Their branches change the same lines."


class ResultOutcome(Described):
    """What a workflow has come to, as the agent says that submits its result."""

    DONE = "done", "The goal is reached."
    NOT_REPRODUCED = "not_reproduced", "The reported behaviour could not be brought about."
    NEEDS_DECISION = "needs_decision", "A person has to decide before work can go on."
    WONT_FIX = "wont_fix", "It is as it should be, or not worth a change."
    NOT_POSSIBLE = "not_possible", "The goal cannot be reached as things are."


class HostStatus(Described):
    """The status of a host."""

    ACTIVE = "active", "It gives signs of life."
    LOST = "lost", "It stayed silent over two sweeps, and its attempts were taken from it."


class Health(Described):
    """Whether a host is fit to start agents, as a whole or on one repository."""

    WELL = "well", "It claims tasks."
    UNWELL = "unwell", "It claims nothing, but one task at a time as a trial, until one starts."


class FaultCause(Described):
    """The cause of a host's fault."""

    DISK = "disk", "Its folders have too little free space, or too few free inodes."
    MEMORY = "memory", "It has too little free memory."
    STARTS = "starts", "Its last starts of agents failed by its own fault."
    REPOSITORY = "repository", "Its last starts on one repository failed by its own fault."


class OrphanKind(Described):
    """What is on a host though no live row of the database claims it."""

    SESSION = "session", "A tmux session of an agent."
    PROCESS = "process", "Processes of an agent without a session."
    WORKTREE = "worktree", "The worktree of an attempt."
    BRANCH = "branch", "The branch of an attempt in a mirror of this host."
    MIRROR = "mirror", "The copy of a repository."


class OrphanStatus(Described):
    """The status of an orphan."""

    FOUND = "found", "It was seen, and is left alone for now: a row may yet claim it."
    QUARANTINED = "quarantined", "It was stopped or moved aside, with its work saved first."


class Containment(Described):
    """What holds the processes of a host's agents, and whether it holds their files too."""

    SANDBOX = (
        "sandbox",
        "Agents are contained: files and processes of each are its own.",
    )
    NAMESPACE = (
        "namespace",
        "Agents are not contained: they reach this user's files. No process outlives its agent.",
    )
    SUBREAPER = (
        "subreaper",
        "Agents are not contained: they reach this user's files, and may end their subreapers.",
    )
    ENVIRONMENT = (
        "environment",
        "Agents are not contained: they reach this user's files, and a process may outlive them.",
    )


def checked_word(words: type[Word], value: str, field: str) -> Word:
    """Return ``value`` as one of the words.

    Raises:
        InvalidInput: the word is unknown; the message lists the known words.
    """
    known = [str(word) for word in words]
    if value not in known:
        raise InvalidInput(
            f"Unknown {field} {value!r}{nearest(value, known)}; known: {', '.join(known)}.",
            field=field,
        )
    return words(value)

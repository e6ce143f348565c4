"""The types of event: each with a name, a sentence and its fields.

``hephaestus_core.events.log.emit`` accepts only these; `docs/events.md` is generated from them.
"""

from hephaestus_core.contract import event_fields as f
from hephaestus_core.contract.event_shapes import TypeWithFields
from hephaestus_core.contract.limits import LIMITS


class EventType(TypeWithFields):
    """The types of event. Besides its fields, an event has the ids of workflow, task and agent."""

    DEFINITION_SAVED = (
        "definition.saved",
        "A workflow definition was registered or replaced.",
        f.DEFINITION,
    )
    DEFINITION_DELETED = ("definition.deleted", "A workflow definition was deleted.", f.DEFINITION)

    WORKFLOW_STARTED = (
        "workflow.started",
        "A workflow was started.",
        f.DEFINITION,
        f.text("notice", "What its repository lets expect, in words.", optional=True),
    )
    FACT_RECORDED = (
        "fact.recorded",
        "An agent or a person has recorded a fact of the repository.",
        f.text("name", "Of the fact."),
        f.text("value", "Its text; empty: it is taken back."),
        f.text("recorded_by", "The agent or the person."),
    )
    WORKFLOW_QUIET = ("workflow.quiet", "The last live task of a workflow has ended.")
    WORKFLOW_COMPLETED = ("workflow.completed", "An accepted result has ended it.", f.REASON)
    WORKFLOW_STOPPED = ("workflow.stopped", "A person has stopped it.", f.REASON)
    WORKFLOW_APPROVAL_AWAITED = (
        "workflow.approval_awaited",
        "Its work is merged, and a person has to approve it.",
    )
    WORKFLOW_APPROVED = ("workflow.approved", "A person has approved its work.")
    WORKFLOW_DELIVERY_REQUESTED = (
        "workflow.delivery_requested",
        "Its work is due on the base branch.",
    )
    WORKFLOW_DELIVERED = (
        "workflow.delivered",
        "The base branch has its work.",
        f.COMMIT_IF_ANY,
        f.BRANCH,
        f.REASON_IF_ANY,
    )
    WORKFLOW_DELIVERY_CHECKED = (
        "workflow.delivery_checked",
        "The check of its merged work has ended.",
        *f.DELIVERY_CHECK,
    )
    WORKFLOW_DELIVERY_HELD = (
        "workflow.delivery_held",
        "An obstacle keeps its work from the base branch; the host tries again.",
        f.COMMIT_IF_ANY,
        f.BRANCH,
        f.REASON,
    )
    WORKFLOW_DELIVERY_CONFLICT = (
        "workflow.delivery_conflict",
        "Its work conflicts with the base branch.",
        f.COMMIT_IF_ANY,
        f.BRANCH,
        f.REASON,
    )
    WORKFLOW_DELIVERY_WITHDRAWN = (
        "workflow.delivery_withdrawn",
        "It was stopped before its work was on the base branch.",
        f.REASON,
    )

    WORKFLOW_LIMIT_REACHED = (
        "workflow.limit_reached",
        "A limit has refused something, for the first time since it was set.",
        f.text("limit", "Name of the limit."),
        f.Field("most", "number", "The most that it allows."),
        f.REASON,
    )
    WORKFLOW_LIMITS_CHANGED = (
        "workflow.limits_changed",
        "A person has changed its limits; only the changed ones are listed.",
        *(f.Field(name, "number", "The most now.", optional=True) for name in LIMITS),
    )

    WORKFLOW_ROUNDS_USED_UP = (
        "workflow.rounds_used_up",
        "A join was due once more, but has had all of its rounds; a person decides.",
        f.Field("phase_id", "number", "The phase that joins."),
        f.Field("rounds", "number", "The most that it may have."),
        f.REASON,
    )

    TASK_CREATED = (
        "task.created",
        "A task was created.",
        *f.NEW_TASK,
    )
    TASK_STATUS_CHANGED = (
        "task.status_changed",
        "The status of a task has changed.",
        f.FROM,
        f.TO,
        f.REASON_IF_ANY,
        f.text("due_at", "When its retry may start.", optional=True),
        f.text(
            "program", "The program of its attempt, or the one to be tried next.", optional=True
        ),
        f.text("host", "The host that has claimed it.", optional=True),
        f.Field("attempt", "number", "Number of the attempt.", optional=True),
        f.text("summary", "The first 500 characters of its agent's report.", optional=True),
        f.text("nothing_follows", "Why no other work has to follow, in words.", optional=True),
        f.Field("duplicate_of", "id", "The task that does its work.", optional=True),
        f.COMMIT_IF_ANY,
    )
    TASK_BUMPED = ("task.bumped", "A person starts a queued task beyond every limit.")

    AGENT_STATUS_CHANGED = (
        "agent.status_changed",
        "The status of an agent has changed.",
        f.FROM,
        f.TO,
        f.REASON_IF_ANY,
        f.Field("exit_code", "number", "Of its program, if it has ended.", optional=True),
    )
    AGENT_CHECKPOINTED = (
        "agent.checkpointed",
        "Work of a running agent was saved.",
        f.text("commit", "The commit."),
    )
    AGENT_SET_UP = (
        "agent.set_up",
        "The command that makes its worktree ready has ended; the agent starts now.",
        *f.SET_UP,
    )
    AGENT_HOOK_FAILED = (
        "agent.hook_failed",
        "A hook of its worktree has failed; the work goes on.",
        f.text("hook", "One of after_create and before_remove."),
        f.REASON,
    )
    AGENT_ASSESSED = (
        "agent.assessed",
        "The Guardian judges an agent's situation otherwise than before.",
        *f.ASSESSED,
    )
    AGENT_REMINDED = (
        "agent.reminded",
        "The Guardian has reminded an idle agent to report.",
        f.Field("reminders", "number", "Number of reminders since it last worked."),
    )
    AGENT_REPORT_REFUSED = (
        "agent.report_refused",
        "A report of an attempt that is over was refused.",
        f.text("report", "Kind of report."),
        f.Field("attempt", "number", "Number of the attempt."),
    )
    AGENT_SAVE_FAILED = (
        "agent.save_failed",
        "An agent's last work cannot be saved for now; the host tries again.",
        f.HOST,
        f.PATH,
        f.REASON,
    )
    AGENT_WORK_KEPT = (
        "agent.work_kept",
        "An attempt has ended, and only its host has its work.",
        f.HOST,
        f.PATH,
        f.REASON,
    )
    AGENT_WORK_SAVED = (
        "agent.work_saved",
        "Work that could not be saved before is in the origin.",
        f.COMMIT_IF_ANY,
    )
    AGENT_FILES_LEFT_OUT = (
        "agent.files_left_out",
        "Files of an agent are too many or too large to be committed, or git refuses them.",
        f.HOST,
        f.PATH,
        f.REASON,
    )
    AGENT_FILES_SET_ASIDE = (
        "agent.files_set_aside",
        "New files that an ended agent had not committed are kept on its host.",
        f.HOST,
        f.PATH,
        f.REASON,
    )
    AGENT_COMMITS_KEPT = (
        "agent.commits_kept",
        "Commits that the branch of an ended agent does not hold are kept on its host.",
        f.HOST,
        f.PATH,
        f.REASON,
    )
    AGENT_WORK_LOST = (
        "agent.work_lost",
        "Files or commits of an agent are lost; its task goes on from what is saved.",
        f.HOST,
        f.REASON,
    )
    AGENT_BEGAN_ANEW = (
        "agent.began_anew",
        "An attempt that was to resume a conversation could not, and begins anew.",
        f.REASON,
    )
    AGENT_RELEASED = (
        "agent.released",
        "Nothing of an ended agent is left on its host.",
        f.HOST,
    )

    MERGE_STATUS_CHANGED = (
        "merge.status_changed",
        "The status of a merge has changed.",
        f.FROM,
        f.TO,
    )
    MERGE_RECORDED = (
        "merge.recorded",
        "A merge is over.",
        f.text("status", "Its outcome: merged or nothing."),
        f.COMMIT_IF_ANY,
        f.Field("conflicts", "list of objects", "Files changed on both sides, as resolved."),
    )
    MERGE_HELD = ("merge.held", "An obstacle delays a merge; the host tries again.", f.REASON)
    MERGE_CONFLICTED = (
        "merge.conflicted",
        "A merge conflicts with work that was merged before.",
        f.Field("paths", "list of texts", "Files changed on both sides."),
        f.REASON_IF_ANY,
    )

    REVIEW_STARTED = (
        "review.started",
        "Work that was reported done, or left in silence, is reviewed.",
        f.REVIEW,
        f.REVIEWED_COMMIT,
        f.ITERATION,
    )
    REVIEW_STATUS_CHANGED = (
        "review.status_changed",
        "The status of a review has changed.",
        f.REVIEW,
        f.REVIEWED_COMMIT,
        f.ITERATION,
        f.FROM,
        f.TO,
        f.REASON_IF_ANY,
        f.text("decided_by", "The agent or the person that has judged.", optional=True),
    )
    RESULT_SUBMITTED = ("result.submitted", "An agent has submitted a result.", f.RESULT, f.OUTCOME)
    RESULT_CHECKED = (
        "result.checked",
        "A host has run the checks of a result.",
        f.RESULT,
        f.REVIEWED_COMMIT,
        f.text("status", "passed, or failed: then the result is rejected."),
    )
    RESULT_ACCEPTED = ("result.accepted", "Its reviewer has accepted it.", f.RESULT, f.FEEDBACK)
    RESULT_REJECTED = (
        "result.rejected",
        "Its reviewer, or a check, has rejected it.",
        f.RESULT,
        f.FEEDBACK,
    )

    MESSAGE_SENT = (
        "message.sent",
        "A message waits for an agent.",
        f.MESSAGE,
        f.text("sender", "Its author."),
    )
    MESSAGE_DELIVERED = (
        "message.delivered",
        "An agent has a message.",
        f.MESSAGE,
        f.text("how", "asked: by its own tool; pasted: into its session."),
    )
    MESSAGE_LEFT = (
        "message.left",
        "A program did not accept a message; the message waits until the agent fetches it.",
        f.MESSAGE,
        f.Field("pastes", "number", "Number of tries."),
    )

    MESSAGES_LOOPED = (
        "messages.looped",
        "Two agents answer each other again and again; what they write waits in the mailbox.",
        f.MESSAGE,
        f.Field("other_agent_id", "id", "The agent that the message is for."),
    )

    MEMORY_SAVED = (
        "memory.saved",
        "Something was learned about a repository, for later agents.",
        *f.LEARNED,
    )
    MEMORY_RATED = (
        "memory.rated",
        "An agent has rated a memory that it was given.",
        f.MEMORY,
        f.text("rating", "The word: useful, useless or wrong."),
    )

    MEMORY_EDITED = (
        "memory.edited",
        "Somebody has changed what a memory says, or where it is found.",
        f.MEMORY,
    )
    MEMORY_DELETED = ("memory.deleted", "Somebody has deleted a memory.", f.MEMORY)

    QUESTION_ASKED = (
        "question.asked",
        "An agent has asked a person a question.",
        *f.ASKED,
    )
    QUESTION_ANSWERED = (
        "question.answered",
        "A person has answered a question.",
        f.QUESTION,
        f.text("answer", "The first 500 characters of it."),
        f.text("answered_by", "Who has answered."),
    )
    QUESTION_EXPIRED = (
        "question.expired",
        "Nobody has answered a question in time; its agent decides by itself.",
        f.QUESTION,
    )
    QUESTION_CANCELLED = (
        "question.cancelled",
        "The task of a question has ended before a person answered.",
        f.QUESTION,
    )

    HOST_REGISTERED = (
        "host.registered",
        "A worker has started on a host.",
        *f.NEW_HOST,
    )
    HOST_PROGRAMS_CHANGED = (
        "host.programs_changed",
        "A program was installed or removed.",
        f.HOST,
        f.PROGRAMS,
    )
    HOST_LABELLED = (
        "host.labelled",
        "A person has given a host labels.",
        f.HOST,
        f.Field("labels", "list of texts", "The new labels; null: its own again.", optional=True),
    )
    HOST_DRAINED = ("host.drained", "A host takes no more work.", f.HOST)
    HOST_RESUMED = ("host.resumed", "A host takes work again.", f.HOST)
    HOST_SUSPECTED = ("host.suspected", "A host was found silent.", f.HOST)
    HOST_LOST = (
        "host.lost",
        "A host stayed silent.",
        f.HOST,
        f.Field("attempts", "number", "Attempts that were taken from it."),
    )
    HOST_RECOVERED = ("host.recovered", "A lost host has given a sign of life.", f.HOST)
    HOST_CLOCK_WRONG = (
        "host.clock_wrong",
        "A host's clock differs from the database's by two seconds or more.",
        f.HOST,
        f.AHEAD,
    )
    HOST_CLOCK_RIGHT = ("host.clock_right", "A host's clock is right again.", f.HOST, f.AHEAD)
    HOST_UNWATCHED = (
        "host.unwatched",
        "The Guardian's sweep of a host's agents is late, failed or missed agents.",
        f.HOST,
        f.REASON,
    )
    HOST_WATCHED = ("host.watched", "The Guardian sees all agents of a host again.", f.HOST)
    HOST_UNWELL = (
        "host.unwell",
        "A host claims nothing for now, since it failed by itself.",
        *f.FAULT,
        f.REASON,
        f.text("next_try_at", "When it tries to start an agent again.", optional=True),
    )
    HOST_WELL = ("host.well", "A fault of a host is over.", *f.FAULT)

    ATTENTION_MARKED = (
        "attention.marked",
        "A person has put an item of the inbox aside, or back.",
        *f.ATTENTION,
    )

    TOKEN_CREATED = ("token.created", "An API token was created.", f.TOKEN)
    TOKEN_REVOKED = ("token.revoked", "An API token was revoked.", f.TOKEN)

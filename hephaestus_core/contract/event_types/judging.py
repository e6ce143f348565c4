"""Events of finished work: merges, reviews and results."""

from typing import Final

from hephaestus_core.contract import event_fields as f

MERGE_STATUS_CHANGED: Final = (
    "merge.status_changed",
    "The status of a merge has changed.",
    f.FROM,
    f.TO,
)
MERGE_RECORDED: Final = (
    "merge.recorded",
    "A merge is over.",
    f.text("status", "Its outcome: merged or nothing."),
    f.COMMIT_IF_ANY,
    f.Field("conflicts", "list of objects", "Files changed on both sides, as resolved."),
)
MERGE_HELD: Final = ("merge.held", "An obstacle delays a merge; the host tries again.", f.REASON)
MERGE_CONFLICTED: Final = (
    "merge.conflicted",
    "A merge conflicts with work that was merged before.",
    f.Field("paths", "list of texts", "Files changed on both sides."),
    f.REASON_IF_ANY,
)
REVIEW_STARTED: Final = (
    "review.started",
    "Work that was reported done, or left in silence, is reviewed.",
    f.REVIEW,
    f.REVIEWED_COMMIT,
    f.ITERATION,
)
REVIEW_STATUS_CHANGED: Final = (
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
RESULT_SUBMITTED: Final = (
    "result.submitted",
    "An agent has submitted a result.",
    f.RESULT,
    f.OUTCOME,
)
RESULT_CHECKED: Final = (
    "result.checked",
    "A host has run the checks of a result.",
    f.RESULT,
    f.REVIEWED_COMMIT,
    f.text("status", "passed, or failed: then the result is rejected."),
)
RESULT_ACCEPTED: Final = (
    "result.accepted",
    "Its reviewer, or a person, has accepted it.",
    f.RESULT,
    f.FEEDBACK,
)
RESULT_REJECTED: Final = (
    "result.rejected",
    "Its reviewer, a person, or a check has rejected it.",
    f.RESULT,
    f.FEEDBACK,
)

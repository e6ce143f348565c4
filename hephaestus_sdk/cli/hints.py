"""A model's hints on a task, in words."""

from hephaestus_sdk.api.views import TaskHints


def in_words(hints: TaskHints | None) -> str | None:
    """Return the hints, or why there are none; None: no model was asked."""
    if hints is None:
        return None
    if hints.outcome != "answered":
        return f"none, and the agent starts without: {hints.detail}"
    told = (
        *(f"perhaps done when: {each}" for each in hints.done_when),
        *(f"check: {each}" for each in hints.checks),
        *(f"look first at {each}" for each in hints.files),
    )
    return f"by {hints.model}: {'; '.join(told) or 'it had none'}"

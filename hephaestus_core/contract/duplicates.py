"""What a creator is told of a task that does not run, since another one does its work."""


def duplicate_in_words(task_id: object, original_id: object, reason: str | None) -> str:
    """Return which task does the work, why, and the way out."""
    return (
        f"Task {task_id} does not run: task {original_id} of the same phase does the same work. "
        f"{reason or 'A person has said so.'} If other work is meant, create a task whose text "
        "says what is different; if it is to be done again, one that says since when and why."
    )

"""What happens in the demo, in plain words."""

from collections.abc import Iterable, Sequence

from hephaestus_sdk import Event, Task
from hephaestus_sdk.api.memory_views import Memory


def in_words(event: Event) -> str:
    """Return one line about an event, or nothing for those that only say how."""
    data, task = event.data, short(event.task_id)
    match event.type:
        case "task.created":
            title = data["description"].splitlines()[0][:70]
            phase = f" in phase {data['phase_id']}" if data["phase_id"] else ""
            return f"task {task} created{phase}: {title}"
        case "task.status_changed" if data["to"] in {"in_progress", "done", "failed"}:
            return f"task {task} {data['to'].replace('_', ' ')}"
        case "task.status_changed" if data["to"] == "duplicated":
            other = short(data["duplicate_of"])
            return f"task {task} refused as a duplicate: task {other} does the same work"
        case "merge.recorded" if data["commit"]:
            return f"task {task} merged as {data['commit'][:8]}"
        case "review.status_changed" if data["to"] in {"failed", "passed"}:
            reason = f": {data['reason']}" if data.get("reason") else ""
            return f"task {task} review {data['to']}{reason}"
        case _:
            return _of_others(event, f"task {task}")


def _of_others(event: Event, task: str) -> str:
    """Return one line about people, the Guardian, memories and the result."""
    data = event.data
    match event.type:
        case "agent.intervened":
            return f"{task} is {data['cause']}; the Guardian acts: {data['action']}"
        case "agent.intervention_followed":
            return f"{task} after the Guardian's act: {data['effect']}"
        case "question.asked":
            return f"{task} asks a person: {data['text']}"
        case "question.answered":
            return f"{task} is answered: {data['answer']}"
        case "memory.saved":
            return f"{task} saves for later agents: {data['text']}"
        case "memory.rated":
            return f"{task} was told what an earlier agent had saved, and rates it {data['rating']}"
        case (
            "result.submitted"
            | "result.checked"
            | "result.accepted"
            | "workflow.completed"
            | "workflow.delivered"
        ):
            return event.type.replace(".", " ")
    return ""


def refused_duplicates(tasks: Iterable[Task]) -> list[str]:
    """Return one line for each task that does not run because another one does its work."""
    return [
        f"A duplicate was refused: task {short(task.id)} does not run, since task "
        f"{short(task.duplicate_of)} does the same work. {task.similarity_reason or ''}".strip()
        for task in tasks
        if task.duplicate_of
    ]


def used_memories(memories: Iterable[Memory], tasks: Sequence[Task]) -> list[str]:
    """Return one line for each memory that stands in the prompt of another task's agent.

    Args:
        memories: of the repository.
        tasks: with the prompts of their agents.
    """
    lines = []
    for memory in memories:
        later = [task for task in tasks if task.id != memory.task_id]
        told = [short(task.id) for task in later if memory.id in (task.prompt or "")]
        if told:
            lines.append(
                f"A memory was used: the agent of task {short(memory.task_id)} saved "
                f'"{memory.text}" The prompts of later tasks told it ({", ".join(told)}); agents '
                f"that found it useful: {memory.useful}."
            )
    return lines


def short(id_: str | None) -> str:
    """Return the first eight characters of an id, as people read it."""
    return (id_ or "")[:8]

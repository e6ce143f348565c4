"""The parts of a prompt in words; each is empty where there is nothing to say."""

from collections.abc import Iterable
from typing import Any, Final

from hephaestus_core.agents.prompt.ages import mark, where_learned
from hephaestus_core.agents.prompt.checks_in_words import in_words
from hephaestus_core.agents.prompt.parts import (
    Colleague,
    EarlierAttempt,
    Hearsay,
    PromptParts,
)
from hephaestus_core.contract.definitions.criteria import ValidationCriteria
from hephaestus_core.tasks.kinds import KINDS

#: Most characters of a text of others that is not the task itself.
_LAUNCH_LIMIT: Final = 1200
_SUMMARY_LIMIT: Final = 500
#: The newest attempt's reason may be the feedback of a review, with the output of failed checks.
_FEEDBACK_LIMIT: Final = 8000
_REASON_LIMIT: Final = 200
_LINE_LIMIT: Final = 100
#: Most entries of a list: learnings of the creator, earlier attempts, tasks of each, colleagues.
_MOST_LEARNINGS: Final = 5
_MOST_ATTEMPTS: Final = 2
_MOST_CREATED: Final = 3
_MOST_COLLEAGUES: Final = 4
_MOST_FILES: Final = 4
#: Most characters of what agents before have learned: of all, and of each text.
_MEMORIES_LIMIT: Final = 2000
_MEMORY_LIMIT: Final = 400
#: Most characters of a model's hints.
_HINTS_LIMIT: Final = 2000

_FACTS: Final = {
    "setup_command": "Set-up",
    "test_command": "All tests",
    "lint_command": "Style",
    "build_command": "Build",
}


def workflow(parts: PromptParts) -> str:
    """Return the workflow's purpose: title, launch text and goal."""
    written = [parts.marks.quoted("title of the workflow", parts.workflow_title, limit=_LINE_LIMIT)]
    for source, text in (
        ("description of the workflow", parts.workflow_description),
        ("text of the launch", parts.launch_text),
    ):
        if text.strip():
            rest = "`get_workflow` and `get_tasks` lead to the whole"
            written.append(parts.marks.quoted(source, text, limit=_LAUNCH_LIMIT, rest=rest))
    if parts.config.get("has_result"):
        written += ["Its goal is reached when:", parts.config["result_criteria"]]
    if parts.rejected:
        written.append("Results that were handed in before were rejected:")
        written += [
            parts.marks.quoted("reason of a rejection", reason, limit=_SUMMARY_LIMIT)
            for reason in parts.rejected
        ]
    return "\n".join(written)


def phases(parts: PromptParts) -> str:
    """Return the kinds of work that the workflow knows."""
    if not parts.phases:
        return ""
    lines = [f"- {number} {name}: {_first_line(text)}" for number, name, text in parts.phases]
    return "\n".join(["Phases, the kinds of work:", *lines])


def project(parts: PromptParts) -> str:
    """Return the facts of the project that are known."""
    lines = [f"- {_FACTS.get(name, name)}: {value}" for name, value in parts.facts.items() if value]
    return parts.marks.quoted("facts of the project", "\n".join(lines)) if lines else ""


def origin(parts: PromptParts) -> str:
    """Return the task that this one comes from."""
    found = parts.origin
    if found is None:
        return ""
    phase = f" (phase {found.phase})" if found.phase else ""
    lines = [f"- {text}" for text in found.learnings[:_MOST_LEARNINGS]]
    said = "\n".join([found.title, found.summary or "(its agent still works)", *lines])
    rest = f"`get_task` with {found.task_id} shows the whole"
    report = parts.marks.quoted("its report", said, limit=_SUMMARY_LIMIT, rest=rest)
    return (
        f"The agent of task {found.task_id}{phase} created your task, and your worktree began "
        f"with its work.\n{report}"
    )


def earlier(parts: PromptParts) -> str:
    """Return the earlier attempts at this task, and what is left of them."""
    if not parts.earlier:
        return ""
    shown = parts.earlier[-_MOST_ATTEMPTS:]
    attempts = (
        _attempt(each, parts, _FEEDBACK_LIMIT if each is shown[-1] else _REASON_LIMIT)
        for each in shown
    )
    return "\n".join([*attempts, *parts.answers, _left_before(parts)])


def last_reason(parts: PromptParts) -> str:
    """Return the reason for the end of the attempt before this one."""
    if not parts.earlier:
        return ""
    reason = parts.earlier[-1].reason
    quoted = parts.marks.quoted("reason", reason, limit=_FEEDBACK_LIMIT)
    return "\n\n".join([quoted, *parts.answers])


def memories(parts: PromptParts) -> str:
    """Return what agents before this one have learned, as far as it bears on the task."""
    if not parts.memories:
        return ""
    lines: list[str] = []
    room = _MEMORIES_LIMIT
    for each in parts.memories:
        line = _memory(each)
        # Room for the longest mark, which is set when the commit to start from is known.
        room -= len(line) + 1 + len(mark(each.files))
        if room < 0:
            break
        lines.append(line)
    return parts.marks.quoted("memories", "\n".join(lines), limit=_MEMORIES_LIMIT)


def colleagues(parts: PromptParts) -> str:
    """Return the other agents at work, with their files if they are known."""
    if not parts.colleagues:
        return ""
    lines = [_colleague(each) for each in parts.colleagues[:_MOST_COLLEAGUES]]
    left = len(parts.colleagues) - len(lines)
    if left > 0:
        lines.append(f"- and {left} more")
    return parts.marks.quoted("tasks of other agents", "\n".join(lines))


def task(parts: PromptParts) -> str:
    """Return the task's own text; that of the system stands without marks."""
    text = parts.description
    ours = KINDS[parts.kind].template is not None
    return text if ours else parts.marks.quoted("task", text, limit=len(text))


def hints(parts: PromptParts) -> str:
    """Return the hints of a model on the task."""
    found = parts.hints
    if found is None:
        return ""
    listed = (("Perhaps done when", found.done_when), ("Ways to check it", found.checks))
    lines = [line for title, texts in listed if texts for line in (f"{title}:", *_items(texts))]
    if found.files:
        lines += ["Files to look at first:", *_items(found.files)]
    if not lines:
        return ""
    return parts.marks.quoted("hints", "\n".join(lines), limit=_HINTS_LIMIT)


def done_when(parts: PromptParts) -> str:
    """Return the definition of done, and the checks that the system runs itself."""
    lines = [parts.done_definition] if parts.done_definition else []
    validation = _validation(parts)
    if validation is not None and KINDS[parts.kind].template is None:
        checked = in_words(validation.checks)
        if checked:
            lines += ["", "After your report the system itself checks that:"]
            lines += [f"- {sentence}" for sentence in checked]
        if validation.reviewer != "machine":
            judge = "Another agent" if validation.reviewer == "agent" else "A person"
            lines.append(f"{judge} reviews the work then.")
    return "\n".join(lines).strip()


def phase(parts: PromptParts) -> str:
    """Return the instructions of the phase."""
    spec = parts.phase
    if spec is None:
        return ""
    lines = [f"{spec['id']} {spec['name']}", "", spec["description"]]
    if spec["additional_notes"]:
        lines += ["", spec["additional_notes"]]
    for title, key in (("Outputs", "outputs"), ("Next steps", "next_steps")):
        if spec[key]:
            lines += ["", f"{title}:", *(f"- {item}" for item in spec[key])]
    return "\n".join([*lines, *_follows(spec)])


def tools(parts: PromptParts) -> str:
    """Return the few tools that matter, each with the time for it."""
    named = KINDS[parts.kind].tools
    with_result = bool(parts.config.get("has_result"))
    return "\n".join(
        f"- `{name}`: {when}"
        for name, when in named.items()
        if name not in ("submit_result", "get_messages")
        or "submit_result" not in named
        or (name == "submit_result") == with_result
    )


def committing(parts: PromptParts) -> str:
    """Return the rule on commits."""
    if parts.auto_commit:
        return "Commit as you like; what you leave uncommitted is committed for you."
    return "Commit your work yourself: nothing is committed for you, and only commits count."


def _validation(parts: PromptParts) -> ValidationCriteria | None:
    stored: dict[str, Any] | None = parts.phase.get("validation") if parts.phase else None
    if not stored or not stored["enabled"]:
        return None
    return ValidationCriteria.from_dict(stored, strict=False)


def _follows(spec: Any) -> list[str]:
    leads_to = spec.get("leads_to") or []
    if not leads_to:
        return []
    named = " or ".join("the result" if each == "result" else f"phase {each}" for each in leads_to)
    return [
        "",
        f"Before your report, one of these exists: a task of yours in {named}"
        if leads_to != ["result"]
        else "Before your report, the workflow's result is handed in",
        "If nothing follows, report with `nothing_follows` and the reason.",
    ]


def _attempt(each: EarlierAttempt, parts: PromptParts, limit: int) -> str:
    source = f"reason for the end of attempt {each.attempt}"
    reason = parts.marks.quoted(source, each.reason, limit=limit)
    if not each.created:
        return reason
    listed = "\n".join(f"- {line[:_LINE_LIMIT]}" for line in each.created[:_MOST_CREATED])
    created = parts.marks.quoted(f"tasks that attempt {each.attempt} created", listed)
    return f"{reason}\n{created}\nThese tasks exist; do not create them again."


def _memory(each: Hearsay) -> str:
    text = " ".join(each.text.split())
    shown = text if len(text) <= _MEMORY_LIMIT else f"{text[:_MEMORY_LIMIT].rstrip()} …"
    return f"- {shown} {where_learned(each.memory_id, each.commit)}"


def _left_before(parts: PromptParts) -> str:
    if parts.auto_commit:
        return "What it had saved is in your worktree. Look at it first, then go on."
    return (
        "What it had committed is in your worktree, and what it had not is there as uncommitted "
        "changes. Look at both first, then go on."
    )


def _colleague(each: Colleague) -> str:
    phase = f" (phase {each.phase})" if each.phase else ""
    files = f"; changes {_some(each.files)}" if each.files else ""
    return f"- {each.title}{phase}{files}"[:_LINE_LIMIT]


def _some(files: Iterable[str]) -> str:
    listed = list(files)
    more = " and more" if len(listed) > _MOST_FILES else ""
    return ", ".join(listed[:_MOST_FILES]) + more


def _items(texts: Iterable[str]) -> list[str]:
    return [f"- {text}" for text in texts]


def _first_line(text: str) -> str:
    found = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return found[:_LINE_LIMIT]

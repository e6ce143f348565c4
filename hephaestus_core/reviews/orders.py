"""The task of the agent that judges another's work; joins the open transaction."""

from typing import TYPE_CHECKING, Final

from sqlalchemy.orm import Session

from hephaestus_core.changes.diffs import diff_of
from hephaestus_core.changes.settled import settled_in
from hephaestus_core.contract.quoting import Marks
from hephaestus_core.contract.statuses import TaskKind
from hephaestus_core.contract.titles import TITLE_LIMIT
from hephaestus_core.hosts.store import offered_programs
from hephaestus_core.intake.creation import TaskOrder, add
from hephaestus_core.reviews.models import Review
from hephaestus_core.reviews.rules import criteria_of, judged
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent
    from hephaestus_core.tasks.models import Task

#: Most characters of the task's description.
_TASK_LIMIT: Final = 20_000
#: Most files that are listed.
_MOST_FILES: Final = 60
#: Plays scripts, for tests and demonstrations; it judges only work of its own kind.
_SCRIPTED: Final = "scripted"


def add_reviewer(session: Session, task: "Task", agent: "Agent", review: Review) -> None:
    """Create the task that judges a review; its agent starts at the reviewed commit."""
    order = TaskOrder(
        workflow_id=task.workflow_id,
        phase_id=None,
        kind=TaskKind.REVIEW,
        priority="critical",
        parent_task_id=task.id,
        created_by="review",
        start_commit=review.commit,
        title=f"Review: {task.title}"[:TITLE_LIMIT],
        description=_description(session, task, review),
        done_definition="`give_task_review` was called with your verdict.",
    )
    added = add(session, order)
    own = agent.programs[0] if agent.programs else agent.program
    added.next_programs = programs(agent.program, own, offered_programs(session))
    review.reviewer_task_id = added.id


def programs(author: str, with_model: str, offered: set[str]) -> list[str]:
    """Return the programs that may judge, in order: another one first, then the author's.

    Args:
        author: the author's program.
        with_model: the same, with its model.
        offered: the programs of live hosts.
    """
    if author == _SCRIPTED:
        return [with_model]
    others = sorted(offered - {author, _SCRIPTED})
    return [*others[:1], with_model]


def _description(session: Session, task: "Task", review: Review) -> str:
    workflow = workflows.get(session, task.workflow_id)
    assert task.phase_id is not None, "only work of a phase is reviewed"
    criteria = criteria_of(workflows.phase(session, task.workflow_id, task.phase_id).spec)
    assert criteria is not None, "its phase asks for the review"
    questions = judged(criteria)
    listed = "\n".join(f"- {text}" for text in questions) or task.done_definition
    marks = Marks()
    parts = [
        (
            "Judge the work that another agent has done. Your worktree holds it, at the very "
            f"commit that counts ({review.commit[:12]}). Read the changes and try them; change "
            "nothing. Pass the work only if all of the following holds by what you have seen "
            f"yourself; the author's words are claims. {marks.explanation}"
        ),
        f"## What must hold\n{listed}",
        _titled("How to judge", criteria.validator_instructions),
        _titled("Checks that the system has run", _checks(review)),
        marks.quoted("the purpose of the workflow", f"{workflow.title}\n{workflow.description}"),
        marks.quoted(
            "the task", f"{task.description}\n\n{task.done_definition}", limit=_TASK_LIMIT
        ),
        marks.quoted("the list of changes", _changes(session, task)),
        _settled(session, task, marks),
        marks.quoted("the author's report", _report(task, review)),
    ]
    return "\n\n".join(part for part in parts if part)


def _titled(title: str, text: str) -> str:
    return f"## {title}\n{text}" if text.strip() else ""


def _checks(review: Review) -> str:
    return "\n".join(
        f"- {': '.join(filter(None, (each['name'], each['status'], each['says'])))}"
        for each in review.checks
    )


def _changes(session: Session, task: "Task") -> str:
    diff = diff_of(session, task.id)
    lines = [
        f"{change.path}: +{change.insertions or 0} -{change.deletions or 0}"
        for change in diff.changes[:_MOST_FILES]
    ]
    if diff.base is None:
        return ""
    head = f"{diff.files} files, +{diff.insertions} -{diff.deletions}, since {diff.base[:12]}"
    left = [f"and {diff.files - _MOST_FILES} more"] if diff.files > _MOST_FILES else []
    return "\n".join([head, *lines, *left])


def _settled(session: Session, task: "Task", marks: Marks) -> str:
    paths = [change.path for change in diff_of(session, task.id).changes]
    lines = settled_in(session, task.workflow_id, paths)
    if not lines:
        return ""
    told = marks.quoted("conflicts settled in these files", "\n".join(lines))
    return f"{told}\nSee whether the work brings back, or needs, what was dropped."


def _report(task: "Task", review: Review) -> str:
    if review.unreported:
        return "None: the agent ended in silence. Judge whether its work is done all the same."
    proof = [f"{key}: {value}" for key, value in review.proof.items()]
    return "\n".join([task.summary or "", *(f"Learned: {x}" for x in task.key_learnings), *proof])

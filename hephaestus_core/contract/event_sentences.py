"""Events as sentences for people."""

from collections.abc import Mapping
from typing import Any, Final

from hephaestus_core.contract.agent_sentences import AGENT_SENTENCES
from hephaestus_core.contract.money import in_dollars
from hephaestus_core.contract.sentence_parts import (
    WORDS,
    Happened,
    Named,
    Sentence,
    because,
    of_agent,
    short,
)
from hephaestus_core.contract.texts import first_line


def sentence(event: Happened, task: str, workflow: str = "") -> str:
    """Return what an event says, as one line that no terminal obeys.

    Args:
        event: the event.
        task: what to call its task, if there is one.
        workflow: what to call its workflow; ``""``: by the beginning of its id.
    """
    say = _SENTENCES.get(event.type, _unknown)
    agent = f"the agent of {task}" if event.task_id else f"agent {short(event.agent_id)}"
    named = Named(task, agent, workflow or f"workflow {short(event.workflow_id)}")
    return first_line(say(event, event.data, named), 400)


def _task_status(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    before, now = data.get("from"), str(data.get("to"))
    if now == "queued":
        again = "" if before in {"pending", "blocked"} else " again"
        later = ", to start later" if data.get("due_at") else ""
        program = f", for {data['program']}" if data.get("program") else ""
        return f"{named.task} is queued{again}{program}{later}{because(data)}"
    if now == "assigned":
        program, host = data.get("program", "an agent"), data.get("host", "?")
        return f"{named.task} goes to {program} on host {host}"
    told = _TASK.get(now, f"is {now.replace('_', ' ')}")
    return f"{named.task} {told}{because(data)}"


_TASK: Final = {
    "in_progress": "is at work",
    "under_review": "is reported done",
    "needs_work": "needs more work",
    "done": "is done",
    "failed": "has failed",
    "cancelled": "is cancelled",
    "pending": "waits for the work of its creator",
    "blocked": "waits for a person's answer",
    "duplicated": "is a duplicate",
}


def _of_task(words: str) -> Sentence:
    return lambda _event, data, named: f"{named.task} {words}{because(data)}"


def _of_workflow(words: str) -> Sentence:
    return lambda _event, data, named: f"{named.workflow} {words}{because(data)}"


def _of_definition(words: str) -> Sentence:
    return lambda _event, data, _named: f"definition {data.get('definition_id', '?')} {words}"


def _orphan(before: str, after: str) -> Sentence:
    def told(_event: object, data: Mapping[str, Any], _named: object) -> str:
        thing = f"the {data.get('kind', 'thing')} {data.get('name', '?')}"
        return f"host {data.get('host', '?')} {before} {thing} {after}"

    return told


def _of_host(words: str) -> Sentence:
    return lambda _event, data, _named: f"host {data.get('host', '?')} {words}"


def _clock(_event: Happened, data: Mapping[str, Any], _named: Named) -> str:
    ahead = data.get("ahead_seconds")
    seconds = float(ahead) if isinstance(ahead, int | float) else 0.0
    where = "ahead of" if seconds > 0 else "behind"
    return (
        f"the clock of host {data.get('host', '?')} is {abs(seconds):.0f} s {where} the database's"
    )


def _fault(words: str) -> Sentence:
    def said(_event: Happened, data: Mapping[str, Any], _named: Named) -> str:
        where = f" on {data['repository']}" if data.get("repository") else ""
        return f"host {data.get('host', '?')} {words}{where}{because(data)}"

    return said


def _merge(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    status = str(data.get("status"))
    conflicts = data.get("conflicts")
    files = len(conflicts) if isinstance(conflicts, list) else 0
    decided = f"; {files} {'file' if files == 1 else 'files'} in conflict decided" if files else ""
    if status == "nothing":
        return f"{named.task} has left nothing to merge"
    told = "is merged" if status == "merged" else f"has nothing merged: {status}"
    return f"the work of {named.task} {told}{decided}"


def _merge_status(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    status = str(data.get("to")).replace("_", " ")
    told = "has nothing to do" if status == "nothing" else f"is {status}"
    return f"the merge of {named.task} {told}{because(data)}"


def _conflict(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    paths = data.get("paths")
    files = ", ".join(map(str, paths)) if isinstance(paths, list) else "its files"
    return f"the work of {named.task} conflicts in {files}{because(data)}"


def _delivered(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    return f"{named.workflow} is delivered to {data.get('branch') or 'its base branch'}"


def _started(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    definition = data.get("definition_id")
    source = f" from definition {definition}" if definition else ""
    notice = f"; {data['notice']}" if data.get("notice") else ""
    return f"{named.workflow} is started{source}{notice}"


def _question(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    options = data.get("options")
    listed = enumerate(options, start=1) if isinstance(options, list) else ()
    choice = "".join(f" [{number}] {first_line(str(option), 40)}" for number, option in listed)
    asked = first_line(str(data.get("text", "")), WORDS)
    return f"{named.agent} asks: {asked}{choice}"


def _limit_reached(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    limit = str(data.get("limit", "")).replace("_", " ")
    return f"{named.workflow} has reached its limit of {data.get('most')} {limit}"


def _fact(_event: Happened, data: Mapping[str, Any], _named: Named) -> str:
    value = first_line(str(data.get("value") or ""), WORDS) or "nothing"
    return f"{data.get('name', '?')} is now: {value}"


def _delivery_checked(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    command = first_line(str(data.get("command", "")), WORDS)
    return f"{named.workflow}: `{command}` on the merged work: {data.get('status', '?')}"


def _coherence(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    findings = data.get("findings")
    told = first_line("; ".join(map(str, findings)), WORDS) if isinstance(findings, list) else ""
    said = f"are in each other's way: {told}" if told else "get along"
    return f"the agents of {named.workflow} {said}"


def _review(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    return f"the review of {named.task} is {str(data.get('to')).replace('_', ' ')}{because(data)}"


def _budget(words: str) -> Sentence:
    def said(_event: Happened, data: Mapping[str, Any], _named: Named) -> str:
        dollars, tokens = data.get("dollars"), data.get("tokens")
        most = [in_dollars(dollars)] if isinstance(dollars, int | float) else []
        most += [f"{tokens:,} tokens"] if isinstance(tokens, int) else []
        now = f" to {str(data['to']).replace('_', ' ')}" if data.get("to") else ""
        of = f" of {' and '.join(most)}" if most else ""
        return f"the budget{of} for the {data.get('scope', '?')} {words}{now}{because(data)}"

    return said


def _unknown(event: Happened, data: Mapping[str, Any], named: Named) -> str:
    """Say what can be said of an event whose type is newer than this program."""
    subject = named.task if event.task_id else named.workflow if event.workflow_id else ""
    values = ", ".join(f"{name} {first_line(str(value), 60)}" for name, value in data.items())
    words = event.type.replace(".", " ").replace("_", " ")
    return ": ".join(filter(None, (" ".join(filter(None, (words, subject))), values)))


_SENTENCES: Final[dict[str, Sentence]] = {
    **AGENT_SENTENCES,
    "task.created": _of_task("is created"),
    "task.bumped": _of_task("is to start at once"),
    "task.status_changed": _task_status,
    "message.sent": of_agent("is sent a message"),
    "message.delivered": of_agent("has got its message"),
    "message.left": of_agent("has a message to fetch"),
    "messages.looped": lambda _event, data, named: (
        f"{named.agent} and agent {short(str(data.get('other_agent_id')))} answer each other "
        "again and again; what they write waits in the mailbox"
    ),
    "question.asked": _question,
    "question.answered": lambda _event, data, named: (
        f"{data.get('answered_by', 'a person')} answers {named.task}: "
        f"{first_line(str(data.get('answer', '')), WORDS)}"
    ),
    "question.expired": _of_task("gets no answer in time and decides by itself"),
    "question.cancelled": _of_task("needs no answer any more"),
    "merge.recorded": _merge,
    "merge.conflicted": _conflict,
    "merge.status_changed": _merge_status,
    "merge.dropped": lambda _event, _data, named: f"the work of {named.task} is not to be merged",
    "merge.held": lambda _event, data, named: f"the merge of {named.task} is held{because(data)}",
    "result.submitted": of_agent("hands in a result"),
    "result.checked": lambda _event, data, _named: (
        f"the checks of the result: {data.get('status')}"
    ),
    "result.accepted": lambda *_: "the result is accepted",
    "result.rejected": lambda _event, data, _named: f"the result is rejected{because(data)}",
    "definition.saved": _of_definition("is registered"),
    "definition.deleted": _of_definition("is deleted"),
    "workflow.started": _started,
    "fact.recorded": _fact,
    "workflow.quiet": _of_workflow("has nothing left to do"),
    "workflow.completed": _of_workflow("is completed"),
    "workflow.stopped": _of_workflow("is stopped"),
    "workflow.failed": _of_workflow("has failed"),
    "workflow.approval_awaited": _of_workflow("waits for your approval"),
    "workflow.approved": _of_workflow("is approved"),
    "workflow.deleted": _of_workflow("is deleted"),
    "workflow.reopened": _of_workflow("is active again: its work was sent back"),
    "workflow.delivered": _delivered,
    "workflow.delivery_requested": _of_workflow("is to go to its base branch"),
    "workflow.delivery_checked": _delivery_checked,
    "workflow.delivery_held": _of_workflow("has its delivery held"),
    "workflow.delivery_conflict": _of_workflow("conflicts with its base branch"),
    "workflow.delivery_withdrawn": _of_workflow("is delivered no more"),
    "workflow.limit_reached": _limit_reached,
    "workflow.limits_changed": _of_workflow("has other limits"),
    "workflow.rounds_used_up": _of_workflow("has had all of its rounds"),
    "diagnosis.started": _of_workflow(
        "is looked at by an agent that finds out why it stands still"
    ),
    "diagnosis.ended": lambda _event, data, _named: (
        f"the diagnosis is over: {first_line(str(data.get('report') or ''), WORDS)}"
    ),
    "coherence.changed": _coherence,
    "review.started": _of_task("is reviewed"),
    "review.status_changed": _review,
    "memory.saved": lambda _event, data, _named: (
        f"learned: {first_line(str(data.get('text') or ''), WORDS)}"
    ),
    "memory.rated": lambda _event, data, _named: f"a memory is called {data.get('rating', '?')}",
    "memory.edited": lambda *_: "a memory is changed",
    "memory.forgotten": lambda _event, data, _named: (
        f"forgotten: {first_line(str(data.get('text') or ''), WORDS)}"
    ),
    "memory.restored": lambda *_: "a forgotten memory is restored",
    "memory.deleted": lambda *_: "a memory is deleted",
    "budget.set": _budget("is set"),
    "budget.removed": _budget("is removed"),
    "budget.status_changed": _budget("has changed"),
    "attention.marked": lambda _event, data, _named: (
        f"{data.get('by', 'a person')} has {data.get('act', 'marked')} an item: {data.get('kind')}"
    ),
    "notification.sent": lambda _event, data, _named: f"{data.get('channel', '?')} is told",
    "notification.failed": lambda _event, data, _named: (
        f"{data.get('channel', '?')} could not be told{because(data)}"
    ),
    "token.created": lambda *_: "a token is created",
    "token.revoked": lambda *_: "a token is revoked",
    "host.programs_changed": _of_host("has other programs"),
    "host.labelled": _of_host("has other labels"),
    "host.registered": _of_host("is here"),
    "host.suspected": _of_host("is silent"),
    "host.recovered": _of_host("is back"),
    "host.lost": _of_host("is lost"),
    "host.clock_wrong": _clock,
    "host.clock_right": _of_host("has the right time again"),
    "host.drained": _of_host("takes no new agents"),
    "host.resumed": _of_host("takes agents again"),
    "host.unwatched": _of_host("is not watched as it should be"),
    "host.watched": _of_host("is watched again"),
    "host.deaf": _of_host("does not hear its queue"),
    "host.hears": _of_host("hears its queue again"),
    "orphan.found": _orphan("has", "that no task claims"),
    "orphan.quarantined": _orphan("has set", "aside"),
    "orphan.removed": _orphan("has deleted", "that no task claimed"),
    "host.unwell": _fault("is unwell"),
    "host.well": _fault("is well again"),
}

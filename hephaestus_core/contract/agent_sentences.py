"""Events of agents as sentences for people."""

from collections.abc import Mapping
from typing import Any, Final

from hephaestus_core.contract.sentence_parts import (
    WORDS,
    Happened,
    Named,
    Sentence,
    because,
    of_agent,
)
from hephaestus_core.contract.texts import first_line

_AGENT: Final = {
    "working": "works",
    "idle": "waits at its prompt",
    "stuck": "is stuck",
    "stopping": "is asked to end",
    "finished": "has ended",
    "lost": "is lost",
}

_ACTS: Final = {
    "steer": "is steered",
    "steer_otherwise": "is steered in another way",
    "interrupt": "is interrupted",
    "restart": "is started again",
    "renew": "is started again without its conversation",
    "next_program": "is replaced by another program",
    "retry": "is replaced by another attempt",
    "wait": "waits for its provider",
    "park": "waits for a person",
}
_EFFECTS: Final = {
    "headway": "gets on again",
    "none": "does not get on yet",
    "ended": "has ended after an act of the Guardian",
}


def _agent_status(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    now = str(data.get("to"))
    return f"{named.agent} {_AGENT.get(now, f'is {now}')}{because(data)}"


def _assessed(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    return f"{named.agent} is judged {str(data.get('to')).replace('_', ' ')}"


def _intervened(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    done = _ACTS.get(str(data.get("action")), str(data.get("action")))
    return f"{named.agent} {done}: {str(data.get('cause')).replace('_', ' ')}"


def _followed(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    done = _EFFECTS.get(str(data.get("effect")), str(data.get("effect")))
    return f"{named.agent} {done}"


def _undone(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    return f"{data.get('by', 'a person')} takes back what was done to {named.agent}"


def _fine(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    minutes = data.get("minutes")
    told = f"is fine for {minutes:g} minutes" if minutes else "is watched again"
    return f"{named.agent} {told}, says {data.get('by', 'a person')}"


def _by_person(words: str) -> Sentence:
    return lambda _event, data, named: f"{data.get('by', 'a person')} {words} {named.agent}"


def _set_up(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    command = first_line(str(data.get("command", "")), WORDS)
    if kept := data.get("copied_from"):
        return f"{named.agent}: the result of set-up `{command}` was copied, from {kept}"
    return f"{named.agent}: set-up `{command}` has {str(data.get('status')).replace('_', ' ')}"


def _hook_failed(_event: Happened, data: Mapping[str, Any], named: Named) -> str:
    return f"{named.agent}: the hook {data.get('hook', '?')} has failed{because(data)}"


AGENT_SENTENCES: Final[dict[str, Sentence]] = {
    "agent.status_changed": _agent_status,
    "agent.assessed": _assessed,
    "agent.intervened": _intervened,
    "agent.intervention_followed": _followed,
    "agent.intervention_undone": _undone,
    "agent.fine": _fine,
    "agent.keyboard_taken": _by_person("takes the keyboard of"),
    "agent.keyboard_released": _by_person("gives back the keyboard of"),
    "agent.reminded": of_agent("is reminded to report"),
    "agent.set_up": _set_up,
    "agent.hook_failed": _hook_failed,
    "agent.checkpointed": of_agent("has its work saved meanwhile"),
    "agent.work_saved": of_agent("has its work saved"),
    "agent.save_failed": of_agent("has work that cannot be saved yet"),
    "agent.work_kept": of_agent("has work that could not be saved and stays where it is"),
    "agent.released": of_agent("has left its worktree"),
    "agent.report_refused": of_agent("reported too late"),
    "agent.files_left_out": of_agent("has files that are not committed"),
    "agent.files_set_aside": of_agent("has left files that stay on its host"),
    "agent.commits_kept": of_agent("has left commits that stay on its host"),
    "agent.work_lost": of_agent("has lost work"),
    "agent.began_anew": of_agent("begins anew"),
}

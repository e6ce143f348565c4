"""What a look at one agent finds: its screen, its log and its program's own signs."""

import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from hephaestus_core.agents.views import HostAgent, Trouble
from hephaestus_core.clock import host_seconds
from hephaestus_core.contract import agent_files
from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.home import PANE_LOG, session_name
from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.guardian.assessing import assess
from hephaestus_core.guardian.limits import Limits
from hephaestus_core.guardian.observation import Act, Alive, Label, Look, Signal, Verdict
from hephaestus_core.guardian.rules.lasting import followed
from hephaestus_core.guardian.watching import Glimpse
from hephaestus_worker.agent_programs.base import Sign
from hephaestus_worker.agents.sessions import Sessions, session_of
from hephaestus_worker.guardian.acting import limits_of
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.host.sights import Sight
from hephaestus_worker.terminal.escapes import last_lines, last_saying, without_escapes
from hephaestus_worker.terminal.tmux import LOG_BLOCKS, MOST_SCREENS

logger = logging.getLogger(__name__)

#: Lines at the end of a screen that show a question.
_QUESTION_LINES: Final = 20
#: Refusals in a row after which a key is taken for refused. A login that a program renews is
#: refused once before.
REFUSALS: Final = 3
#: Looks after a sign of a retry, beside the first one.
RETRY_LOOKS: Final = 4
#: A screen that looks like a question, before the look that confirms it.
_MAY_ASK: Final = (Label.ASKING, Act.LEAVE)
#: Stands for the worktree of an agent while no work of it is saved.
_UNSAVED: Final = "nothing saved"
#: Lines of a screen's history that are read with it.
HISTORY_LINES: Final = 200
#: Size of a full log, which grows no more.
_FULL_LOG: Final = 512 * LOG_BLOCKS


@dataclass(frozen=True)
class Shown:
    """What a terminal showed, and how its log stood just before."""

    log_state: tuple[int, float] | None
    screen: str


def read_ahead(
    machine: Machine, agents: Iterable[HostAgent], sessions: Sessions
) -> dict[UUID, Shown]:
    """Return what those terminals show whose logs have grown: one call of tmux reads many.

    Agents are left out whose session ends meanwhile, and others with them: their looks read each
    screen by itself.
    """
    states = {}
    for agent in agents:
        state = _log_state(machine, agent)
        sight = machine.sights.setdefault(agent.id, Sight())
        if _has_news(sight, state) and session_of(agent.id, sessions) == "present":
            states[agent.id] = state
    found: dict[UUID, Shown] = {}
    ids = list(states)
    for first in range(0, len(ids), MOST_SCREENS):
        names = {session_name(str(each)): each for each in ids[first : first + MOST_SCREENS]}
        with suppress(HephaestusError):
            screens = machine.tmux.screens(list(names), HISTORY_LINES)
            found |= {names[n]: Shown(states[names[n]], text) for n, text in screens.items()}
    return found


def glimpse(
    machine: Machine, agent: HostAgent, sessions: Sessions, shown: Shown | None = None
) -> Glimpse:
    """Look at an agent.

    Args:
        shown: its screen, if it was read with those of others.

    Raises:
        NotFound: its session ended meanwhile.
        AgentProgramError: tmux refused.
        Unavailable: tmux did not answer.
    """
    sight = machine.sights.setdefault(agent.id, Sight())
    folder = machine.folders.agent(agent.id)
    program = machine.program(agent.program)
    heed(machine, agent, sight)
    output_age = _read_screen(machine, agent, sight, shown)
    trouble = _refused(sight)
    if trouble is None and (failure := program.diagnose(sight.screen, None, folder=folder)):
        trouble = failure.trouble()
    sight.limited_until = trouble.until.timestamp() if trouble and trouble.until else None
    process = Alive.YES if session_of(agent.id, sessions) == "present" else Alive.NO
    verdict = _verdict(machine, agent, sight, process, output_age)
    sight.unsure = may_ask(verdict) or _may_wait(verdict)
    return Glimpse(
        process=process.value,
        verdict=verdict,
        question=_question(sight, verdict),
        waiting=program.is_idle(sight.screen),
        trouble=trouble,
        refused=_refused(sight) is not None,
        output_age=output_age,
        tool=sight.action,
        tool_age=time.monotonic() - sight.acted_at if sight.action else None,
        repeats=sight.repeats,
        line=sight.line,
        screen=sight.coloured,
    )


def may_ask(verdict: Verdict | None) -> bool:
    """Whether a screen looks like a question that a further look has to confirm."""
    return verdict is not None and (verdict.label, verdict.act) == _MAY_ASK


def _may_wait(verdict: Verdict | None) -> bool:
    """Whether a screen shows a limit with its end, at which the agent is parked if it stands."""
    if verdict is None or verdict.until is None:
        return False
    return (verdict.label, verdict.act) == (Label.LIMITED, Act.LEAVE)


def _verdict(
    machine: Machine, agent: HostAgent, sight: Sight, process: Alive, output_age: float | None
) -> Verdict | None:
    """Judge the agent by its last looks; a rule that breaks off costs the verdict only."""
    program, history = machine.program(agent.program).name, sight.history
    try:
        seen = _look(agent, sight, process, output_age)
        history.append(followed(history[-1] if history else None, seen, program))
        return assess(tuple(history), limits_of(machine.settings), program)
    except Exception:
        logger.exception("verdict_broke_off agent_id=%s", agent.id)
        return None


def _look(agent: HostAgent, sight: Sight, process: Alive, output_age: float | None) -> Look:
    # No clock that somebody may set: all looks of a history are this process' own.
    now = time.monotonic()
    used, counts = sight.usage, sight.counts
    return Look(
        at=now,
        started_at=None if used is None else now - used.seconds,
        turns=None if used is None else used.spent.turns,
        input_tokens=None if used is None else used.spent.tokens - used.spent.output_tokens,
        output_tokens=None if used is None else used.spent.output_tokens,
        cost=None if used is None else used.spent.dollars,
        screen=sight.screen,
        process=process,
        worktree_digest=agent.saved_commit or _UNSAVED,
        children=None if counts is None else counts.created,
        typed=None if counts is None else counts.typed,
        reported=agent.task_status == TaskStatus.UNDER_REVIEW,
        tool_calls=sight.actions or None,
        last_tool=sight.action,
        last_tool_digest=sight.digest or None,
        repeats=sight.repeats or None,
        last_tool_failed=_failed(sight),
        last_output_at=None if output_age is None else now - output_age,
        limited_until=sight.limited_until,
        signal=Signal.ASKS if sight.asks is not None else None,
    )


def _question(sight: Sight, verdict: Verdict | None) -> str | None:
    """Return the question at which the agent waits: its program's words, or what its screen shows.

    None: it waits at none.
    """
    if sight.asks is not None and sight.asks_in_words:
        return sight.asks
    if sight.asks is None and (verdict is None or verdict.act != Act.ASK):
        return None
    told = [sight.asks] if sight.asks else []
    if verdict is not None and verdict.act == Act.ASK and len(verdict.evidence) > 1:
        return "\n".join([*told, *verdict.evidence])  # the dialog alone
    shown = [line.rstrip() for line in sight.screen.splitlines() if line.strip()]
    return "\n".join([*told, *shown[-_QUESTION_LINES:]])


def heed(machine: Machine, agent: HostAgent, sight: Sight) -> None:
    """Read the signs that the agent's program has left since the last time."""
    folder = machine.folders.agent(agent.id)
    with sight.lock:
        note_signs(sight, machine.program(agent.program).signs(folder, sight.read))


def note_signs(sight: Sight, signs: Iterable[Sign]) -> None:
    """Remember the last action, how often it was taken in a row, and what goes on until then."""
    for sign in signs:
        if sign.kind == "key_refused":
            sight.refusals, sight.refusal = sight.refusals + 1, sign.text
        elif sign.kind in {"asks", "asks_this"}:
            sight.asks, sight.asks_in_words = sign.text, sign.kind == "asks_this"
        elif sign.kind == "retries":
            sight.retry_looks = sight.retry_looks if sight.retries else RETRY_LOOKS
            sight.retries = True
        else:
            # An answer of the model was needed for it, and the question is over.
            sight.refusals, sight.asks = 0, None
            sight.retries, sight.retry_looks = False, 0
        if sign.kind == "action_failed":
            sight.failed, sight.failures = True, sight.failures + 1
        if sign.kind == "action":
            if sign.digest != sight.digest:
                sight.repeats = sight.failures = 0
            sight.actions, sight.failed = sight.actions + 1, None
            sight.repeats += 1
            sight.action, sight.digest, sight.acted_at = sign.text, sign.digest, time.monotonic()


def is_urgent(sight: Sight) -> bool:
    """Whether the next sweep is too late for what the program told."""
    told = sight.asks is not None or sight.retries
    return told or sight.refusals >= REFUSALS or fails_again(sight)


def fails_again(sight: Sight) -> bool:
    """Whether the same action has failed so often in a row that its agent is told at once."""
    return sight.failures >= Limits().repeats


def _failed(sight: Sight) -> bool | None:
    """Return whether the last action failed; one that goes on is taken for those before it."""
    if sight.failed is None and 0 < sight.repeats - 1 <= sight.failures:
        return True
    return sight.failed


def _refused(sight: Sight) -> Trouble | None:
    if sight.refusals < REFUSALS:
        return None
    reason = f"The model's server refused the login {sight.refusals} times: {sight.refusal}"
    return Trouble(FailureClass.PERMANENT, reason, program_failed=True)


def _read_screen(
    machine: Machine, agent: HostAgent, sight: Sight, shown: Shown | None
) -> float | None:
    """Read the screen if the log has grown since; return the age of the last output in seconds.

    The times of files follow a clock that somebody may set, so they count only for what was
    written before the first look.
    """
    state = _log_state(machine, agent) if shown is None else shown.log_state
    _note_output(sight, state)
    if _has_news(sight, state):
        name = session_name(str(agent.id))
        seen = shown.screen if shown else machine.tmux.capture(name, HISTORY_LINES, colours=True)
        screen = without_escapes(seen)
        if _is_full(state) and screen != sight.screen:
            sight.output_at = time.monotonic()
        sight.screen, sight.coloured = screen, last_lines(seen)
        sight.line = last_saying(sight.screen)
        sight.log_state = state
    return None if sight.output_at is None else max(0.0, time.monotonic() - sight.output_at)


def _log_state(machine: Machine, agent: HostAgent) -> tuple[int, float] | None:
    folder = machine.folders.agent(agent.id)
    size, changed = agent_files.size(folder, PANE_LOG), agent_files.changed(folder, PANE_LOG)
    return None if size is None else (size, changed)


def _has_news(sight: Sight, state: tuple[int, float] | None) -> bool:
    """Whether the screen may be another one than at the last look."""
    return state is None or state != sight.log_state or _is_full(state)


def _is_full(state: tuple[int, float] | None) -> bool:
    return state is not None and state[0] >= _FULL_LOG


def _note_output(sight: Sight, state: tuple[int, float] | None) -> None:
    """Note when the log has grown last."""
    now, before = time.monotonic(), sight.read_at
    sight.read_at = now
    if state is None:
        sight.output_at = None
    elif state != sight.log_state or sight.output_at is None:
        age = max(0.0, host_seconds() - state[1])
        sight.output_at = now - (age if before is None else min(age, now - before))

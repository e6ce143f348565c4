"""Use cases of models: a question with its answer, the state, and a trial of the configuration."""

import logging
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final
from uuid import uuid4

from pydantic import Field
from sqlalchemy.orm import Session

from hephaestus_core.contract.llm import TRIAL, CallKind, LlmOutcome
from hephaestus_core.db.engine import Database
from hephaestus_core.llm import store
from hephaestus_core.llm.calls import Attempted, send, told
from hephaestus_core.llm.endpoints import Endpoints, Refusal
from hephaestus_core.llm.prompts import parsed, prompt_of
from hephaestus_core.llm.providers import Provider
from hephaestus_core.llm.reservations import Limits, Order
from hephaestus_core.llm.reserving import Reserving
from hephaestus_core.llm.rules import cost_of, reservation
from hephaestus_core.llm.state import LlmView, not_configured, routes, state_of
from hephaestus_core.llm.views import Answer, Prompt, Question, Reply, T
from hephaestus_core.logging import log_event
from hephaestus_core.settings.config import Settings
from hephaestus_core.settings.llm_settings import Route, route_of

_log: Final = logging.getLogger(__name__)
_TRIAL_INSTRUCTIONS: Final = "Read the number in the material, and answer with it."
_TRIAL_SECONDS: Final = 10.0
#: Keeps a reply in the open transaction.
Keep = Callable[[Session, Reply[T]], None]


class TrialAnswer(Answer):
    """The answer to a trial."""

    number: int = Field(description="The number that the material holds.")


@dataclass(frozen=True, kw_only=True)
class TrialView:
    """The outcome of a tiny call to one model."""

    provider: str
    model: str
    outcome: LlmOutcome
    detail: str
    seconds: float


class Llm:
    """Asks models; all threads of a process share it.

    Nothing here raises because of a model or its provider: :class:`Reply` says what came of a
    question. :meth:`ask` and :meth:`try_out` may not be called inside a transaction.
    """

    def __init__(
        self, database: Database, settings: Settings, environ: Mapping[str, str] | None = None
    ) -> None:
        self._database = database
        self._settings = settings
        limits = Limits(
            per_hour=settings.llm_tokens_per_hour, per_workflow=settings.llm_tokens_per_workflow
        )
        self._reserving = Reserving(database, limits)
        self._endpoints = Endpoints(os.environ if environ is None else environ)

    def ask(self, question: Question[T], keep: Keep[T] | None = None) -> Reply[T]:
        """Ask the model for this kind of call; return its answer or the reason for none.

        Args:
            question: what is asked.
            keep: keeps what came of a call that was sent, in the transaction that records its end.
                If it raises, the end is recorded all the same, and the error goes on.
        """
        route = route_of(self._settings, question.kind)
        if route is None:
            outcome, detail = not_configured(question.kind)
            return Reply(outcome=outcome, detail=detail)
        if question.seconds is not None:
            seconds = min(question.seconds, route.timeout_seconds)
            route = replace(route, timeout_seconds=seconds)
        refusal = self._endpoints.rest(route)
        return self._asked(question, route, keep) if refusal is None else _refused(route, refusal)

    def prepare(self) -> None:
        """Make the clients of the configured models, so that no question waits for that.

        Nothing is sent. The packages alone take a second or two to be imported.
        """
        for route in routes(self._settings):
            self._endpoints.find(route)

    def can_ask(self, kind: CallKind) -> bool:
        """Return whether a model is configured for this kind of call; it may be away."""
        return route_of(self._settings, kind) is not None

    def obstacle(self, kind: CallKind) -> Refusal | None:
        """Return why no call of this kind can be made here, with a sentence; nothing is sent.

        None: it can, though the provider may be away.
        """
        route = route_of(self._settings, kind)
        return not_configured(kind) if route is None else self._endpoints.obstacle(route)

    def state(self) -> LlmView:
        """Return whether this process can ask models, and what all calls have used."""
        return state_of(self._database, self._settings, self._endpoints)

    def try_out(self) -> list[TrialView]:
        """Send one tiny call to each model that is configured, and return the outcomes."""
        with ThreadPoolExecutor(len(CallKind) + 1) as side_by_side:
            return list(side_by_side.map(self._trial, routes(self._settings)))

    def _asked(self, question: Question[T], route: Route, keep: Keep[T] | None = None) -> Reply[T]:
        found = self._endpoints.find(route)
        if isinstance(found, tuple):
            return _refused(route, found)
        began = time.monotonic()
        reply = self._sent(question, route, found, keep)
        return replace(reply, seconds=round(time.monotonic() - began, 3))

    def _sent(
        self, question: Question[T], route: Route, provider: Provider, keep: Keep[T] | None
    ) -> Reply[T]:
        prompt = prompt_of(question)
        order = _order(question, route, prompt)
        used_up = self._reserving.reserve(order)
        if used_up is not None:
            return _refused(route, (LlmOutcome.OVER_BUDGET, used_up))
        attempted = send(provider, route, prompt)
        self._endpoints.note(route, attempted)
        answer = None if attempted.sent is None else parsed(attempted.sent.text, question.answer)
        outcome, detail = told(attempted, follows_schema=answer is not None)
        reply = Reply(
            outcome=outcome,
            detail=detail,
            answer=answer if outcome is LlmOutcome.ANSWERED else None,
            provider=route.provider,
            model=route.model,
        )
        settled = _settled(route, attempted, outcome)
        self._settle(order, settled, None if keep is None else lambda session: keep(session, reply))
        return reply

    def _settle(
        self, order: Order, settled: store.Settled, keep: Callable[[Session], None] | None
    ) -> None:
        try:
            with self._database.transaction() as session:
                store.settle(session, order.id, settled)
                if keep is not None:
                    keep(session)
        except Exception:
            if keep is not None:  # what was used counts, whatever becomes of the answer
                self._settle(order, settled, None)
            raise
        log_event(
            _log,
            "model asked",
            call=order.id,
            kind=order.kind,
            provider=order.provider,
            model=order.model,
            outcome=settled.outcome,
            tries=settled.tries,
        )

    def _trial(self, route: Route) -> TrialView:
        seconds = min(_TRIAL_SECONDS, route.timeout_seconds)
        question = Question(
            kind=None,
            instructions=_TRIAL_INSTRUCTIONS,
            material={"number": "The number is 7."},
            answer=TrialAnswer,
        )
        reply = self._asked(question, replace(route, timeout_seconds=seconds))
        return TrialView(
            provider=route.provider,
            model=route.model,
            outcome=reply.outcome,
            detail=reply.detail,
            seconds=reply.seconds,
        )


def _order(question: Question[T], route: Route, prompt: Prompt) -> Order:
    return Order(
        id=uuid4(),
        kind=str(question.kind or TRIAL),
        workflow_id=question.workflow_id,
        provider=route.provider,
        model=route.model,
        tokens=reservation(prompt, route.max_tokens),
        calls_per_hour=question.calls_per_hour,
    )


def _settled(route: Route, attempted: Attempted, outcome: LlmOutcome) -> store.Settled:
    usage = attempted.usage
    return store.Settled(
        outcome=outcome,
        tries=attempted.tries,
        counted_tokens=attempted.counted_tokens,
        usage=usage,
        cost=None if usage is None else cost_of(usage, route.prices),
    )


def _refused(route: Route, refusal: Refusal) -> Reply[T]:
    outcome, detail = refusal
    return Reply(outcome=outcome, detail=detail, provider=route.provider, model=route.model)

"""The state of models as people see it: what can be asked, and what calls have used."""

from collections.abc import Iterator
from dataclasses import dataclass

from hephaestus_core.contract.llm import CallKind, LlmOutcome
from hephaestus_core.db.engine import Database
from hephaestus_core.llm import store
from hephaestus_core.llm.endpoints import Endpoints, Refusal
from hephaestus_core.settings.config import Settings
from hephaestus_core.settings.llm_settings import Route, route_of


@dataclass(frozen=True, kw_only=True)
class LlmKindView:
    """Whether one kind of call can be made."""

    kind: str
    usable: bool
    outcome: LlmOutcome | None
    """What a call would come to without being sent; null: it would be sent."""
    detail: str
    provider: str | None
    model: str | None


@dataclass(frozen=True, kw_only=True)
class LlmView:
    """Whether the system can ask models, seen from one process, and what all calls have used."""

    usable: bool
    """Whether any kind of call can be made."""
    kinds: list[LlmKindView]
    tokens_per_hour: int
    tokens_per_workflow: int
    tokens_in_last_hour: int
    """Sent, received, and reserved by calls under way."""
    dollars_in_last_hour: float
    """As far as prices are known."""
    calls_in_last_hour: dict[str, int]
    """By outcome."""


@dataclass(frozen=True)
class LlmFigures:
    """What all calls of the last hour have used."""

    tokens: int
    dollars: float
    calls: dict[str, int]
    """By outcome."""


def figures(db: Database) -> LlmFigures:
    """Return what the calls of the last hour have used."""
    with db.reading() as session:
        return LlmFigures(
            tokens=store.used_in_hour(session),
            dollars=store.cost_of_hour(session),
            calls=dict.fromkeys(map(str, LlmOutcome), 0) | store.outcomes_of_hour(session),
        )


def state_of(db: Database, settings: Settings, endpoints: Endpoints) -> LlmView:
    """Return the state of models; nothing is sent."""
    kinds = [_kind(kind, settings, endpoints) for kind in CallKind]
    used = figures(db)
    return LlmView(
        usable=any(kind.usable for kind in kinds),
        kinds=kinds,
        tokens_per_hour=settings.llm_tokens_per_hour,
        tokens_per_workflow=settings.llm_tokens_per_workflow,
        tokens_in_last_hour=used.tokens,
        dollars_in_last_hour=used.dollars,
        calls_in_last_hour={outcome: n for outcome, n in used.calls.items() if n},
    )


def routes(settings: Settings) -> Iterator[Route]:
    """Yield each model that is configured, once."""
    found = [route_of(settings, kind) for kind in (None, *CallKind)]
    yield from {(r.provider, r.model): r for r in found if r is not None}.values()


def not_configured(kind: CallKind | None) -> Refusal:
    """Return the refusal of a call for which no model is configured."""
    assignment = "" if kind is None else f", or 'llm.model_assignments.{kind}'"
    text = (
        f"No model is configured; set 'llm.default_provider' and 'llm.default_model'{assignment}."
    )
    return LlmOutcome.NOT_CONFIGURED, text


def _kind(kind: CallKind, settings: Settings, endpoints: Endpoints) -> LlmKindView:
    route = route_of(settings, kind)
    if route is None:
        refusal: Refusal | None = not_configured(kind)
    else:
        refusal = endpoints.obstacle(route) or endpoints.rest(route)
    return LlmKindView(
        kind=str(kind),
        usable=refusal is None,
        outcome=None if refusal is None else refusal[0],
        detail=kind.sentence if refusal is None else refusal[1],
        provider=None if route is None else route.provider,
        model=None if route is None else route.model,
    )

"""Settings of the models that the system itself asks: providers, and one model per kind of call."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from hephaestus_core.contract.llm import CallKind
from hephaestus_core.contract.spelling import nearest
from hephaestus_core.settings.values import converted

if TYPE_CHECKING:
    from hephaestus_core.settings.config import Settings

Api = Literal["anthropic", "openai"]

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: What tokens are charged as, in a model's prices.
PRICES: Final = ("input", "output", "cache_read", "cache_write")
_NO_KEY_HERE: Final = "put the key into an environment variable, and name that in 'api_key_env'"


@dataclass(frozen=True, kw_only=True)
class ProviderSettings:
    """An endpoint for models."""

    api: Api = "openai"
    """The form of its calls: Anthropic's Messages, or OpenAI's Chat Completions."""
    base_url: str = ""
    """The URL that paths such as ``/chat/completions`` are added to."""
    api_key_env: str | None = None
    """Name of the environment variable with the key; None: it takes no key."""
    models: tuple[str, ...] = ()
    """The models that may be asked; empty: any."""
    prices: dict[str, Any] = field(default_factory=dict)
    """By model, dollars for a million tokens: ``input``, ``output``, ``cache_read`` and
    ``cache_write``."""


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """The model for one kind of call; what is left out is the default."""

    provider: str | None = None
    model: str | None = None
    max_tokens: int = 2000
    """Most tokens of the answer, including those that the model thinks with."""
    timeout_seconds: float = 20.0
    """Seconds for the whole call, with its retries."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """A model at a provider, with all that a call needs but the key itself."""

    provider: str
    model: str
    api: Api
    base_url: str
    api_key_env: str | None
    max_tokens: int
    timeout_seconds: float
    prices: Mapping[str, float]
    """Dollars for a million tokens; empty: not known."""


#: Providers whose settings may be left out.
KNOWN_PROVIDERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "anthropic": {
        "api": "anthropic",
        "base_url": "https://api.anthropic.com",
        "api_key_env": "ANTHROPIC_API_KEY",
    },
    "openai": {"base_url": "https://api.openai.com/v1", "api_key_env": "OPENAI_API_KEY"},
    "openrouter": {
        "base_url": "https://openrouter.ai/api/v1",
        "api_key_env": "OPENROUTER_API_KEY",
    },
    "groq": {"base_url": "https://api.groq.com/openai/v1", "api_key_env": "GROQ_API_KEY"},
}


def route_of(settings: "Settings", kind: CallKind | None) -> Route | None:
    """Return the model for a kind of call, or None if none is configured.

    Args:
        settings: they have no faults.
        kind: None: the default model.
    """
    assigned = Assignment()
    if kind is not None:
        assigned = _assignment(settings.llm_model_assignments.get(str(kind), {}))
    name = assigned.provider or settings.llm_provider
    model = assigned.model or settings.llm_model
    if not name or not model:
        return None
    provider = provider_of(settings, name)
    return Route(
        provider=name,
        model=model,
        api=provider.api,
        base_url=provider.base_url.rstrip("/"),
        api_key_env=provider.api_key_env,
        max_tokens=assigned.max_tokens,
        timeout_seconds=assigned.timeout_seconds,
        prices={key: float(value) for key, value in provider.prices.get(model, {}).items()},
    )


def provider_of(settings: "Settings", name: str) -> ProviderSettings:
    """Return the settings of a provider; they have no faults."""
    return ProviderSettings(**_values(ProviderSettings, _provider_mapping(settings, name)))


def llm_faults(settings: "Settings") -> Iterator[str]:
    """Yield a sentence for each fault; none shows what may be a key."""
    for name in settings.llm_providers:
        faults = [*_provider_faults(_provider_mapping(settings, str(name)))]
        yield from (f"llm_providers '{name}': {fault}" for fault in faults)
    known = [*dict.fromkeys([*settings.llm_providers, *KNOWN_PROVIDERS])]
    if settings.llm_provider is not None and settings.llm_provider not in known:
        yield f"'llm_provider': {_no_provider(settings.llm_provider, known)}"
    yield from _assignment_faults(settings, known)
    yield from _foreign_models(settings)


def _provider_mapping(settings: "Settings", name: str) -> Any:
    given = settings.llm_providers.get(name)
    if given is None:
        given = {}
    return {**KNOWN_PROVIDERS.get(name, {}), **given} if isinstance(given, Mapping) else given


def _provider_faults(raw: Any) -> Iterator[str]:
    if not isinstance(raw, Mapping):
        yield "expected names with values"
        return
    yield from _value_faults(ProviderSettings, raw)
    yield from _url_faults(raw.get("base_url", ""))
    variable = raw.get("api_key_env")
    if isinstance(variable, str) and not _VARIABLE.fullmatch(variable):
        yield f"'api_key_env' holds no name of a variable; {_NO_KEY_HERE}"
    prices = raw.get("prices", {})
    if isinstance(prices, Mapping):
        yield from price_faults(prices)


def _url_faults(url: object) -> Iterator[str]:
    if not isinstance(url, str):
        return
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1)
    except ValueError:
        yield "'base_url' is no URL"
        return
    if parts.username is not None or parts.password is not None:
        yield f"'base_url' holds a login; leave it out, and {_NO_KEY_HERE}"
    elif parts.query or parts.fragment:
        yield f"'base_url' has a part from '?' or '#' on; leave that out, and {_NO_KEY_HERE}"
    elif not usable:
        yield "expected 'base_url' to begin with https:// or http://"


def price_faults(prices: Mapping[Any, Any]) -> Iterator[str]:
    """Yield a sentence for each model whose prices cannot be used."""
    for model, given in prices.items():
        right = isinstance(given, Mapping) and all(
            key in PRICES and isinstance(value, int | float) and 0 <= value < float("inf")
            for key, value in given.items()
        )
        if not right or not {"input", "output"} <= set(given):
            yield (
                f"expected 'prices.{model}' to hold dollars for a million tokens: input and "
                "output, and perhaps cache_read and cache_write"
            )


def _assignment_faults(settings: "Settings", providers: list[str]) -> Iterator[str]:
    kinds = [str(kind) for kind in CallKind]
    for kind, raw in settings.llm_model_assignments.items():
        where = f"llm_model_assignments '{kind}'"
        if kind not in kinds:
            hint = nearest(str(kind), kinds)
            yield f"{where}: no such kind of call{hint}; known: {', '.join(kinds)}"
        elif not isinstance(raw, Mapping):
            yield f"{where}: expected names with values"
        else:
            yield from (f"{where}: {fault}" for fault in _value_faults(Assignment, raw))
            for name in ("max_tokens", "timeout_seconds"):
                if isinstance(raw.get(name), int | float) and raw[name] <= 0:
                    yield f"{where}: expected '{name}' to be more than 0"
            if raw.get("provider") is not None and raw["provider"] not in providers:
                yield f"{where}: {_no_provider(str(raw['provider']), providers)}"


def _no_provider(name: str, known: list[str]) -> str:
    return f"no provider {name!r}{nearest(name, known)}; describe it in llm_providers"


def _foreign_models(settings: "Settings") -> Iterator[str]:
    """Yield a fault for each model that its provider's ``models`` do not list."""
    named = [settings.llm_model_assignments.get(str(kind), {}) for kind in CallKind]
    for raw in [{}, *named]:
        if not isinstance(raw, Mapping):
            continue
        provider = str(raw.get("provider") or settings.llm_provider)
        model = str(raw.get("model") or settings.llm_model)
        listed = _provider_mapping(settings, provider)
        models = listed.get("models") if isinstance(listed, Mapping) else None
        if models and isinstance(models, list | tuple) and model not in [*models, "None"]:
            hint = nearest(model, [str(each) for each in models])
            yield f"llm_providers '{provider}': its 'models' do not list {model!r}{hint}"


def _value_faults(kind: type[Any], raw: Mapping[Any, Any]) -> Iterator[str]:
    types = {f.name: f.type for f in fields(kind)}
    for key, value in raw.items():
        if key not in types:
            secret = "key" in str(key).lower()
            hint = f"; {_NO_KEY_HERE}" if secret else nearest(str(key), list(types))
            yield f"unknown key '{key}'{hint}"
            continue
        try:
            converted(value, types[key])
        except ValueError as error:
            yield f"'{key}': {error}"


def _values(kind: type[Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    types = {f.name: f.type for f in fields(kind)}
    return {key: converted(value, types[key]) for key, value in raw.items()}


def _assignment(raw: Mapping[str, Any]) -> Assignment:
    return Assignment(**_values(Assignment, raw))

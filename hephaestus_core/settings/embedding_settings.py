"""Settings of vectors: the embedder that turns texts into them, and the copy in Qdrant."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from hephaestus_core.contract.spelling import nearest
from hephaestus_core.settings.llm_settings import KNOWN_PROVIDERS, provider_of

if TYPE_CHECKING:
    from hephaestus_core.settings.config import Settings

#: Embedders that run in the process that needs them.
WORDLLAMA: Final = "wordllama"
FASTEMBED: Final = "fastembed"
_LOCAL: Final = (WORDLLAMA, FASTEMBED)
#: Dimensions of the model whose weights lie in the package.
WORDLLAMA_DIMENSION: Final = 256
#: The largest vector that is taken.
MOST_DIMENSIONS: Final = 4096
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class EmbedderChoice:
    """An embedder, with all that is needed to make it but the key itself."""

    provider: str
    model: str
    base_url: str = ""
    """Empty: it runs in the process."""
    api_key_env: str | None = None
    dimension: int | None = None
    """Numbers of a vector that the endpoint is asked for; None: as many as the model makes."""

    @property
    def name(self) -> str:
        """Return the embedder's name for people."""
        return f"{self.provider}/{self.model}"


def embedder_choice(settings: "Settings") -> EmbedderChoice:
    """Return the embedder of the settings, which have no faults."""
    name = settings.embedding_provider
    if name == WORDLLAMA:
        return EmbedderChoice(
            provider=name, model=settings.embedding_model or "l2_supercat", dimension=256
        )
    if name == FASTEMBED:
        return EmbedderChoice(provider=name, model=settings.embedding_model or "")
    provider = provider_of(settings, name)
    return EmbedderChoice(
        provider=name,
        model=settings.embedding_model or "",
        base_url=provider.base_url.rstrip("/"),
        api_key_env=provider.api_key_env,
        dimension=settings.embedding_dimension,
    )


def embedding_faults(settings: "Settings") -> Iterator[str]:
    """Yield a sentence for each fault of the settings of vectors."""
    yield from _embedder_faults(settings)
    yield from _qdrant_faults(settings)


def _embedder_faults(settings: "Settings") -> Iterator[str]:
    name = settings.embedding_provider
    endpoints = [*dict.fromkeys([*settings.llm_providers, *KNOWN_PROVIDERS])]
    known = [*_LOCAL, *(each for each in endpoints if _speaks_openai(settings, each))]
    if name not in known:
        hint = nearest(name, known)
        yield (
            f"'embedding_provider': no embedder {name!r}{hint}; known: {', '.join(known)}, and "
            "every provider in llm_providers whose api is openai"
        )
    elif name != WORDLLAMA and not settings.embedding_model:
        yield f"'embedding_model': expected the name of a model of {name}"
    elif name == WORDLLAMA and settings.embedding_model not in {None, "l2_supercat"}:
        yield "'embedding_model': wordllama has one model here, l2_supercat; leave it out"
    dimension = settings.embedding_dimension
    if dimension is None:
        return
    if name in _LOCAL:
        yield f"'embedding_dimension': {name} has its own; leave it out"
    elif not 0 < dimension <= MOST_DIMENSIONS:
        yield f"'embedding_dimension': expected 1 to {MOST_DIMENSIONS} (found {dimension})"


def _speaks_openai(settings: "Settings", name: str) -> bool:
    given = settings.llm_providers.get(name)
    api = given.get("api") if isinstance(given, dict) else None
    return str(api or KNOWN_PROVIDERS.get(name, {}).get("api", "openai")) == "openai"


def _qdrant_faults(settings: "Settings") -> Iterator[str]:
    if settings.qdrant_url is not None:
        yield from _url_faults(settings.qdrant_url)
    variable = settings.qdrant_api_key_env
    if variable is not None and not _VARIABLE.fullmatch(variable):
        yield (
            "'qdrant_api_key_env' holds no name of a variable; put the key into an environment "
            "variable, and name that here"
        )


def _url_faults(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        usable = usable and (parts.port or 1) > 0
    except ValueError:
        yield "'qdrant_url' is no URL"
        return
    if parts.username is not None or parts.password is not None:
        yield "'qdrant_url' holds a login; leave it out, and name a key in qdrant_api_key_env"
    elif not usable:
        yield "'qdrant_url': expected a URL that begins with http:// or https://"

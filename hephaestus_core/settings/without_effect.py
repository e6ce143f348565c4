"""Settings that have no effect beside the others: whoever sets one is told so."""

from typing import Final

from hephaestus_core.contract.llm import CallKind
from hephaestus_core.settings.config import Settings
from hephaestus_core.settings.llm_settings import route_of

_THRESHOLD: Final = (
    "similarity_threshold: set, but no model judges duplicates, and rules need none "
    "(see docs/duplicates.md)"
)
_MODEL: Final = (
    "llm_model: set, but no model is asked without llm_provider; the model of agents is set by "
    "cli_model"
)


def warning_of(settings: Settings) -> str | None:
    """Return a sentence that names what was set in vain; None: nothing was."""
    sentences = []
    is_set = settings.similarity_threshold != Settings().similarity_threshold
    if is_set and route_of(settings, CallKind.DUPLICATE_JUDGE) is None:
        sentences.append(_THRESHOLD)
    if settings.llm_model is not None and settings.llm_provider is None:
        sentences.append(_MODEL)
    return "; ".join(sentences) or None

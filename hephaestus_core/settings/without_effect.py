"""Settings that nothing acts on yet: whoever sets one is told so."""

from collections.abc import Iterator
from typing import Final

from hephaestus_core.settings.config import Settings

WITHOUT_EFFECT: Final = ("similarity_threshold",)


def warning_of(settings: Settings) -> str | None:
    """Return a sentence that names what was set in vain; None: nothing was."""
    sentences = []
    if names := [*_changed(settings, WITHOUT_EFFECT)]:
        text = "set, but this version does not act on it; a later one does"
        sentences.append(f"{', '.join(names)}: {text}")
    if settings.llm_model is not None and settings.llm_provider is None:
        text = "llm_model: set, but no model is asked without llm_provider"
        sentences.append(f"{text}; the model of agents is set by cli_model")
    return "; ".join(sentences) or None


def _changed(settings: Settings, names: tuple[str, ...]) -> Iterator[str]:
    defaults = Settings()
    yield from (name for name in names if getattr(settings, name) != getattr(defaults, name))

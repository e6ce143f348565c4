"""Settings that nothing acts on yet: whoever sets one is told so."""

from collections.abc import Iterator
from typing import Final

from hephaestus_core.settings.config import Settings

WITHOUT_EFFECT: Final = ("similarity_threshold",)
#: Settings of models that only a trial asks unless hints on tasks are switched on.
ONLY_TRIED: Final = (
    "llm_provider",
    "llm_model",
    "llm_providers",
    "llm_model_assignments",
)


def warning_of(settings: Settings) -> str | None:
    """Return a sentence that names what was set in vain; None: nothing was."""
    sentences = []
    if names := [*_changed(settings, WITHOUT_EFFECT)]:
        text = "set, but this version does not act on it; a later one does"
        sentences.append(f"{', '.join(names)}: {text}")
    if not settings.task_enrichment_enabled and (names := [*_changed(settings, ONLY_TRIED)]):
        text = "set, but only `hephaestus doctor --llm` asks these models"
        hint = "; the model of agents is set by cli_model" if "llm_model" in names else ""
        sentences.append(f"{', '.join(names)}: {text}{hint}")
    return "; ".join(sentences) or None


def _changed(settings: Settings, names: tuple[str, ...]) -> Iterator[str]:
    defaults = Settings()
    yield from (name for name in names if getattr(settings, name) != getattr(defaults, name))

"""Settings that nothing acts on yet: whoever sets one is told so."""

from typing import Final

from hephaestus_core.settings.config import Settings

WITHOUT_EFFECT: Final = (
    "task_deduplication_enabled",
    "similarity_threshold",
    "related_threshold",
    "llm_provider",
    "llm_model",
    "llm_providers",
    "llm_model_assignments",
)


def warning_of(settings: Settings) -> str | None:
    """Return a sentence that names what was set in vain; None: nothing was."""
    defaults = Settings()
    names = [n for n in WITHOUT_EFFECT if getattr(settings, n) != getattr(defaults, n)]
    if not names:
        return None
    hint = "; the model of agents is set by cli_model" if "llm_model" in names else ""
    return f"{', '.join(names)}: set, but this version does not act on it; a later one does{hint}"

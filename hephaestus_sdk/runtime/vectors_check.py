"""Checks of the embedder that makes vectors, as far as this machine can tell."""

import os
from collections.abc import Mapping
from importlib.util import find_spec

from hephaestus_core.settings.config import Settings
from hephaestus_core.settings.embedding_settings import WORDLLAMA, EmbedderChoice, embedder_choice


def found(settings: Settings, environ: Mapping[str, str] = os.environ) -> tuple[bool, str]:
    """Return whether the embedder can be used here, and a sentence; nothing is sent."""
    choice = embedder_choice(settings)
    fault = _fault(choice, environ)
    if fault is not None:
        return False, fault
    told = f"{choice.name} makes vectors"
    if choice.provider == WORDLLAMA:
        told += "; memories are searched by words, since it knows no more (see docs/vectors.md)"
    if settings.qdrant_url is not None:
        told += f"; a copy in Qdrant at {settings.qdrant_url}"
    return True, f"{told}; `hephaestus vectors` shows what waits"


def _fault(choice: EmbedderChoice, environ: Mapping[str, str]) -> str | None:
    if not choice.base_url and find_spec(choice.provider) is None:
        return (
            f"the package for {choice.provider} is missing, so searches go on by words: "
            f"pip install {choice.provider}"
        )
    if choice.api_key_env is not None and not environ.get(choice.api_key_env):
        return (
            f"{choice.api_key_env} with the key for {choice.provider} is not set here; "
            "set it where the server and the workers are started"
        )
    return None

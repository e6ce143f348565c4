"""Checks of the models that the system itself asks, as far as this machine can tell."""

import os
from collections.abc import Mapping
from importlib.util import find_spec

from hephaestus_core.contract.llm import CallKind
from hephaestus_core.settings.config import Settings
from hephaestus_core.settings.installation import install_command
from hephaestus_core.settings.llm_settings import Route, route_of

NONE = "no model is configured; everything works without one (see docs/llm.md)"


def found(settings: Settings, environ: Mapping[str, str] = os.environ) -> tuple[bool, str]:
    """Return whether what is configured can be used here, and a sentence; nothing is sent."""
    routes = {kind: route for kind in CallKind if (route := route_of(settings, kind))}
    faults = dict.fromkeys(text for route in routes.values() if (text := _fault(route, environ)))
    if faults:
        return False, "; ".join(faults)
    told = [f"{kind}: {route.model} at {route.provider}" for kind, route in routes.items()]
    return True, "; ".join(told) or NONE


def _fault(route: Route, environ: Mapping[str, str]) -> str | None:
    if find_spec(route.api) is None:
        extra = "openai" if route.api == "openai" else "server"
        return f"the package for {route.provider} is missing; run: {install_command(extra)}"
    if route.api_key_env is not None and not environ.get(route.api_key_env):
        return (
            f"{route.api_key_env} with the key for {route.provider} is not set here; "
            "set it where the server and the workers are started"
        )
    return None

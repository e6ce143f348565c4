"""The endpoints that a process calls: their keys, their clients, and their rests after failures."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.llm.calls import Attempted
from hephaestus_core.llm.providers import NO_KEY, Provider
from hephaestus_core.llm.rules import rest_after
from hephaestus_core.settings.installation import install_command
from hephaestus_core.settings.llm_settings import Api, Route

#: An outcome other than an answer, and a sentence for people.
Refusal = tuple[LlmOutcome, str]

#: Loggers that write whole prompts at the level DEBUG, or a line for each request.
_TALKATIVE: Final = ("anthropic", "openai", "httpx2", "httpcore2")
_RESTFUL: Final = {LlmOutcome.RATE_LIMITED, LlmOutcome.UNAVAILABLE, LlmOutcome.TIMED_OUT}


class Endpoints:
    """Clients by endpoint and key; threads share them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._lock = threading.Lock()
        self._providers: dict[tuple[Api, str, str], Provider] = {}
        self._rests: dict[str, float] = {}

    def find(self, route: Route) -> Provider | Refusal:
        """Return the client for a model, or why there is none here."""
        key = self._key(route)
        if isinstance(key, tuple):
            return key
        try:
            with self._lock:
                return self._client(route, key)
        except ModuleNotFoundError:
            text = f"is not installed; run: {install_command('server', 'openai')}."
            return LlmOutcome.PACKAGE_MISSING, f"The package for {route.provider} {text}"

    def obstacle(self, route: Route) -> Refusal | None:
        """Return why there is no client for a model here; None: there is one."""
        found = self.find(route)
        return found if isinstance(found, tuple) else None

    def rest(self, route: Route) -> Refusal | None:
        """Return the rest that the provider of a model is given; None: it may be called."""
        left = self._rests.get(route.provider, 0.0) - time.monotonic()
        if left <= 0:
            return None
        return LlmOutcome.RESTING, f"{route.provider} failed; it is called again in {left:.0f} s."

    def note(self, route: Route, attempted: Attempted) -> None:
        """Leave a provider alone for a while if all tries of a call have failed by its fault."""
        failed = attempted.failed
        if failed is None:
            self._rests.pop(route.provider, None)
        elif failed.outcome in _RESTFUL:
            self._rests[route.provider] = time.monotonic() + rest_after(failed.retry_after)

    def _key(self, route: Route) -> str | Refusal:
        if route.api_key_env is None:
            return NO_KEY
        key = self._environ.get(route.api_key_env, "").strip()
        variable = f"The variable {route.api_key_env} with the key for {route.provider}"
        if not key:
            text = (
                "is not set in this process; set it where the server and the workers are started."
            )
            return LlmOutcome.KEY_MISSING, f"{variable} {text}"
        if not (key.isascii() and key.isprintable()):
            return LlmOutcome.KEY_MISSING, f"{variable} holds characters that no key has."
        return key

    def _client(self, route: Route, key: str) -> Provider:
        place = (route.api, route.base_url, key)
        if place not in self._providers:
            self._providers[place] = _API[route.api](route.base_url, key)
            for name in _TALKATIVE:
                logging.getLogger(name).setLevel(logging.WARNING)
        return self._providers[place]


def _anthropic(base_url: str, key: str) -> Provider:
    # Put off: the package takes a second to import, and most processes ask no model.
    from hephaestus_core.llm.anthropic_api import AnthropicApi

    return AnthropicApi(base_url, key)


def _openai(base_url: str, key: str) -> Provider:
    # An extra of its own.
    from hephaestus_core.llm.openai_api import OpenAiApi

    return OpenAiApi(base_url, key)


_API: Final[Mapping[Api, Callable[[str, str], Provider]]] = {
    "anthropic": _anthropic,
    "openai": _openai,
}

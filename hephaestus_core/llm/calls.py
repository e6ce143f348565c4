"""One call with its tries: each begins only while time is left, and none may be charged twice."""

import random
import time
from dataclasses import dataclass
from itertools import count

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.llm.providers import Provider, TryFailed
from hephaestus_core.llm.rules import pause_before
from hephaestus_core.llm.views import Prompt, Sent, Usage
from hephaestus_core.settings.llm_settings import Route


@dataclass(frozen=True)
class Attempted:
    """What came of all tries of a call: an answer of the provider, or the last failure."""

    tries: int
    sent: Sent | None = None
    failed: TryFailed | None = None

    @property
    def usage(self) -> Usage | None:
        """Return what the provider says was used; None: it says nothing."""
        return None if self.sent is None else self.sent.usage

    @property
    def counted_tokens(self) -> int | None:
        """Return what the budgets count; None: not known, and the reservation stays."""
        if self.usage is not None:
            return self.usage.tokens
        return 0 if self.failed is not None and not self.failed.charged else None


def send(provider: Provider, route: Route, prompt: Prompt) -> Attempted:
    """Send a call within ``route.timeout_seconds``, again after failures that cost nothing."""
    deadline = time.monotonic() + route.timeout_seconds
    for tries in count(1):
        left = deadline - time.monotonic()
        try:
            return Attempted(tries, sent=provider.send(route, prompt, timeout=left))
        except TryFailed as failed:
            pause = _pause_after(failed, tries, deadline)
            if pause is None:
                return Attempted(tries, failed=failed)
        time.sleep(pause)
    raise AssertionError("counted to the end")


def told(attempted: Attempted, *, follows_schema: bool) -> tuple[LlmOutcome, str]:
    """Return the outcome of a call, with a sentence for people."""
    if attempted.failed is not None:
        return attempted.failed.outcome, attempted.failed.detail
    sent = attempted.sent
    if sent is not None and sent.outcome is not LlmOutcome.ANSWERED:
        return sent.outcome, sent.detail or sent.outcome.sentence
    outcome = LlmOutcome.ANSWERED if follows_schema else LlmOutcome.OFF_SCHEMA
    return outcome, outcome.sentence


def _pause_after(failed: TryFailed, tries: int, deadline: float) -> float | None:
    if not failed.again:
        return None
    left = deadline - time.monotonic()
    chance = random.random()
    return pause_before(tries, retry_after=failed.retry_after, left=left, chance=chance)

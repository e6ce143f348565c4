"""The protocol of providers, and what every one of them makes of a failed try."""

from typing import Any, Final, Protocol

import httpx2

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.contract.repository_urls import MASK, masked_logins
from hephaestus_core.contract.texts import plain
from hephaestus_core.llm.views import Prompt, Sent
from hephaestus_core.settings.llm_settings import Route

#: Statuses of HTTP after which the same call may succeed.
_AGAIN: Final = {408, 409, 429}
_FIRST_OF_SERVER: Final = 500
_DETAIL_LIMIT: Final = 200
#: What reading an answer of another form raises, beside the errors of the SDKs.
MISSHAPEN: Final = (AttributeError, IndexError, RecursionError, TypeError, ValueError)
#: In place of a key for an endpoint that takes none; the SDKs demand one.
NO_KEY: Final = "none"


class Provider(Protocol):
    """One endpoint; threads share it."""

    def send(self, route: Route, prompt: Prompt, *, timeout: float) -> Sent:
        """Send one try and return the answer; ``timeout`` is in seconds.

        Raises:
            TryFailed: there is no answer.
        """
        ...


class TryFailed(Exception):
    """One try without an answer.

    ``again`` says whether another may succeed, ``charged`` whether this one may have used tokens.
    """

    def __init__(
        self,
        outcome: LlmOutcome,
        detail: str,
        *,
        again: bool = False,
        charged: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.detail = detail
        self.again = again
        self.charged = charged
        self.retry_after = retry_after


def without_key(text: str, key: str) -> str:
    """Return a bounded text of an endpoint that is safe to log and show."""
    hidden = text.replace(key, MASK) if len(key) > len(NO_KEY) else text
    return plain(masked_logins(hidden))[:_DETAIL_LIMIT].replace("\n", " ")


def unanswered(error: Exception) -> TryFailed:
    """Return the failure of a try whose connection failed; nothing of the error is shown."""
    cause = error.__cause__
    if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
        text = "No connection to the provider; check its base_url and the network."
        return TryFailed(LlmOutcome.UNAVAILABLE, text, again=True)
    if isinstance(cause, httpx2.TimeoutException):
        return TryFailed(LlmOutcome.TIMED_OUT, "The answer did not come in time.", charged=True)
    text = "The connection to the provider broke off."
    return TryFailed(LlmOutcome.UNAVAILABLE, text, charged=True)


def misshapen() -> TryFailed:
    """Return the failure of a try whose answer is not in the form of the API."""
    text = "The answer is not in the form of the API; check the provider's 'api' and 'base_url'."
    return TryFailed(LlmOutcome.OFF_SCHEMA, text, charged=True)


def answered_with(status: int, headers: Any, said: str) -> TryFailed:
    """Return the failure of a try that was answered with an error."""
    wait = _seconds(headers.get("retry-after"))
    told = f"The provider answered {status}: {said}"
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        return TryFailed(LlmOutcome.RATE_LIMITED, told, again=True, retry_after=wait)
    if status in _AGAIN or status >= _FIRST_OF_SERVER:
        return TryFailed(LlmOutcome.UNAVAILABLE, told, again=True, retry_after=wait)
    return TryFailed(LlmOutcome.REJECTED, told)


def _seconds(text: str | None) -> float | None:
    """Return the seconds of a header ``retry-after``; a date is not one, and counts as absent."""
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None

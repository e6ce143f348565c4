"""Pure decisions about calls to models: reservations, pauses, and costs."""

from collections.abc import Mapping
from typing import Final

from hephaestus_core.llm.views import Prompt, Usage

#: Most tries of one call.
TRIES: Final = 4
#: Seconds for which a provider is left alone after a failure that says no time itself.
REST_SECONDS: Final = 10.0
#: Longest rest, in seconds, whatever a provider asks for.
LONGEST_REST: Final = 3600.0

_FIRST_PAUSE: Final = 0.5
#: Least seconds of a try that is worth its beginning.
_LEAST_TRY: Final = 0.2
#: The frame that an API puts around texts and schema, in tokens.
_FRAME: Final = 500
#: No endpoint is believed a larger number of tokens or dollars.
_BELIEVED: Final = 100_000_000


def reservation(prompt: Prompt, max_tokens: int) -> int:
    """Return how many tokens a call uses at most: no token is shorter than a byte."""
    texts = (prompt.system, prompt.message, repr(prompt.schema))
    return sum(len(text.encode("utf-8", "replace")) for text in texts) + _FRAME + max_tokens


def pause_before(
    tries: int, *, retry_after: float | None, left: float, chance: float
) -> float | None:
    """Return the seconds to wait before the next try; None: there is none.

    Args:
        tries: those that have failed.
        retry_after: seconds that the provider asks for.
        left: seconds until the call must have ended.
        chance: from 0 to 1; it spreads the tries of many processes.
    """
    if tries >= TRIES:
        return None
    pause = _FIRST_PAUSE * 2.0 ** (tries - 1) * (0.5 + chance / 2)
    if retry_after is not None:
        pause = retry_after + chance * _FIRST_PAUSE
    return pause if pause + _LEAST_TRY < left else None


def rest_after(retry_after: float | None) -> float:
    """Return for how many seconds a provider is left alone after a call that failed."""
    return REST_SECONDS if retry_after is None else min(retry_after, LONGEST_REST)


def believable(number: object) -> int:
    """Return a count of tokens from an endpoint, within bounds; 0 if it is no number."""
    if not isinstance(number, int) or isinstance(number, bool):
        return 0
    return max(0, min(number, _BELIEVED))


def believable_cost(number: object) -> float | None:
    """Return the dollars that an endpoint names; None if that is no sum of money."""
    if not isinstance(number, int | float) or isinstance(number, bool):
        return None
    return float(number) if 0 <= number <= _BELIEVED else None


def cost_of(usage: Usage, prices: Mapping[str, float]) -> float | None:
    """Return the dollars that a call has cost; None: not known."""
    if usage.cost is not None or not prices:
        return usage.cost
    sums = {
        "input": usage.input_tokens,
        "output": usage.output_tokens,
        "cache_read": usage.cache_read_tokens,
        "cache_write": usage.cache_write_tokens,
    }
    return sum(n * prices.get(key, prices["input"]) for key, n in sums.items()) / 1_000_000

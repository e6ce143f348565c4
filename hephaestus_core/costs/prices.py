"""The price of a turn: by setting, by the program's own account, or from the public list.

The list is data of the package ``genai-prices``; nothing is fetched.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final

from hephaestus_core.costs.views import PriceSource, Tokens, Turn

#: Dollars for a million tokens: ``input``, ``output``, ``cache_read`` and ``cache_write``.
OwnPrices = Mapping[str, Mapping[str, float]]

_MILLION: Final = 1_000_000
_PLACES: Final = Decimal("1e-9")


def price(turn: Turn, own: OwnPrices) -> tuple[Decimal | None, PriceSource | None]:
    """Return the dollars of a turn and where they come from; None, None: not known.

    A price by setting is what a person says that they pay. A program knows the price that its
    endpoint names, but notes 0 where it knows none, so only an amount counts.
    """
    for name in _names(turn.model):
        if name in own:
            return _by_setting(turn.tokens, own[name]), PriceSource.SETTING
    if turn.cost:
        return Decimal(turn.cost).quantize(_PLACES), PriceSource.PROGRAM
    listed = _by_list(turn.tokens, turn.model) if turn.model else None
    return listed, None if listed is None else PriceSource.LIST


def _by_setting(tokens: Tokens, prices: Mapping[str, float]) -> Decimal:
    per_token = {
        "input": tokens.input_tokens,
        "output": tokens.output_tokens,
        "cache_read": tokens.cache_read_tokens,
        "cache_write": tokens.cache_creation_tokens,
    }
    dollars = sum(n * prices.get(key, prices["input"]) for key, n in per_token.items()) / _MILLION
    return Decimal(dollars).quantize(_PLACES)


@lru_cache(maxsize=4096)
def _by_list(tokens: Tokens, model: str) -> Decimal | None:
    # Loaded late: most processes never price a turn.
    from genai_prices import Usage, calc_price

    usage = Usage(
        input_tokens=tokens.input_tokens + tokens.cache_read_tokens + tokens.cache_creation_tokens,
        output_tokens=tokens.output_tokens,
        cache_read_tokens=tokens.cache_read_tokens,
        cache_write_tokens=tokens.cache_creation_tokens,
    )
    for name in _names(model):
        try:
            return calc_price(usage, name).total_price.quantize(_PLACES)
        except (LookupError, ValueError):
            continue
    return None


def _names(model: str | None) -> Iterator[str]:
    """Yield the names under which a model may have a price: its own, then without its provider."""
    while model:
        yield model
        model = model.partition("/")[2]

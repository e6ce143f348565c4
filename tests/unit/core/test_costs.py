"""What turns used: what is believed, how readings agree, and what it cost."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.costs.prices import price
from hephaestus_core.costs.rules import MOST_TOKENS, believed, by_key, latest
from hephaestus_core.costs.views import PriceSource, Tokens, Turn

COUNT = st.integers(0, 1000)
TOKENS = st.builds(Tokens, COUNT, COUNT, COUNT, COUNT)
READINGS = st.lists(st.builds(Turn, st.sampled_from(["a", "b", "c"]), TOKENS), max_size=12)


@given(READINGS, st.randoms())
def test_readings_may_come_again_and_in_any_order(turns: list[Turn], chance: object) -> None:
    again = turns + turns
    chance.shuffle(again)  # type: ignore[attr-defined]
    assert by_key(again) == by_key(turns)


def test_numbers_of_a_turn_only_grow() -> None:
    first, last = Turn("1", Tokens(10, 1), "m"), Turn("1", Tokens(10, 7), "other", 0.5)
    assert latest(first, last) == Turn("1", Tokens(10, 7), "m", 0.5)
    assert latest(last, first).tokens == Tokens(10, 7)


@pytest.mark.parametrize("tokens", [-1, MOST_TOKENS + 1])
@pytest.mark.parametrize("cost", [-0.1, float("nan"), float("inf"), 1e9])
def test_what_no_program_means_counts_as_nothing(tokens: int, cost: float) -> None:
    turn = believed(Turn("k" * 5000, Tokens(tokens, 3), "m\0\ud800" * 500, cost))
    assert (turn.tokens, turn.cost, len(turn.key)) == (Tokens(0, 3), None, 64)
    assert turn.model is not None
    assert len(turn.model) <= 200
    assert "\0" not in turn.model
    assert by_key([Turn("1", Tokens(-5))]) == {}


MILLION = Tokens(1_000_000, 100_000, 2_000_000, 10_000)


def test_the_list_prices_known_models_with_and_without_a_provider() -> None:
    # claude-haiku-4-5: $1, $5, $0.10 and $1.25 for a million.
    expected = Decimal(1) + Decimal("0.5") + Decimal("0.2") + Decimal("0.0125")
    for name in ("claude-haiku-4-5", "anthropic/claude-haiku-4-5", "a/b/claude-haiku-4-5"):
        assert price(Turn("1", MILLION, name), {}) == (expected, PriceSource.LIST)


def test_a_setting_goes_before_the_program_and_that_before_the_list() -> None:
    own = {"claude-haiku-4-5": {"input": 2, "output": 3, "cache_read": 0}}
    turn = Turn("1", MILLION, "anthropic/claude-haiku-4-5", 0.75)
    assert price(turn, own) == (Decimal("2.32"), PriceSource.SETTING)
    assert price(turn, {}) == (Decimal("0.75"), PriceSource.PROGRAM)
    without = Turn("1", MILLION, "anthropic/claude-haiku-4-5", 0.0)
    assert price(without, {})[1] == PriceSource.LIST, "programs note 0 where they know no price"


@pytest.mark.parametrize("model", [None, "", "held-out", "/", "no/such/model", "x" * 200])
def test_unknown_models_have_no_price(model: str | None) -> None:
    assert price(Turn("1", MILLION, model), {}) == (None, None)

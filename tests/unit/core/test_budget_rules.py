"""How a budget stands, and which agents end once it is spent."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.budgets.rules import ends, share, status_of, used_of
from hephaestus_core.contract.budgets import Amount
from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.statuses import AgentStatus, BudgetAction, BudgetStatus
from hephaestus_core.costs.views import Spent

ORDER = [BudgetStatus.OPEN, BudgetStatus.NEAR, BudgetStatus.SPENT]
spent = st.builds(
    Spent,
    input_tokens=st.integers(0, 10**9),
    output_tokens=st.integers(0, 10**9),
    cache_read_tokens=st.integers(0, 10**9),
    dollars=st.floats(0, 10**6),
    unpriced_tokens=st.integers(0, 10**9),
)
dollars = st.none() | st.floats(0.01, 10**6)
tokens = st.none() | st.integers(1, 10**10)
amounts = st.builds(Amount, dollars, tokens).filter(lambda amount: amount != Amount())


@given(spent, amounts, st.floats(0, 1000), st.integers(0, 10**6))
def test_more_use_never_makes_a_budget_more_open(
    used: Spent, most: Amount, more: float, again: int
) -> None:
    later = replace(used, dollars=used.dollars + more, output_tokens=used.output_tokens + again)
    assert ORDER.index(status_of(later, most)) >= ORDER.index(status_of(used, most))


@given(spent, amounts)
def test_a_budget_is_spent_exactly_when_one_of_its_amounts_is_used_up(
    used: Spent, most: Amount
) -> None:
    reached = [
        most.dollars is not None and used.dollars >= most.dollars,
        most.tokens is not None and used.tokens >= most.tokens,
    ]
    assert (status_of(used, most) is BudgetStatus.SPENT) == any(reached)
    near = 0.8 <= share(used, most) < 1
    assert (status_of(used, most) is BudgetStatus.NEAR) == near


@given(spent, amounts)
def test_raising_to_more_than_is_used_opens_it(used: Spent, most: Amount) -> None:
    twice = Amount(
        None if most.dollars is None else (used.dollars + 1) * 2,
        None if most.tokens is None else (used.tokens + 1) * 2,
    )
    assert status_of(used, twice) is BudgetStatus.OPEN


def test_unpriced_tokens_are_in_no_dollars_and_are_said() -> None:
    used = Spent(input_tokens=5000, dollars=1.0, unpriced_tokens=4000)
    assert used_of(used, Amount(2.0)) == "$1.00 of $2.00, and 4,000 tokens without a known price"
    assert used_of(used, Amount(tokens=9000)) == "5,000 of 9,000 tokens"
    assert used_of(replace(used, unpriced_tokens=0), Amount(2.0, 9000)) == (
        "$1.00 of $2.00 and 5,000 of 9,000 tokens"
    )


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("status", list(AgentStatus))
def test_parking_waits_for_the_turn_stopping_does_not_and_warning_ends_nobody(
    status: AgentStatus, answered: bool
) -> None:
    can_end = status in {AgentStatus.WORKING, AgentStatus.IDLE}
    between_turns = answered or status is AgentStatus.IDLE
    assert not ends(BudgetAction.WARN, status, answered=answered)
    assert ends(BudgetAction.STOP, status, answered=answered) == can_end
    assert ends(BudgetAction.PARK, status, answered=answered) == (can_end and between_turns)


@pytest.mark.parametrize(
    "wrong",
    [Amount(), Amount(0), Amount(-1), Amount(float("nan")), Amount(2e6), Amount(tokens=0)],
)
def test_an_amount_out_of_bounds_is_refused(wrong: Amount) -> None:
    with pytest.raises(InvalidInput):
        wrong.checked()

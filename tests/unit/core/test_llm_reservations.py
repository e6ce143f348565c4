"""Which calls their budgets allow."""

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.llm.reservations import Limits, Order, Used, refusals

WORKFLOWS = [None, UUID(int=1), UUID(int=2)]


@st.composite
def some_orders(draw: st.DrawFn) -> list[Order]:
    drawn = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["trajectory", "duplicate_judge"]),
                st.sampled_from(WORKFLOWS),
                st.integers(0, 60),
                st.none() | st.integers(0, 4),
            ),
            max_size=20,
        )
    )
    return [
        Order(
            id=uuid4(),
            kind=kind,
            workflow_id=workflow,
            provider="p",
            model="m",
            tokens=tokens,
            calls_per_hour=calls,
        )
        for kind, workflow, tokens, calls in drawn
    ]


@given(some_orders(), some_orders())
def test_no_budget_is_ever_exceeded(first: list[Order], second: list[Order]) -> None:
    used, limits = Used(), Limits(per_hour=200, per_workflow=90)
    told = refusals(first, used, limits) + refusals(second, used, limits)
    allowed = [o for o, reason in zip([*first, *second], told, strict=True) if reason is None]
    assert used.tokens == sum(order.tokens for order in allowed) <= 200
    for workflow in WORKFLOWS[1:]:
        assert sum(o.tokens for o in allowed if o.workflow_id == workflow) <= 90
    for number, order in enumerate(allowed):
        before = sum(other.kind == order.kind for other in allowed[:number])
        assert order.calls_per_hour is None or before < order.calls_per_hour


@given(some_orders())
def test_calls_in_a_group_are_judged_as_one_after_the_other(orders: list[Order]) -> None:
    limits = Limits(per_hour=150, per_workflow=70)
    together, apart = Used(), Used()
    told = refusals(orders, together, limits)
    assert told == [refusals([order], apart, limits)[0] for order in orders]
    assert together == apart

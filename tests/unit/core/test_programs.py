import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.programs import Choice, chain, checked_fallbacks, choice

names = st.from_regex(r"[a-z][a-z0-9_-]{0,10}", fullmatch=True)
models = st.text(min_size=1, max_size=20)
choices = st.builds(Choice, names, st.none() | models)


@given(choices)
def test_a_choice_survives_being_written_down(chosen: Choice) -> None:
    assert choice(str(chosen)) == chosen


@given(choices, st.lists(choices, max_size=6))
def test_a_chain_tries_the_first_choice_first_and_each_other_once_in_order(
    first: Choice, others: list[Choice]
) -> None:
    tried = chain(first, [str(other) for other in others])
    assert tried[0] == str(first)
    assert len(set(tried)) == len(tried)
    assert set(tried) == {str(first), *map(str, others)}
    places = [tried.index(str(other)) for other in dict.fromkeys(others) if other != first]
    assert places == sorted(places)


def test_a_program_that_there_is_not_is_named_with_the_nearest() -> None:
    with pytest.raises(InvalidInput, match="did you mean 'codex'") as caught:
        checked_fallbacks(["claude:opus", "codxe:gpt"], "cli_fallback", {"claude", "codex"})
    assert caught.value.field == "cli_fallback[1]"

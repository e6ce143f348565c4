import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.programs import (
    Choice,
    Wish,
    chain,
    checked_program,
    choice,
    first_choice,
)

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
        checked_program("codxe", "cli_tool", {"claude", "codex"})
    assert caught.value.field == "cli_tool"


@pytest.mark.parametrize(
    ("task", "phase", "default", "started"),
    [
        # nobody asks for anything
        (Wish(), Wish(), Choice("claude"), Choice("claude")),
        (Wish(), Wish(), Choice("claude", "sonnet"), Choice("claude", "sonnet")),
        # the phase asks
        (Wish(), Wish("claude", "opus"), Choice("claude", "sonnet"), Choice("claude", "opus")),
        (Wish(), Wish("claude"), Choice("claude", "sonnet"), Choice("claude", "sonnet")),
        (Wish(), Wish("codex"), Choice("claude", "sonnet"), Choice("codex")),
        (Wish(), Wish(None, "opus"), Choice("claude", "sonnet"), Choice("claude", "opus")),
        # the task asks for another program: the phase's model is none of that one
        (Wish("codex"), Wish("claude", "opus"), Choice("claude", "sonnet"), Choice("codex")),
        (Wish("codex"), Wish(None, "opus"), Choice("claude", "sonnet"), Choice("codex")),
        (
            Wish("codex"),
            Wish("claude", "opus"),
            Choice("codex", "gpt-5"),
            Choice("codex", "gpt-5"),
        ),
        (
            Wish("codex", "gpt-5"),
            Wish("claude", "opus"),
            Choice("claude"),
            Choice("codex", "gpt-5"),
        ),
        # the task asks for the same program, or for a model alone
        (
            Wish("claude"),
            Wish("claude", "opus"),
            Choice("codex", "gpt-5"),
            Choice("claude", "opus"),
        ),
        (Wish(None, "haiku"), Wish("claude", "opus"), Choice("codex"), Choice("claude", "haiku")),
        (Wish(None, "haiku"), Wish(), Choice("claude", "sonnet"), Choice("claude", "haiku")),
    ],
)
def test_a_model_counts_only_for_the_program_that_it_was_named_with(
    task: Wish, phase: Wish, default: Choice, started: Choice
) -> None:
    assert first_choice(task, phase, default) == started

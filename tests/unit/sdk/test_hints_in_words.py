from hephaestus_sdk.api.views import TaskHints
from hephaestus_sdk.cli.hints import in_words


def test_hints_are_told_with_the_model_that_gave_them() -> None:
    hints = TaskHints(
        outcome="answered", model="m", done_when=("It has 20 rows.",), files=("a.py", "b.py")
    )
    told = "by m: perhaps done when: It has 20 rows.; look first at a.py; look first at b.py"
    assert in_words(hints) == told
    assert in_words(TaskHints(outcome="answered", model="m")) == "by m: it had none"


def test_without_hints_the_reason_is_told_if_a_model_was_to_give_some() -> None:
    hints = TaskHints(outcome="timed_out", detail="The answer did not come in time.")
    told = "none, and the agent starts without: The answer did not come in time."
    assert in_words(hints) == told
    assert in_words(None) is None

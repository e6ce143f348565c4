from typing import Any

from hephaestus_core.tasks.following import Followers, what_is_missing


def phase(*leads_to: Any) -> dict[str, Any]:
    return {"id": 1, "name": "prove", "leads_to": list(leads_to)}


def test_a_phase_that_leads_nowhere_misses_nothing() -> None:
    assert what_is_missing(phase(), Followers()) is None
    assert what_is_missing({"id": 1, "name": "stored before"}, Followers()) is None


def test_any_one_of_the_named_ways_is_enough() -> None:
    both = phase(2, "result")
    assert what_is_missing(both, Followers(phases=[2])) is None
    assert what_is_missing(both, Followers(result=True)) is None
    assert what_is_missing(both, Followers(joins=[2])) is None, "the system creates that task"
    assert what_is_missing(both, Followers(phases=[3])) is not None


def test_a_result_counts_only_where_it_is_named() -> None:
    assert what_is_missing(phase(2), Followers(result=True)) is not None


def test_a_reason_counts_and_blanks_are_none() -> None:
    assert what_is_missing(phase(2), Followers(), nothing_follows="by design") is None
    assert what_is_missing(phase(2), Followers(), nothing_follows="  \n") is not None


def test_the_refusal_says_what_is_missing_and_the_ways_out() -> None:
    said = what_is_missing(phase(2, 4, "result"), Followers())
    assert said == (
        "Not done yet: a task of phase 1 (prove) leads to a task of phase 2 or 4 or a result, and "
        "neither you nor an earlier attempt has made one. Call create_task with phase_id 2 or 4 or "
        "call submit_result, then report done again. If nothing has to follow, report done with "
        "nothing_follows and the reason."
    )
    assert "result" not in str(what_is_missing(phase(2), Followers()))
    assert "create_task" not in str(what_is_missing(phase("result"), Followers()))

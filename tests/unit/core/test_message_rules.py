from hephaestus_core.messages.rules import fitting


def test_as_many_as_fit_together_and_always_one() -> None:
    assert fitting([], 10) == 0
    assert fitting([11], 10) == 1
    assert fitting([11, 1], 10) == 1
    assert fitting([4, 6, 1], 10) == 2
    assert fitting([1, 2, 3], 10) == 3

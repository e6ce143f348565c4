import pytest

from hephaestus_core.contract.errors import InvalidInput, NotFound, RepositoryError
from hephaestus_core.contract.faults import MOST_FAULTS, Faults, SeveralFaults, each_of


def _noted(*faults: Exception) -> Faults:
    collected = Faults()
    for fault in faults:
        with collected.noted():
            raise fault
    return collected


def test_one_fault_stays_as_it_is_and_none_refuses_nothing() -> None:
    _noted().refuse()
    only = RepositoryError("There is none.", field="main_repo_path")
    with pytest.raises(RepositoryError) as refused:
        _noted(only).refuse()
    assert refused.value is only


def test_several_faults_are_told_together_each_with_its_field() -> None:
    inner = SeveralFaults([InvalidInput("One.", field="a"), InvalidInput("Two.", field="b")])
    with pytest.raises(SeveralFaults, match=r"One\. Two\. Three\.") as refused:
        _noted(inner, RepositoryError("Three.", field="c")).refuse()
    assert refused.value.code == "invalid_input"
    assert [fault.field for fault in each_of(refused.value)] == ["a", "b", "c"]
    assert refused.value.details["errors"][2] == {"field": "c", "detail": "Three."}


def test_no_more_than_a_few_are_told() -> None:
    several = SeveralFaults([InvalidInput(f"{n}.") for n in range(MOST_FAULTS + 1)])
    assert len(each_of(several)) == len(several.details["errors"]) == MOST_FAULTS
    assert several.message.endswith("19. There are more faults.")


def test_what_is_no_fault_of_an_input_is_raised_at_once() -> None:
    with pytest.raises(NotFound):
        _noted(NotFound("Gone."))

import pytest

from hephaestus_sdk.api.host_views import Host
from hephaestus_sdk.cli.hosts import clock_of


@pytest.mark.parametrize(
    ("ahead", "wrong", "words"),
    [
        (None, False, ""),
        (0.4, False, "ok"),
        (3600.4, True, "3600 s ahead"),
        (-2.2, True, "2 s behind"),
    ],
)
def test_a_wrong_clock_is_told_in_words(ahead: float | None, wrong: bool, words: str) -> None:
    assert clock_of(Host(name="a", clock_ahead_seconds=ahead, clock_wrong=wrong)) == words

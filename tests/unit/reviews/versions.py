"""A file of tests before and after a change."""

from hephaestus_worker.reviews.census import census_of
from hephaestus_worker.reviews.kept_tests import Version

WHOLE = """
def test_total():
    assert total([1, 2]) == 3
    assert total([]) == 0

def test_names():
    assert "a" in names()
"""


def version(path: str, before: str | None, after: str | None) -> Version:
    return Version(
        path, *(text if text is None else census_of(path, text) for text in (before, after))
    )

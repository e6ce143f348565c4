"""The plan of a feature: what makes one whole, and each thing that can be missing."""

import pytest

from hephaestus_worker.reviews.documents.plans import faults

PLAN = """\
# Export of notes

## Examples
- EX_01: Given two notes, when I export, then the file holds both.
- EX_02: given no note, when I export,
  then the file is empty.
- EX_03: Given a full disk, when I export, then I am told.

## Left out
Import.

## Files
- `notes/store.py`: gets a reader
- `notes/export.py` (new)

## Risks
- Large files.

## Slices
1. EX_01, the thinnest way through
2. EX_02 and EX_03
"""


def found(text: str) -> str:
    return "\n".join(faults(text, {"notes", "notes/store.py"}.__contains__, least=3))


def test_a_whole_plan_has_no_fault() -> None:
    assert found(PLAN) == ""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("## Risks", "## Dangers", "`Risks` is missing"),
        ("- EX_03: Given a full disk", "- Given a full disk", "2 examples with an id"),
        ("- EX_03", "- EX_02", "the same id"),
        ("then I am told.", "I am told.", "lacks `then`"),
        ("`notes/store.py`", "`notes/shop.py`", "`notes/shop.py` does not exist"),
        ("`notes/store.py`", "notes/store.py", "without backticks"),
        ("2. EX_02 and EX_03", "2. EX_02", "no slice has the example EX_03"),
        ("2. EX_02 and EX_03", "2. EX_02, EX_03, EX_04", "EX_04, which is no example"),
    ],
)
def test_a_fault_is_named(old: str, new: str, says: str) -> None:
    assert old in PLAN
    assert says in found(PLAN.replace(old, new))

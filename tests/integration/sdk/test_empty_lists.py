"""A list without an entry says so, and scripts find nothing on standard output."""

import pytest

from hephaestus_sdk import HephaestusSDK
from tests.integration.sdk.commands import Invoke, parsed

LISTS = [
    ("workflows", "--condition", "over"),
    ("tasks", "--status", "failed"),
    ("agents",),
    ("messages",),
    ("interventions",),
    ("reviews",),
    ("budgets",),
    ("questions",),
    ("memories",),
]


@pytest.mark.parametrize("command", LISTS)
def test_an_empty_list_says_so(
    invoke: Invoke, sdk: HephaestusSDK, command: tuple[str, ...]
) -> None:
    assert sdk.workflow_id
    assert invoke(*command) == (0, "there are none\n")
    assert parsed(invoke(*command, "--json")) == []

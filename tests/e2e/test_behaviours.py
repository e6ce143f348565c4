"""Mistakes of agents are caught before they reach the base branch; honest twins are not blocked.

All behaviours are played side by side on one stack, each on a repository of its own.
"""

from typing import Final

import pytest

from bench.behaviours.folders import read_all
from bench.behaviours.measure import SHIPPED
from bench.behaviours.plays import play_all
from bench.behaviours.verdicts import Verdict, verdict
from tests.e2e.stack import running_stack

pytestmark = pytest.mark.timeout(900)

BEHAVIOURS: Final = read_all(SHIPPED)
#: What no part of the product sees yet.
NOT_YET: Final = {
    "02-twelve-wordings": "not caught",
    "09-same-command-twenty-times": "in part",
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Verdict]:
    folder = tmp_path_factory.mktemp("behaviours")
    with running_stack(folder) as stack:
        played = play_all(stack.sdk, BEHAVIOURS, folder / "plays")
    return {each.name: verdict(each, *played[each.name]) for each in BEHAVIOURS}


@pytest.mark.parametrize("name", [each.name for each in BEHAVIOURS])
def test_a_mistake_is_caught_and_its_honest_twin_gets_through(
    verdicts: dict[str, Verdict], name: str
) -> None:
    found = verdicts[name]
    account = "\n".join(found.lines)
    assert found.blocked == "", account
    assert found.caught == NOT_YET.get(name, "caught"), account

"""What an agent did after a judgement on it: headway, none, or not known."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hephaestus_core.contract.trajectories import Stage
from hephaestus_core.trajectories.rules import Afterwards, headway
from hephaestus_core.trajectories.views import TrajectoryView
from tests.judgements import SEEN

NOTHING = Afterwards(reported=False, ended=False, verdict="working", commit=None, later=None)


def later(alignment: float, *, steers: bool = False) -> TrajectoryView:
    return TrajectoryView(
        asked_at=datetime(2026, 1, 1, tzinfo=UTC),
        model="m",
        alignment=alignment,
        stage=Stage.PLANNING,
        focus="",
        progress="",
        needs_steering=steers,
    )


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ({}, None),
        ({"verdict": None}, None),
        ({"verdict": "long_command"}, None),
        ({"reported": True, "ended": True}, True),
        ({"commit": "1234", "ended": True}, True),
        ({"ended": True}, False),
        ({"verdict": "looping"}, False),
        ({"later": later(0.9), "verdict": "looping"}, True),
        ({"later": later(0.9, steers=True)}, False),
        ({"later": later(0.3)}, None),
        ({"later": later(0.3), "reported": True}, True),
    ],
)
def test_facts_count_before_a_further_judgement(
    after: dict[str, object], expected: bool | None
) -> None:
    found, told = headway(SEEN, 0.25, replace(NOTHING, **after))  # type: ignore[arg-type]
    assert found is expected
    assert told.endswith((".", ")."))

"""What an agent is told of the set-up of its worktree."""

from hephaestus_core.agents.setups import note
from hephaestus_core.contract.quoting import Marks
from hephaestus_core.contract.setups import SetUp

FAILED = SetUp("npm ci", "failed", 2.0, exit_status=1, output="E401", contained=True)


def test_after_a_failure_in_a_sandbox_the_agent_is_told_of_what_it_does_not_see() -> None:
    assert "agents.readable" in note(FAILED, Marks())
    assert SetUp.from_dict(FAILED.to_dict()) == FAILED
    elsewhere = SetUp.from_dict({"command": "npm ci", "status": "failed", "seconds": 2.0})
    assert "agents.readable" not in note(elsewhere, Marks())
    copied = SetUp("npm ci", "succeeded", 0.4, copied_from="2026-05-04T10:00:00+00:00")
    assert "`npm ci` was copied into your worktree in 0 s; it is that of 2026-05-04" in note(
        copied, Marks()
    )
    passed = SetUp("npm ci", "succeeded", 2.0, exit_status=0, contained=True)
    assert "agents.readable" not in note(passed, Marks())

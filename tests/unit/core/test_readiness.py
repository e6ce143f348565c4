from datetime import UTC, datetime
from typing import Any

import pytest

from hephaestus_core.conditions.readiness import Need, readiness
from hephaestus_core.conditions.views import Fault, HostFacts

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def host(name: str, **values: Any) -> HostFacts:
    facts: dict[str, Any] = {
        "alive": True,
        "draining": False,
        "recent": True,
        "labels": frozenset(),
        "programs": frozenset({"claude"}),
        "slots": 4,
        "most_in_system": None,
        "agents": 1,
        "last_seen_at": NOW,
    }
    return HostFacts(name=name, **{**facts, **values})


def test_each_program_names_the_hosts_that_can_run_it_now() -> None:
    gpu = Need("codex", frozenset({"gpu"}))
    hosts = [
        host("a"),
        host("b", labels=frozenset({"gpu"}), programs=frozenset({"claude", "codex"}), slots=2),
        host("c", alive=False),
        host("d", draining=True),
        host("e", faults=(Fault("/r", "no space", None),)),
    ]
    found = readiness([Need("claude"), gpu, Need("claude")], hosts, "/r")
    assert [(each.need, each.hosts, each.obstacle) for each in found.programs] == [
        (Need("claude"), ("a", "b"), None),
        (gpu, ("b",), None),
    ]
    assert (found.slots, found.free) == (6, 4)
    assert readiness([Need("claude")], hosts, "/other").programs[0].hosts == ("a", "b", "e")


@pytest.mark.parametrize(
    ("hosts", "obstacle"),
    [
        ([], "no host has registered yet"),
        ([host("a", alive=False)], "no host takes agents now"),
        ([host("a", programs=frozenset())], "installed on no host that is up"),
    ],
)
def test_a_program_that_no_host_can_run_says_why(hosts: list[HostFacts], obstacle: str) -> None:
    found = readiness([Need("claude")], hosts, "")
    assert found.programs[0].obstacle == obstacle
    assert (found.slots, found.free) == (0, 0)


def test_a_host_without_a_login_is_named_as_such() -> None:
    out = host("b", without_login=frozenset({"claude"}))
    [found] = readiness([Need("claude")], [host("a"), out], "").programs
    assert (found.hosts, found.logged_out, found.obstacle) == (("a",), ("b",), None)
    alone = readiness([Need("claude")], [out], "")
    assert (alone.programs[0].hosts, alone.programs[0].logged_out) == ((), ("b",))
    assert alone.slots == 4  # its tasks come there all the same


def test_a_label_that_no_host_has_is_named() -> None:
    [found] = readiness([Need("claude", frozenset({"gpu"}))], [host("a")], "").programs
    assert found.obstacle == "no host that is up has the label gpu"


def test_slots_that_the_limit_of_the_system_holds_back_are_not_free() -> None:
    crowded = [host("a", agents=1, most_in_system=3), host("b", agents=4, programs=frozenset())]
    found = readiness([Need("claude")], crowded, "")
    assert (found.slots, found.free) == (4, 0)

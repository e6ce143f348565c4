"""The way of agents to the stack, past a proxy."""

import pytest

from hephaestus_worker.terminal.environment import with_direct_way

STACK = "http://stack.internal:8000/mcp"
DIRECT = "127.0.0.1,localhost,::1,stack.internal"


def test_without_a_proxy_nothing_is_added() -> None:
    assert with_direct_way({"PATH": "/bin"}, STACK) == {"PATH": "/bin"}
    assert with_direct_way({"no_proxy": "a"}, STACK) == {"no_proxy": "a"}


@pytest.mark.parametrize("name", ["HTTP_PROXY", "https_proxy", "ALL_PROXY"])
def test_with_a_proxy_the_stack_is_reached_directly(name: str) -> None:
    given = {name: "http://proxy:3128"}
    assert with_direct_way(given, STACK) == {**given, "NO_PROXY": DIRECT, "no_proxy": DIRECT}


def test_the_hosts_that_are_named_already_stay() -> None:
    given = {"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": "a, localhost", "no_proxy": "b,.c.d"}
    assert with_direct_way(given, STACK)["no_proxy"] == (
        "a,localhost,b,.c.d,127.0.0.1,::1,stack.internal"
    )


def test_all_hosts_stay_all_hosts() -> None:
    given = {"HTTP_PROXY": "http://proxy:3128", "no_proxy": "*"}
    assert with_direct_way(given, STACK)["NO_PROXY"] == "*"


def test_an_address_of_ipv6_is_named_without_its_brackets() -> None:
    given = {"HTTP_PROXY": "http://proxy:3128"}
    assert with_direct_way(given, "http://[fd00::1]:8000/mcp")["NO_PROXY"].endswith(",fd00::1")

"""What a token can be, and whose tries are counted together."""

import pytest

from hephaestus_core.access import rules
from hephaestus_core.access.rules import Scope
from hephaestus_core.access.service import Person
from hephaestus_core.access.wrong_tokens import block_of
from hephaestus_core.contract.errors import Forbidden, InvalidInput


@pytest.mark.parametrize("name", ["ci", "Ada.Lovelace@example.org", "build-01_x", "a" * 64])
def test_good_names_pass_unchanged(name: str) -> None:
    assert rules.checked_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "-d", "agent 1", "a:b", "a\nb", "a" * 65, "ä", "a/b", "\x1b[2J", "<b>"]
)
def test_names_that_could_pass_for_something_else_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.checked_name(name)
    assert refused.value.field == "name"


def test_a_slip_gets_the_nearest_word() -> None:
    with pytest.raises(InvalidInput, match="did you mean 'operator'"):
        rules.checked_role("operater")
    with pytest.raises(InvalidInput, match="did you mean 'tasks'"):
        rules.checked_scopes(["read", "task"])


def test_scopes_are_kept_once_and_in_order() -> None:
    assert rules.checked_scopes(["tasks", "read", "tasks"]) == ["read", "tasks"]


@pytest.mark.parametrize("seconds", [0, -1, 59, 2**53])
def test_a_life_out_of_bounds_is_refused(seconds: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.checked_life(seconds)
    assert refused.value.field == "expires_in"


@pytest.mark.parametrize(
    ("own", "wanted", "allowed"),
    [
        ((), (), True),
        ((), ("read",), True),
        (("access", "read"), ("read",), True),
        (("access", "read"), ("read", "tasks"), False),
        (("access",), (), False),
    ],
)
def test_nobody_gives_more_than_they_have(
    own: tuple[str, ...], wanted: tuple[str, ...], *, allowed: bool
) -> None:
    if allowed:
        return rules.refuse_more_than(own, wanted)
    with pytest.raises(Forbidden):
        rules.refuse_more_than(own, wanted)
    return None


def test_a_token_without_scopes_has_all_and_another_its_own() -> None:
    narrowed = Person("ci", "admin", frozenset({"tasks"}))
    assert [scope for scope in Scope if narrowed.may(scope)] == [Scope.TASKS]
    assert all(Person("ci", "viewer").may(scope) for scope in Scope)


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("x" * 500, "unknown"),
    ],
)
def test_addresses_that_one_caller_can_choose_among_count_as_one(address: str, block: str) -> None:
    assert block_of(address) == block

"""Tokens, wrong tokens and the audit log on a real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from hephaestus_core.access import audit, wrong_tokens
from hephaestus_core.access.audit import KEPT_FOR, Deed, list_entries, record
from hephaestus_core.access.service import Person, ensure_token, holder_of_hash, person_of_hash
from hephaestus_core.access.tokens import TokenOrder, create_token, list_tokens, revoke_token
from hephaestus_core.contract.errors import Conflict, NotFound, Unauthenticated
from hephaestus_core.db.engine import Database
from hephaestus_core.tokens import token_hash

ADMIN = Person("admin", "admin")


def create(db: Database, name: str = "ci", **order: object) -> str:
    order.setdefault("role", "operator")
    return create_token(db, TokenOrder(name=name, **order), creator=ADMIN)[1]  # type: ignore[arg-type]


def person(db: Database, token: str) -> Person:
    return person_of_hash(db, token_hash(token))


def execute(db: Database, statement: str, **values: object) -> None:
    with db.transaction() as session:
        session.execute(text(statement), values)


def test_a_new_token_is_good_and_kept_nowhere(db: Database) -> None:
    secret = create(db, scopes=["tasks", "read"], expires_in=3600)
    assert person(db, secret) == Person("ci", "operator", frozenset({"read", "tasks"}))
    [view] = list_tokens(db)
    assert (view.created_by, view.scopes) == ("admin", ["read", "tasks"])
    assert view.expires_at is not None
    assert view.expires_at - view.created_at == pytest.approx(
        timedelta(hours=1), abs=timedelta(seconds=5)
    )
    with db.reading() as session:
        rows = session.execute(text("SELECT t::text FROM api_tokens t")).scalars().all()
        events = session.execute(text("SELECT e::text FROM events e")).scalars().all()
    assert secret not in "".join([*rows, *events])
    assert len(events) == 1


def test_a_name_is_taken_until_its_token_is_revoked(db: Database) -> None:
    first = create(db)
    with pytest.raises(Conflict, match="revoke it first"):
        create(db)
    revoke_token(db, "ci")
    with pytest.raises(NotFound):
        revoke_token(db, "ci")
    second = create(db)
    assert person(db, second).name == "ci"
    with pytest.raises(Unauthenticated):
        person(db, first)
    assert holder_of_hash(db, token_hash(first)) == Person("ci", "operator"), "for the audit log"


def test_of_eight_that_want_a_name_at_once_one_gets_it(db: Database) -> None:
    def attempt(_: int) -> bool:
        try:
            create(db)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1


def test_the_stacks_own_token_can_be_replaced_but_not_revoked(db: Database) -> None:
    ensure_token(db, name="admin", role="admin", token="the first")
    ensure_token(db, name="admin", role="admin", token="the second")
    assert person(db, "the second").role == "admin"
    with pytest.raises(Unauthenticated):
        person(db, "the first")
    with pytest.raises(Conflict, match="secrets/admin.token"):
        revoke_token(db, "admin")


def test_the_use_of_a_token_is_noted_once_an_hour(db: Database) -> None:
    secret = create(db)
    person(db, secret)
    first = list_tokens(db)[0].last_used_at
    assert first is not None
    person(db, secret)
    assert list_tokens(db)[0].last_used_at == first
    execute(db, "UPDATE api_tokens SET last_used_at = now() - interval '61 minutes'")
    person(db, secret)
    assert (list_tokens(db)[0].last_used_at or first) > first


def test_wrong_tokens_are_counted_by_door_and_address_and_anew_after_the_window(
    db: Database,
) -> None:
    numbers = [wrong_tokens.count(db, "login", "192.0.2.1").number for _ in range(3)]
    assert numbers == [1, 2, 3]
    assert wrong_tokens.count(db, "login", "192.0.2.2").number == 1
    assert wrong_tokens.count(db, "api", "192.0.2.1").number == 1
    execute(db, "UPDATE wrong_tokens SET since = since - :window", window=wrong_tokens.WINDOW)
    again = wrong_tokens.count(db, "login", "192.0.2.1")
    assert again.number == 1
    assert 0 < again.seconds_left <= wrong_tokens.WINDOW.total_seconds()


def test_wrong_tokens_that_come_at_once_are_all_counted(db: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        counted = pool.map(lambda _: wrong_tokens.count(db, "api", "192.0.2.1").number, range(40))
    assert sorted(counted) == list(range(1, 41))


def note(db: Database, action: str) -> None:
    record(db, Deed(actor="ci", role="operator", action=action, target={}, address="", status=200))


def test_the_audit_log_is_read_in_pages_newest_first(db: Database) -> None:
    for number in range(7):
        note(db, f"tasks.{number}")
    seen: list[str] = []
    page, cursor = list_entries(db, limit=3)
    while True:
        seen += [entry.action for entry in page]
        if cursor is None:
            break
        page, cursor = list_entries(db, limit=3, cursor=cursor)
    assert seen == [f"tasks.{number}" for number in reversed(range(7))]


def test_a_sweep_deletes_what_is_past_its_time_and_nothing_else(db: Database) -> None:
    for action in ("a.old", "b.old", "c.old", "d.young"):
        note(db, action)
    execute(db, "UPDATE audit SET at = at - :kept WHERE action LIKE '%old'", kept=KEPT_FOR)
    execute(db, "UPDATE audit SET at = at + interval '1 hour' WHERE action = 'd.young'")
    create(db)
    revoke_token(db, "ci")
    create(db)
    execute(db, "UPDATE api_tokens SET revoked_at = revoked_at - :kept", kept=KEPT_FOR)
    wrong_tokens.count(db, "api", "192.0.2.1")
    wrong_tokens.count(db, "api", "192.0.2.2")
    execute(
        db, "UPDATE wrong_tokens SET since = now() - interval '2 hours' WHERE address LIKE '%1'"
    )
    assert audit.sweep(db, at_once=2) == 3
    assert [entry.action for entry in list_entries(db)[0]] == ["d.young"]
    with db.reading() as session:
        assert session.execute(text("SELECT count(*) FROM api_tokens")).scalar() == 1
        assert session.execute(text("SELECT address FROM wrong_tokens")).scalars().all() == [
            "192.0.2.2"
        ]

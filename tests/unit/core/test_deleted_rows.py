"""A deletion reaches every table that belongs to a workflow, each after those that refer to it."""

from hephaestus_core.lifecycle.deleted_rows import ORDER
from hephaestus_core.tables import metadata

ROOTS = {"workflows", "tasks", "agents", "results"}
#: Memories lose their origin and stay.
STAYS = {"memories"}


def referring(name: str) -> set[str]:
    tables = metadata.tables.values()
    return {t.name for t in tables if any(k.column.table.name == name for k in t.foreign_keys)}


def test_every_table_that_refers_to_a_workflow_is_in_the_order() -> None:
    wanted = set().union(*map(referring, ROOTS)) - STAYS
    assert wanted - set(ORDER) == set()


def test_what_refers_goes_before_what_is_referred_to() -> None:
    for place, name in enumerate(ORDER):
        late = referring(name) - {name} - STAYS - set(ORDER[:place])
        assert not late, f"{name} goes before {late}"


def test_what_was_used_and_what_is_known_outlive_their_workflow() -> None:
    assert metadata.tables["used_sums"].foreign_keys == set()
    assert metadata.tables["facts"].foreign_keys == set()
    assert {"used_sums", "facts"} & set(ORDER) == set()
    assert "llm_calls" not in ORDER
    assert "audit_entries" not in ORDER

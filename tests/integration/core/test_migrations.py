import re

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Inspector, create_engine, inspect, text
from sqlalchemy.exc import IntegrityError

from hephaestus_core.db.base import WordOf
from hephaestus_core.db.migrate import configuration, is_newest, upgrade
from hephaestus_core.tables import metadata
from tests.engine import Engine
from tests.servers import Postgres


def test_the_migrations_make_what_the_models_say(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []


def test_upgrading_again_changes_nothing(database_url: str) -> None:
    before = schema(database_url)
    upgrade(database_url)
    assert schema(database_url) == before


def test_only_the_newest_schema_needs_no_upgrade(
    database_url: str, postgres_server: Postgres
) -> None:
    assert is_newest(database_url)
    command.downgrade(configuration(database_url), "-1")
    assert not is_newest(database_url)
    assert not is_newest(postgres_server.admin_url), "it has no schema"
    assert not is_newest("postgresql://nobody@127.0.0.1:1/none"), "it does not answer"


def test_a_step_back_and_forth_keeps_the_counts_of_retries(engine: Engine) -> None:
    engine.start_workflow()
    engine.create()
    counted = (
        "UPDATE tasks SET failure_class = 'quota', retries = '{\"quota\": 2, \"transient\": 1}'"
    )
    with engine.db.transaction() as session:
        session.execute(text(counted))
    config = configuration(engine.db.engine.url.render_as_string(hide_password=False))

    command.downgrade(config, "0004")
    with engine.db.reading() as session:
        assert session.execute(text("SELECT retries FROM tasks")).scalar() == 3
    command.upgrade(config, "head")
    with engine.db.reading() as session:
        assert session.execute(text("SELECT retries FROM tasks")).scalar() == {"quota": 3}


def test_every_migration_can_be_taken_back(database_url: str) -> None:
    """A step back leaves the schema as it was before the step, and the step makes it the same."""
    config = configuration(database_url)
    steps = list(ScriptDirectory.from_config(config).walk_revisions())
    before = {}
    for step in steps:
        before[step.revision] = schema(database_url)
        command.downgrade(config, str(step.down_revision or "base"))
    assert [line for line in schema(database_url) if "alembic_version" not in line] == []
    for step in reversed(steps):
        command.upgrade(config, step.revision)
        assert schema(database_url) == before[step.revision], step.revision


def test_the_database_holds_statuses_and_kinds_to_their_words(engine: Engine) -> None:
    held = inspect(engine.db.engine)
    for table in metadata.tables.values():
        in_models = {c.name for c in table.constraints if isinstance(c, CheckConstraint)}
        assert {c["name"] for c in held.get_check_constraints(table.name)} == in_models
        for column in table.columns:
            if isinstance(column.type, WordOf):
                assert f"ck_{table.name}_{column.name}" in in_models
                assert _words(held, table.name, column.name) == [*column.type.words]


def test_the_database_refuses_a_word_that_there_is_not(engine: Engine) -> None:
    engine.start_workflow()
    with pytest.raises(IntegrityError, match="ck_workflows_status"), engine.db.transaction() as s:
        s.execute(text("UPDATE workflows SET status = 'asleep'"))


def schema(url: str) -> list[str]:
    """Return all that the schema holds, one line each: columns, indexes, constraints, and so on."""
    engine = create_engine(url)
    with engine.connect() as connection:
        lines = connection.execute(text(_SCHEMA)).scalars().all()
    engine.dispose()
    return sorted(lines)


_SCHEMA = """
SELECT concat_ws(' ', table_name, column_name, udt_name, is_nullable, column_default)
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT concat_ws(' ', 'sequence', sequence_name)
  FROM information_schema.sequences WHERE sequence_schema = 'public'
UNION ALL SELECT concat_ws(' ', 'enum', t.typname, e.enumlabel)
  FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
"""


def _words(held: Inspector, table: str, column: str) -> list[str]:
    [told] = [
        each["sqltext"]
        for each in held.get_check_constraints(table)
        if each["name"] == f"ck_{table}_{column}"
    ]
    return re.findall(r"'(\w+)'::text", told)

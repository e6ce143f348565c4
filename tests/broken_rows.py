"""A fault of one row, injected into the real database."""

from uuid import UUID

from sqlalchemy import text

from hephaestus_core.db.engine import Database


def refuse_changes(db: Database, table: str, row_id: UUID) -> None:
    """Make the database refuse every change of one row: nothing can be done with it."""
    with db.transaction() as session:
        session.execute(
            text("""
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'this row is broken'; END $$
            """)
        )
        session.execute(
            text(f"""
                CREATE TRIGGER refuse BEFORE UPDATE ON {table}
                FOR EACH ROW WHEN (OLD.id = '{row_id}') EXECUTE FUNCTION refuse()
            """)
        )

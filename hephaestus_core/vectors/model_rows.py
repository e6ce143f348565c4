"""Rows of the models that make vectors; every function joins the open transaction."""

from dataclasses import asdict
from typing import Final

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from hephaestus_core.settings.embedding_settings import EmbedderChoice
from hephaestus_core.vectors import store
from hephaestus_core.vectors.models import VectorModel
from hephaestus_core.vectors.rules import Model, wanted

#: Vectors of a model that is used no more, deleted in one transaction.
_DROPPED: Final = 2000
_LOCK_KEY: Final = 0x5645_4D4F

_LEASE: Final = text("""
    UPDATE vector_models SET leased_until = clock_timestamp() + make_interval(secs => :seconds)
    WHERE id = :id AND (leased_until IS NULL OR leased_until < clock_timestamp())
    RETURNING id
""")

_RENEW: Final = text("""
    UPDATE vector_models SET leased_until = clock_timestamp() + make_interval(secs => :seconds)
    WHERE id = :id
""")

#: Other processes may ask the model before this one for a few seconds yet. A model that is wanted
#: since a pass with this one began is not before it.
_BEFORE: Final = text("""
    SELECT other.id FROM vector_models other JOIN vector_models kept ON kept.id = :id
    WHERE (other.wanted_at, other.id) < (kept.wanted_at, kept.id)
      AND kept.complete_at < clock_timestamp() - interval '1 minute'
""")

_DROP: Final = text("""
    DELETE FROM vectors WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM vectors WHERE model_id = ANY(:ids) LIMIT :most))
""")


def all_models(session: Session) -> list[Model]:
    """Return all models that have vectors, or are to make some."""
    return [
        Model(
            id=row.id,
            choice=EmbedderChoice(**row.choice),
            dimension=row.dimension,
            wanted_at=row.wanted_at,
            complete_at=row.complete_at,
            trouble=row.trouble,
        )
        for row in session.scalars(select(VectorModel))
    ]


def want(session: Session, choice: EmbedderChoice) -> None:
    """Have vectors made by this embedder from now on."""
    _lock(session)
    models = all_models(session)
    last = wanted(models)
    if last is not None and last.choice == choice:
        return
    known = wanted([model for model in models if model.choice == choice])
    if known is None:
        session.add(VectorModel(choice=asdict(choice), dimension=choice.dimension))
    else:
        now = func.clock_timestamp()
        session.execute(update(VectorModel).where(VectorModel.id == known.id).values(wanted_at=now))


def of_dimension(session: Session, model: Model, dimension: int) -> int:
    """Return the id of the model as it makes vectors of this dimension.

    A model that has changed its dimension is another one, which is wanted in place of the first.
    """
    row = session.get_one(VectorModel, model.id, with_for_update=True)
    row.trouble = None  # it makes vectors; the pass may go on for a while
    if row.dimension is None:
        row.dimension = dimension
    if row.dimension == dimension:
        return row.id
    # Not later: another model may be wanted by now.
    changed = VectorModel(choice=row.choice, dimension=dimension, wanted_at=row.wanted_at)
    session.add(changed)
    session.flush()
    return changed.id


def lease(session: Session, model_id: int, seconds: float) -> bool:
    """Take the right to make vectors with a model for some time; False: another has it."""
    given = {"id": model_id, "seconds": seconds}
    return session.scalar(_LEASE, given) is not None


def renew(session: Session, model_id: int, seconds: float) -> None:
    """Have the right for so long from now on."""
    session.execute(_RENEW, {"id": model_id, "seconds": seconds})


def release(session: Session, model_id: int, *, trouble: str | None) -> None:
    """Give the right back, and say why no vectors were made; None: they were."""
    session.execute(
        update(VectorModel)
        .where(VectorModel.id == model_id)
        .values(leased_until=None, trouble=trouble)
    )


def complete(session: Session, model_id: int) -> None:
    """Let a model answer, which has read every text."""
    _lock(session)  # before the row of the model, as in `want`
    session.execute(
        update(VectorModel)
        .where(VectorModel.id == model_id, VectorModel.complete_at.is_(None))
        .values(complete_at=func.clock_timestamp())
    )


def drop_former(session: Session, model_id: int) -> bool:
    """Delete some vectors of the models before this one, at last the models; say if any is left.

    Nothing is deleted before this one has answered for a minute.
    """
    _lock(session)
    ids = list(session.scalars(_BEFORE, {"id": model_id}))
    if not ids:
        return False
    # One that is wanted again before all is gone answers only when it has read all again.
    session.execute(update(VectorModel).where(VectorModel.id.in_(ids)).values(complete_at=None))
    # Whoever moves or forgets several texts has this lock, and locks vectors in another order.
    store.lock_changes(session)
    dropped = session.execute(_DROP, {"ids": ids, "most": _DROPPED})
    if dropped.rowcount:  # type: ignore[attr-defined]
        return True
    session.execute(text("DELETE FROM vector_models WHERE id = ANY(:ids)"), {"ids": ids})
    return False


def read_again(session: Session) -> None:
    """Have all texts read again; the vectors that they have answer until then."""
    session.execute(text("UPDATE vector_items SET model_id = NULL WHERE model_id IS NOT NULL"))


def _lock(session: Session) -> None:
    """Let one transaction at a time decide which models there are."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})

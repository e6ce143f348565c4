"""Use cases of API tokens: make, list, revoke."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from hephaestus_core.access import rules
from hephaestus_core.access.models import ApiToken
from hephaestus_core.access.service import Person
from hephaestus_core.contract.errors import Conflict, NotFound
from hephaestus_core.contract.events import EventType
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.events.log import emit
from hephaestus_core.tokens import new_token, token_hash

#: Name of the stack's own token, which the stack makes and stores at each start.
STACK_TOKEN: Final = "admin"  # noqa: S105 - a name
#: Key of the lock under which a name is checked and taken.
_LOCK_KEY: Final = 0x4845_5054


@dataclass(frozen=True)
class TokenView:
    """A token as readers see it, without its secret."""

    name: str
    role: str
    scopes: list[str]
    created_by: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class TokenOrder:
    """A request for a token."""

    name: str
    role: str
    scopes: Collection[str] = ()
    expires_in: int | None = None
    """Seconds; None: it does not expire."""


def create_token(db: Database, order: TokenOrder, *, creator: Person) -> tuple[TokenView, str]:
    """Make a token and return it with its secret, which is not stored.

    Raises:
        InvalidInput: a value cannot be used.
        Forbidden: the creator's own token is narrower.
        Conflict: a token of that name exists and is not revoked.
    """
    with db.transaction() as session:
        token, secret = _new(order, creator, database_now(session))
        _refuse_taken(session, token.name)
        session.add(token)
        session.flush()
        _emit(session, token, EventType.TOKEN_CREATED)
        return _view(token), secret


def list_tokens(db: Database) -> list[TokenView]:
    """Return all tokens that are not revoked, by name; expired ones too."""
    query = select(ApiToken).where(ApiToken.revoked_at.is_(None)).order_by(ApiToken.name)
    with db.reading() as session:
        return [_view(token) for token in session.scalars(query)]


def revoke_token(db: Database, name: str) -> TokenView:
    """Revoke a token: it is refused within about a second. Its name is free again.

    Raises:
        NotFound: no token of that name is valid.
        Conflict: it is the stack's own token.
    """
    if name == STACK_TOKEN:
        raise Conflict(
            f"'{STACK_TOKEN}' is this stack's own token; to change it, delete secrets/admin.token "
            "from the stack's home and start the stack again."
        )
    with db.transaction() as session:
        token = _live(session, name)
        if token is None:
            raise NotFound(f"There is no token '{name}'; list the tokens to see their names.")
        token.revoked_at = database_now(session)
        _emit(session, token, EventType.TOKEN_REVOKED)
        session.flush()
        return _view(token)


def _new(order: TokenOrder, creator: Person, now: datetime) -> tuple[ApiToken, str]:
    scopes = rules.checked_scopes(order.scopes)
    rules.refuse_more_than(creator.scopes, scopes)
    life = rules.checked_life(order.expires_in)
    secret = new_token("api")
    token = ApiToken(
        name=rules.checked_name(order.name),
        role=rules.checked_role(order.role),
        scopes=scopes,
        token_hash=token_hash(secret),
        created_by=creator.name,
        expires_at=None if life is None else now + life,
    )
    return token, secret


def _refuse_taken(session: Session, name: str) -> None:
    session.connection().exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK_KEY,))
    if _live(session, name) is not None:
        raise Conflict(
            f"There is a token '{name}' already; revoke it first, or choose another name.",
            details={"name": name},
        )


def _live(session: Session, name: str) -> ApiToken | None:
    query = select(ApiToken).where(ApiToken.name == name, ApiToken.revoked_at.is_(None))
    return session.scalar(query.with_for_update())


def _emit(session: Session, token: ApiToken, type_: EventType) -> None:
    """Emit an event without details: every viewer may read events."""
    emit(session, type_, token_id=str(token.id))


def _view(token: ApiToken) -> TokenView:
    return TokenView(
        name=token.name,
        role=token.role,
        scopes=list(token.scopes),
        created_by=token.created_by,
        created_at=token.created_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        last_used_at=token.last_used_at,
    )

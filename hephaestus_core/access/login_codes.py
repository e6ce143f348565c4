"""Codes that log a browser in: each works once, within ten minutes, as the person who made it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func

from hephaestus_core.access.models import ApiToken, LoginCode
from hephaestus_core.access.service import Person
from hephaestus_core.contract.errors import Forbidden, Unauthenticated
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.tokens import new_login_code, token_hash

LIFE: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class NewLoginCode:
    """A code that was just made; it can never be read again."""

    code: str
    expires_at: datetime


def create_login_code(db: Database, creator: Person) -> NewLoginCode:
    """Make a code that logs in as ``creator``; codes that have expired are deleted.

    Raises:
        Forbidden: the creator is not known by a token.
    """
    if creator.token_id is None:
        raise Forbidden("A login code takes a token of your own.")
    with db.transaction() as session:
        now = database_now(session)
        made = NewLoginCode(new_login_code(), now + LIFE)
        session.execute(delete(LoginCode).where(LoginCode.expires_at <= now))
        session.add(
            LoginCode(
                code_hash=token_hash(made.code),
                token_id=creator.token_id,
                expires_at=made.expires_at,
            )
        )
    return made


def redeem(db: Database, code: str) -> str:
    """Return the hash of the token whose holder made the code, which works no more from now on.

    Raises:
        Unauthenticated: the code is unknown, used or expired.
    """
    used = (
        delete(LoginCode)
        .where(
            LoginCode.code_hash == token_hash(code),
            LoginCode.expires_at > func.now(),
            LoginCode.token_id == ApiToken.id,
        )
        .returning(ApiToken.token_hash)
    )
    with db.transaction() as session:
        hashed = session.execute(used).scalar_one_or_none()
    if hashed is None:
        raise Unauthenticated("The login code is unknown, was used before, or has expired.")
    return str(hashed)

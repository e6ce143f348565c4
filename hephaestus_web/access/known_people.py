"""A short cache of token holders: a client with a hundred requests a second costs one query per
period, and a revoked token works no longer than a period.
"""

import time
from typing import Final

from flask import Flask, current_app

from hephaestus_core.access.service import Person, person_of_hash
from hephaestus_core.db.engine import Database
from hephaestus_core.tokens import token_hash

#: Seconds for which an entry is valid, which is also how long a revoked token may still work.
_TRUST_SECONDS: Final = 1.0
#: Most entries.
_MOST: Final = 1000


class KnownPeople:
    """A cache of valid tokens; refusals are not cached."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, tuple[float, Person]] = {}

    def by_token(self, token: str) -> Person:
        """Return who holds ``token``.

        Raises:
            Unauthenticated: the token is unknown, expired or revoked.
        """
        return self.by_hash(token_hash(token))

    def by_hash(self, hashed: str) -> Person:
        """Return who holds the token with this hash.

        Raises:
            Unauthenticated: the token is unknown, expired or revoked.
        """
        now = time.monotonic()
        known = self._known.get(hashed)
        if known is not None and now - known[0] < _TRUST_SECONDS:
            return known[1]
        person = person_of_hash(self._database, hashed)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[hashed] = (now, person)
        return person

    def forget(self) -> None:
        """Clear the cache: a token was revoked."""
        self._known.clear()


def install(app: Flask, people: KnownPeople) -> None:
    """Make them reachable from requests by :func:`known_people`."""
    app.extensions["hephaestus.people"] = people


def known_people() -> KnownPeople:
    """Return those of the application that handles this request."""
    found: KnownPeople = current_app.extensions["hephaestus.people"]
    return found

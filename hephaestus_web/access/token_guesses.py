"""A bound on wrong tokens from one address.

A token holds 256 random bits and cannot be guessed; the limit bounds the load and the noise of
guesses. A valid token passes however many wrong ones came from its address, so no script behind the
same proxy and no agent on this machine can lock people out.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from flask import Flask, current_app, request

from hephaestus_core.access import wrong_tokens
from hephaestus_core.access.wrong_tokens import LIMITS, Door
from hephaestus_core.contract.errors import RateLimited, Unauthenticated
from hephaestus_core.db.engine import Database

#: Most addresses beyond their limit in memory; the database has the others.
_MOST: Final = 1000


class TokenGuesses:
    """Counts wrong tokens in the database, up to the limit of an address."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._refused_until: dict[tuple[Door, str], float] = {}

    @contextmanager
    def counted(self, door: Door) -> Iterator[None]:
        """Count the token that the block looks up, if it is wrong.

        Raises:
            RateLimited: in place of Unauthenticated, once the address has reached the limit.
        """
        try:
            yield
        except Unauthenticated:
            self._count(door, request.remote_addr or "")
            raise

    def _count(self, door: Door, address: str) -> None:
        key = (door, wrong_tokens.block_of(address))
        left = self._refused_until.get(key, 0.0) - time.monotonic()
        if left <= 0:
            failures = wrong_tokens.count(self._database, door, address)
            if failures.number <= LIMITS[door]:
                return
            left = max(failures.seconds_left, 1.0)
            self._remember(key, time.monotonic() + left)
        seconds = math.ceil(left)
        raise RateLimited(
            f"Too many wrong tokens came from {address}; try again in {seconds} s.",
            details={"retry_after": seconds},
        )

    def _remember(self, key: tuple[Door, str], until: float) -> None:
        if len(self._refused_until) >= _MOST:
            self._refused_until.clear()
        self._refused_until[key] = until


def install(app: Flask, guesses: TokenGuesses) -> None:
    """Make them reachable from requests by :func:`token_guesses`."""
    app.extensions["hephaestus.guesses"] = guesses


def token_guesses() -> TokenGuesses:
    """Return those of the application that handles this request."""
    found: TokenGuesses = current_app.extensions["hephaestus.guesses"]
    return found

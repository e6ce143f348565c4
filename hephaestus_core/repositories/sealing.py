"""Encryption of logins.

The key comes from the database's password, the one secret that every web process and every host
has, and that no copy of the database holds.
"""

import hashlib
import json
import os
from functools import lru_cache
from typing import Final

from hephaestus_core.contract.repository_urls import Login

_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
#: About 50 ms and 16 MiB: the password may be a person's own choice.
_COST: Final = {"n": 2**14, "r": 8, "p": 1}


def seal(login: Login, repository: str, secret: str) -> bytes:
    """Return the login encrypted; it can be opened for this repository only."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # slow to import, seldom needed

    nonce = os.urandom(_NONCE_BYTES)
    text = json.dumps([login.user, login.password]).encode()
    return nonce + AESGCM(_key(secret)).encrypt(nonce, text, repository.encode())


def unseal(sealed: bytes, repository: str, secret: str) -> Login | None:
    """Return the login; None if it was sealed with another secret or for another repository."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, text = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        opened = AESGCM(_key(secret)).decrypt(nonce, text, repository.encode())
    except InvalidTag:
        return None
    user, password = json.loads(opened)
    return Login(user, password)


@lru_cache(maxsize=8)
def _key(secret: str) -> bytes:
    return hashlib.scrypt(
        secret.encode(), salt=b"hephaestus repository logins", dklen=_KEY_BYTES, **_COST
    )

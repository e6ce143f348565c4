"""Chooses single new files that nobody is likely to want in a commit: secrets, and large ones."""

from pathlib import PurePosixPath
from typing import Final

PRIVATE: Final = "it looks like a secret; commit it by hand if it is none"
LARGE: Final = "it is over 1 MB; commit it by hand if it belongs to the work"

#: Bytes of the largest new file that is committed unasked.
LARGEST: Final = 1_000_000

_NAMES: Final = frozenset(
    {
        *(".netrc", ".pgpass", ".pypirc", ".htpasswd", ".git-credentials"),
        *("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"),
        *("credentials.json", "service-account.json", "client_secret.json"),
    }
)
_ENDINGS: Final = (".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk")
#: Endings of files such as ``.env.example``, which show the names of settings and no values.
_TEMPLATES: Final = (".example", ".sample", ".template", ".dist", ".defaults")


def reason_to_leave_out(path: str, size: int) -> str:
    """Return the reason for which a new file is not committed unasked; empty: there is none.

    Args:
        path: relative to the worktree.
        size: its bytes.
    """
    if _looks_secret(PurePosixPath(path).name.lower()):
        return PRIVATE
    return LARGE if size > LARGEST else ""


def _looks_secret(name: str) -> bool:
    if name.endswith(_TEMPLATES):
        return False
    is_environment = name == ".env" or name.startswith(".env.")
    return is_environment or name in _NAMES or name.endswith(_ENDINGS)

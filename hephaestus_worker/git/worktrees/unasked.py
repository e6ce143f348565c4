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
        *(".s3cfg", ".boto", ".dockercfg", ".my.cnf", ".vault-token", ".vault_pass", "kubeconfig"),
        *("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk"),
        *("credentials.json", "service-account.json", "service_account.json"),
        *("client_secret.json", "client_secrets.json", "application_default_credentials.json"),
        *("secrets.json", "secrets.yml", "secrets.yaml", "secrets.toml", ".secrets", "secring.gpg"),
    }
)
_ENDINGS: Final = (
    *(".pem", ".key", ".p8", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk", ".ovpn"),
    *("_rsa", "_ed25519", "_ecdsa", ".tfstate", ".tfstate.backup"),
)
#: Files that hold keys by the folder in which a program looks for them.
_PLACES: Final = (".aws/credentials", ".docker/config.json", ".kube/config")
#: Endings of files such as ``.env.example``, which show the names of settings and no values.
_TEMPLATES: Final = (".example", ".sample", ".template", ".tmpl", ".dist", ".defaults")
#: Names of files such as ``example.env``, which are templates too.
_TEMPLATE_STEMS: Final = ("example", "sample", "template", "default", "defaults", "dist")


def reason_to_leave_out(path: str, size: int) -> str:
    """Return the reason for which a new file is not committed unasked; empty: there is none.

    Args:
        path: relative to the worktree.
        size: its bytes.
    """
    if _looks_secret(PurePosixPath(path.lower())):
        return PRIVATE
    return LARGE if size > LARGEST else ""


def _looks_secret(path: PurePosixPath) -> bool:
    name = path.name
    if name.endswith(_TEMPLATES):
        return False
    placed = "/".join(path.parts[-2:]) in _PLACES
    return placed or _is_environment(name) or name in _NAMES or name.endswith(_ENDINGS)


def _is_environment(name: str) -> bool:
    """Say whether a name is ``.env``, or one like ``.env.production`` or ``production.env``."""
    if name.endswith(".env") and name != ".env":
        return not set(name.split(".")) & set(_TEMPLATE_STEMS)
    return name == ".env" or name.startswith((".env.", ".env-", ".env_", ".env~"))

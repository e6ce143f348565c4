"""The account of PostgreSQL, which refuses to run as root."""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hephaestus_sdk.runtime.errors import ProgramMissing

_NAME = "hephaestus-postgres"

#: Linux capabilities: number in /proc/self/status, and name for setpriv.
_READ_SEARCH = (2, "dac_read_search")
_OVERRIDE = (1, "dac_override")


@dataclass(frozen=True)
class Account:
    """An account of this machine."""

    uid: int
    gid: int


def for_data_folder(data_dir: Path) -> Account | None:
    """Return the account to run PostgreSQL under; None: the caller's own, which is not root.

    For root it is the owner of the data folder, else a dedicated account, which is made if missing.

    Raises:
        ProgramMissing: the account cannot be made.
    """
    if os.geteuid() != 0:
        return None
    if data_dir.is_dir() and (owner := data_dir.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    entry = _existing() or _made()
    return Account(entry.pw_uid, entry.pw_gid)


def _existing() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(_NAME)
    except KeyError:
        return None


def _made() -> pwd.struct_passwd:
    argv = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _NAME]
    try:
        fault = subprocess.run(argv, check=False, capture_output=True, text=True).stderr.strip()
    except FileNotFoundError:
        fault = "there is no useradd"
    # Another stack may have made it at the same moment.
    if (entry := _existing()) is None:
        raise ProgramMissing(
            f"PostgreSQL does not run as root and the account {_NAME} could not be made "
            f"({fault}); make it, or run as another user, or set database_url."
        )
    return entry


def command(account: Account | None, argv: Sequence[str], *paths: Path) -> list[str]:
    """Return ``argv`` with a prefix that runs it under ``account`` with access to ``paths``.

    Homes are closed to other accounts. If a path cannot be reached, the process gets the capability
    to pass through closed folders, and no other.

    Raises:
        ProgramMissing: setpriv is missing.
    """
    if account is None:
        return list(argv)
    if shutil.which("setpriv") is None:
        raise ProgramMissing(
            "PostgreSQL does not run as root and 'setpriv' is missing; install util-linux, "
            "or run as another user, or set database_url."
        )
    prefix = ["setpriv", f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
    capability = None
    if not all(_reaches(account, path) for path in (Path(argv[0]), *paths)):
        capability = _capability(Path(argv[0]))
    kept = f"-all,+{capability}" if capability else "-all"
    prefix += [f"--bounding-set={kept}", f"--inh-caps={kept}"]
    if capability:
        prefix.append(f"--ambient-caps=+{capability}")
    return [*prefix, "--", *argv]


def _reaches(account: Account, path: Path) -> bool:
    return all(_may_enter(account, folder.stat()) for folder in path.resolve().parents)


def _may_enter(account: Account, folder: os.stat_result) -> bool:
    if folder.st_uid == account.uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == account.gid:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)


def _capability(program: Path) -> str | None:
    """Return the weakest capability with which the program can be run."""
    held = _held_capabilities()
    for_everyone = bool(program.stat().st_mode & stat.S_IXOTH)
    wanted = [_READ_SEARCH, _OVERRIDE] if for_everyone else [_OVERRIDE]
    return next((name for number, name in wanted if held >> number & 1), None)


def _held_capabilities() -> int:
    """Return the capabilities that may be passed on; containers remove some from root."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    fields = dict(line.split(":\t", 1) for line in lines if line.startswith("Cap"))
    return int(fields["CapPrm"], 16) & int(fields["CapBnd"], 16)

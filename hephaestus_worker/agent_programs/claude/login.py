"""The login of Claude Code that agents in sandboxes use: a copy, kept equal to the person's own.

Claude Code renews a login by replacing its file, under a lock beside the folder; each renewal makes
all copies invalid. So all agents of a host share one folder, in which that works. It cannot be the
person's own folder, because the settings there run programs outside of the sandbox.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from hephaestus_core.contract import agent_files
from hephaestus_worker.agent_programs.records import as_count, part
from hephaestus_worker.terminal.private_files import delete, private_folder, write_private

FILE: Final = ".credentials.json"

_FOLDER: Final = "login"
#: The other parts of the file are logins of MCP servers, which agents do not get.
_LOGIN: Final = "claudeAiOauth"
_EXPIRES: Final = "expiresAt"
#: A renewal is valid for hours. An agent could write any time.
_LONGEST: Final = timedelta(days=40)


def shared_folder(place: Path) -> Path:
    """Return the folder of the copy. The program's lock is beside it, within ``place``."""
    return place / _FOLDER


def exchange(person: Path, place: Path, *, now: datetime) -> None:
    """Bring a renewal by agents to the person's file, else the person's login to the agents.

    Where the person has logged out, the copy is deleted.

    Args:
        person: the file of the person's login.
        place: a folder that agents can write.
    """
    person = person.resolve()
    folder = private_folder(shared_folder(private_folder(place)))
    file = agent_files.json_object(person.parent, person.name)
    own = part(file, _LOGIN)
    copy = part(agent_files.json_object(folder, FILE), _LOGIN)
    if own == copy:
        return
    if is_renewal(own, copy, now=now):
        write_private(person, json.dumps({**file, _LOGIN: copy}))
        return
    if not own or agent_files.size(folder, FILE) is None:
        delete(folder / FILE)
    if own:
        write_private(folder / FILE, json.dumps({_LOGIN: own}))


def is_renewal(old: Mapping[str, Any], new: Mapping[str, Any], *, now: datetime) -> bool:
    """Say whether the second login takes the place of the first."""
    before, after = as_count(old.get(_EXPIRES)), as_count(new.get(_EXPIRES))
    latest = (now + _LONGEST).timestamp() * 1000
    return bool(old) and before < after < latest

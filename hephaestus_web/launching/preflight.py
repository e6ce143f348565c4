"""A look ahead before a launch: the commit it would start from, the hosts, time and cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hephaestus_core.conditions.readiness import Need
from hephaestus_core.contract.errors import InvalidInput, RepositoryError, Unavailable
from hephaestus_core.contract.repository_urls import Login, taken_apart
from hephaestus_core.definitions.store import DefinitionView
from hephaestus_core.repositories.service import login_of
from hephaestus_core.settings.config import Settings
from hephaestus_core.summaries.usual import Outlook, outlook
from hephaestus_web.launching.branches import Branch, Branches, branches_of
from hephaestus_web.wiring import Wiring


@dataclass(frozen=True)
class Preflight:
    """What a launch with these values would meet now."""

    repository: str
    """Without a login; empty: none is chosen."""
    branches: list[Branch]
    branch: Branch | None
    """The one to start from."""
    fault: str | None
    """Why the branches, or this one, could not be found."""
    outlook: Outlook


def preflight(wiring: Wiring, definition: DefinitionView, given: Mapping[str, Any]) -> Preflight:
    """Look ahead; what is wrong with the repository is told, not raised.

    Args:
        wiring: of this process.
        definition: to be launched.
        given: the values of the launch by the names of the API.
    """
    repository, branch, fault = "", None, None
    found = Branches([], "")
    try:
        repository, login = _place(wiring, str(given.get("main_repo_path") or ""))
        if repository:
            found = branches_of(wiring.settings, repository, login)
            branch = found.named(str(given.get("base_branch") or ""))
    except (InvalidInput, RepositoryError, Unavailable) as refusal:
        fault = refusal.message
    ahead = outlook(
        wiring.database, definition.id, needs_of(definition, wiring.settings), repository
    )
    return Preflight(repository, found.found, branch, fault, ahead)


def needs_of(definition: DefinitionView, settings: Settings) -> list[Need]:
    """Return what the phases of a definition need of hosts, each once."""
    needs = (
        Need(
            program=str(phase.get("cli_tool") or settings.default_cli_tool).partition(":")[0],
            labels=frozenset(phase.get("host_labels") or ()),
        )
        for phase in definition.phases
    )
    return list(dict.fromkeys(needs))


def _place(wiring: Wiring, given: str) -> tuple[str, Login | None]:
    """Return the repository and its login: that of the URL, of the settings, or the last given."""
    repository, login = taken_apart(given)
    usual, usual_login = taken_apart(wiring.settings.repository or "")
    if login is None and repository == usual:
        login = usual_login
    if login is None and repository.startswith(("https://", "http://")):
        login = login_of(wiring.database, repository)
    return repository, login

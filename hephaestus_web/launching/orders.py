"""Launch orders from an API body or a launch form, completed from the settings."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from hephaestus_core.contract.budgets import Amount, LaunchBudget
from hephaestus_core.contract.repository_urls import Login, taken_apart
from hephaestus_core.contract.statuses import BudgetAction
from hephaestus_core.intake.comparing import Thresholds
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.settings.config import Settings
from hephaestus_core.settings.repository_settings import settings_of
from hephaestus_web.launching.repositories import (
    check_base_branch,
    check_readable,
    check_repository,
    default_base_branch,
    notice_of,
)


def launch_order(
    settings: Settings, given: Mapping[str, Any], *, created_by: str, key: str | None
) -> LaunchOrder:
    """Return the order for the core; the settings supply absent and null values.

    Args:
        settings: of the server.
        given: values by the names of the API.
        created_by: name of the person.
        key: idempotency key, of this person alone.

    Raises:
        RepositoryError: what is to be worked on cannot be a repository, is damaged, does not have
            the base branch, or is on no branch while none is named.
    """
    defaults: dict[str, Any] = {
        "working_directory": settings.working_directory,
        "auto_merge": settings.auto_merge,
        "usual_conflict_resolution": settings.conflict_resolution,
        "limits": settings.limits,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    asked = dict(chosen)
    repository, login = _named_repository(settings, chosen.pop("main_repo_path", None))
    if "main_repo_path" in asked:
        asked["main_repo_path"] = repository
    check_repository(settings, repository)
    if "base_branch" not in chosen:
        defaults["base_branch"] = settings.base_branch or default_base_branch(repository)
    if "budget" in chosen:
        chosen["budget"] = _budget(**chosen["budget"])
        asked["budget"] = asdict(chosen["budget"])
    values = {**defaults, "tasks_follow": False, **chosen, "created_by": created_by}
    check_base_branch(settings, repository, str(values["base_branch"]))
    check_readable(settings, repository, str(values["base_branch"]))
    return LaunchOrder(
        **values,
        repository=repository,
        usual_commands=asdict(settings_of(settings.repositories, repository)),
        login=login,
        idempotency_key=key,
        asked=asked,
        notice=notice_of(settings, repository),
        compared=Thresholds.of(settings),
    )


def order_in_place(given: Mapping[str, Any]) -> LaunchOrder:
    """Return an order as if its repository were one, to look for the faults of all the rest.

    Args:
        given: values by the names of the API.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    if "budget" in chosen:
        chosen["budget"] = _budget(**chosen["budget"])
    chosen.pop("main_repo_path", None)
    return LaunchOrder(**{"tasks_follow": False, **chosen}, repository="any")


def _budget(
    *, action: BudgetAction, dollars: float | None = None, tokens: int | None = None
) -> LaunchBudget:
    return LaunchBudget(Amount(dollars, tokens), action)


def _named_repository(settings: Settings, given: str | None) -> tuple[str, Login | None]:
    """Return the repository of a launch and its login, by default those of the settings.

    Raises:
        RepositoryError: a URL with something in it that is no login.
    """
    usual, usual_login = taken_apart(settings.repository or "")
    named, login = (usual, None) if given is None else taken_apart(given)
    return named, login or (usual_login if named == usual else None)

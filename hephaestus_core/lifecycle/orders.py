"""Requests to start workflows, and all that can be wrong with one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hephaestus_core.contract.branch_names import check_branch
from hephaestus_core.contract.budgets import LaunchBudget
from hephaestus_core.contract.commands import COMMAND_LIMIT, COMMANDS
from hephaestus_core.contract.definitions.launch_templates import LaunchTemplate, filled_parameters
from hephaestus_core.contract.errors import HephaestusError, InvalidInput
from hephaestus_core.contract.faults import Faults
from hephaestus_core.contract.folders import checked_folder
from hephaestus_core.contract.limits import Limits
from hephaestus_core.contract.policies import CONFLICT_POLICIES
from hephaestus_core.contract.repository_urls import REPOSITORY_LIMIT, Login
from hephaestus_core.contract.spelling import nearest
from hephaestus_core.contract.texts import DESCRIPTION_LIMIT, plain_text
from hephaestus_core.contract.titles import checked_title, title_of_launch
from hephaestus_core.definitions.store import DefinitionView, makes_a_task
from hephaestus_core.intake.comparing import Thresholds


@dataclass(frozen=True, kw_only=True)
class LaunchOrder:
    """A request to start a workflow; None means the server's setting."""

    definition_id: str
    repository: str
    """A path, or a URL without a login."""
    login: Login | None = None
    """The login for the URL; hosts use it for all workflows of this repository from now on."""
    title: str | None = None
    """Default: the first line that a person wrote, of the description or a launch parameter."""
    description: str = ""
    launch_params: Mapping[str, Any] = field(default_factory=dict)
    base_branch: str = "main"
    working_directory: str = "."
    auto_merge: bool = True
    conflict_resolution: str | None = None
    """Default: the definition's."""
    usual_conflict_resolution: str = "newest_file_wins"
    """For a definition that names none."""
    max_agents: int | None = None
    limits: Limits = field(default_factory=Limits)
    budget: LaunchBudget | None = None
    setup_command: str = ""
    """Like the next two, a shell command; default: the definition's."""
    test_command: str = ""
    lint_command: str = ""
    usual_commands: Mapping[str, str] = field(default_factory=dict)
    """The repository's commands, for a definition that names none."""
    task: str = ""
    """Description of the first task, where the definition has no prompt for one."""
    notice: str | None = None
    """What the repository lets expect; said in the event of the start."""
    tasks_follow: bool = True
    """Where there is no first task: tasks are created afterwards; off: that is refused."""
    compared: Thresholds | None = None
    """How later tasks are compared with the first one; None: not at all."""
    created_by: str = "person"
    idempotency_key: str | None = None
    """An equal order with the same key returns the earlier workflow."""
    asked: Mapping[str, Any] = field(default_factory=dict)
    """The values that a second order with the same key must repeat: those of the caller, without
    defaults from settings, which may have changed."""


def check(order: LaunchOrder, definition: DefinitionView) -> None:
    """Check all that a person gave for a launch.

    Raises:
        HephaestusError: the one fault, or :class:`SeveralFaults`.
    """
    faults = _faults(order, definition)
    faults.refuse()


def faults_of(order: LaunchOrder, definition: DefinitionView) -> list[HephaestusError]:
    """Return all that is wrong with what a person gave for a launch."""
    return _faults(order, definition).found


def template_of(definition: DefinitionView) -> LaunchTemplate | None:
    """Return the launch template of a stored definition."""
    stored = definition.launch_template
    return None if stored is None else LaunchTemplate.from_dict(stored, strict=False)


def own_words(order: LaunchOrder, definition: DefinitionView) -> str:
    """Return the first line that a person wrote for a launch."""
    return title_of_launch(
        definition.launch_template, order.launch_params, order.description or order.task
    )


def _faults(order: LaunchOrder, definition: DefinitionView) -> Faults:
    faults = Faults()
    with faults.noted():
        filled_parameters(template_of(definition), order.launch_params)
    with faults.noted():
        _check_first_task(order, definition)
    with faults.noted():
        plain_text(order.repository, "main_repo_path", limit=REPOSITORY_LIMIT, required=True)
    with faults.noted():
        check_branch(order.base_branch, field="base_branch")
    with faults.noted():
        plain_text(order.description, "description")
    with faults.noted():
        checked_title(order.title, own_words(order, definition))
    for name in COMMANDS:
        with faults.noted():
            plain_text(getattr(order, name), name, limit=COMMAND_LIMIT)
    with faults.noted():
        checked_folder(order.working_directory, "working_directory")
    with faults.noted():
        _check_policy(order.conflict_resolution)
    with faults.noted():
        _check_most(order)
    return faults


def _check_policy(asked: str | None) -> None:
    policies = list(CONFLICT_POLICIES)
    if asked is not None and asked not in policies:
        raise InvalidInput(
            f"Unknown conflict_resolution {asked!r}{nearest(asked, policies)}; "
            f"known: {', '.join(policies)}.",
            field="conflict_resolution",
        )


def _check_most(order: LaunchOrder) -> None:
    if order.max_agents is not None and order.max_agents < 1:
        raise InvalidInput("'max_agents' must be at least 1.", field="max_agents")
    if order.budget is not None:
        order.budget.most.checked()


def _check_first_task(order: LaunchOrder, definition: DefinitionView) -> None:
    """Refuse an order where nobody says what is to be done, or both definition and order do."""
    given = bool(order.task.strip())
    if given and makes_a_task(definition):
        raise InvalidInput(
            f"Definition {definition.id!r} makes its first task from its launch parameters; "
            "leave 'task' out, or create a further task afterwards.",
            field="task",
        )
    if given or makes_a_task(definition):
        plain_text(order.task, "task", limit=DESCRIPTION_LIMIT)
    elif not order.tasks_follow:
        raise InvalidInput(
            f"Definition {definition.id!r} makes no first task itself, so there is nothing "
            "to do: give a first task as 'task', or set 'tasks_follow' and create the "
            "tasks afterwards.",
            field="task",
        )

"""The review of a phase's work: the system's checks, and judgements of agents and people."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, get_args

from hephaestus_core.contract.definitions import checks
from hephaestus_core.contract.definitions.placeholders import is_placeholder
from hephaestus_core.contract.folders import PATH_LIMIT, folder_inside
from hephaestus_core.contract.policies import REVIEWERS

CheckType = Literal[
    "file_exists",
    "file_contains",
    "command_success",
    "test_pass",
    "test_fails",
    "performance_metric",
    "red_green",
    "tests_kept",
    "paths_only",
    "links_resolve",
    "names_exist",
    "references_exist",
    "ids_covered",
    "console_blocks",
    "requirements_mapped",
    "component_built",
    "area_map",
    "feature_plan",
    "follows",
    "code_review",
    "manual_verification",
]
CHECK_TYPES: Final[tuple[CheckType, ...]] = get_args(CheckType)

#: Judged by an agent or a person; the system runs all others by itself.
JUDGED: Final = frozenset({"code_review", "manual_verification"})

#: In the targets of ``paths_only`` and ``ids_covered``: all files of tests, by names and folders.
TESTS: Final = "@tests"

#: The fields that a check cannot do without.
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "file_exists": ("target",),
    "file_contains": ("target", "pattern"),
    "command_success": ("command",),
    "performance_metric": ("command", "threshold"),
    "links_resolve": ("target",),
    "names_exist": ("target",),
    "references_exist": ("target",),
    "ids_covered": ("target", "pattern"),
    "console_blocks": ("target",),
    "requirements_mapped": ("target",),
    "feature_plan": ("target",),
    "component_built": ("target",),
    "area_map": ("target",),
    "code_review": ("description",),
    "manual_verification": ("description",),
}
_OPERATORS: Final = ("<=", ">=")
#: Seconds; the longest time that a check may ask for.
_LONGEST: Final = 3600
#: Most failed reviews of a task that a phase may allow.
_MOST_ITERATIONS: Final = 20


@dataclass(frozen=True)
class Check:
    """One thing that must hold before work counts as done.

    Texts may hold ``{placeholders}``, which each launch fills.
    """

    check_type: str
    """One of :data:`CHECK_TYPES`."""
    description: str = ""
    """Its meaning for agents and people, in place of a sentence made from its fields; for
    ``code_review`` and ``manual_verification`` the question."""
    target: list[str] = field(default_factory=list)
    """Files of the repository; for ``paths_only`` patterns of the paths that may change,
    and :data:`TESTS`. For checks of documents a pattern with a wildcard means those that the work
    changes, and a folder all in it."""
    pattern: list[str] = field(default_factory=list)
    """Texts, each of which every target of ``file_contains`` must hold, letter by letter; patterns
    of the ids of ``ids_covered``, or of the names that ``names_exist`` allows."""
    command: str = ""
    """A shell command, run in a clean worktree. ``test_pass``: if empty, the
    workflow's ``test_command``."""
    exit_status: int = 0
    """The exit status of a ``command_success``."""
    metric: str = ""
    """``performance_metric``: the text before the number in the output; if empty, the last
    number."""
    operator: str = "<="
    """``performance_metric``: the number must be ``<=`` or ``>=`` the threshold."""
    threshold: float | None = None
    """The bound of ``performance_metric``; the least references of ``references_exist``, or blocks
    of ``console_blocks``; the most areas of ``area_map``."""
    timeout: int = 600
    """Seconds, 1 to 3600."""

    def __post_init__(self) -> None:
        checks.absent_to_default(self)
        kind = checks.one_of(self.check_type, "check_type", CHECK_TYPES)
        checks.put(
            self,
            check_type=kind,
            description=checks.text(self.description, "description"),
            target=_paths(self.target, "target", patterns=kind == "paths_only"),
            pattern=checks.texts(_listed(self.pattern), "pattern"),
            command=checks.text(self.command, "command"),
            exit_status=checks.whole(self.exit_status, "exit_status", least=0, most=255),
            metric=checks.text(self.metric, "metric"),
            operator=checks.one_of(self.operator, "operator", _OPERATORS),
            threshold=_number(self.threshold, "threshold"),
            timeout=checks.whole(self.timeout, "timeout", least=1, most=_LONGEST),
        )
        for name in _NEEDS.get(kind, ()):
            value = getattr(self, name)
            if value is None or value in ("", []):
                raise checks.refusal(f"is missing; {kind} needs it", name)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = True) -> "Check":
        """Build from the JSON shape; see ``WorkflowDefinition.from_dict``."""
        return cls(**checks.arguments(cls, data, strict=strict))


@dataclass(frozen=True)
class ValidationCriteria:
    """The review of a phase's work before it counts as done."""

    enabled: bool = False
    criteria: list[str | Check] = field(default_factory=list)
    """Checks, and texts for the reviewer to judge; if empty, the phase's done definitions are
    judged."""
    validator_instructions: str = ""
    """Further instructions for the reviewer."""
    reviewer: str = "agent"
    """The judge of texts and ``code_review``: ``agent`` (another one than the author), ``person``,
    or ``machine``: nobody, only the checks count. Or a ``{placeholder}`` for one of these, or for
    a boolean: a person if it is true, else an agent."""
    max_iterations: int = 3
    """Failed reviews of a task, after which a person decides."""

    def __post_init__(self) -> None:
        checks.absent_to_default(self)
        given = checks.items(self.criteria, "criteria")
        checks.put(
            self,
            enabled=checks.flag(self.enabled, "enabled"),
            criteria=[_criterion(item, f"criteria[{n}]") for n, item in enumerate(given)],
            validator_instructions=checks.text(
                self.validator_instructions, "validator_instructions"
            ),
            reviewer=_reviewer(self.reviewer),
            max_iterations=checks.whole(
                self.max_iterations, "max_iterations", least=1, most=_MOST_ITERATIONS
            ),
        )

    @property
    def checks(self) -> list[Check]:
        """The criteria that the system decides by itself."""
        listed = (item for item in self.criteria if isinstance(item, Check))
        return [item for item in listed if item.check_type not in JUDGED]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = True) -> "ValidationCriteria":
        """Build from the JSON shape; see ``WorkflowDefinition.from_dict``."""
        values = checks.arguments(cls, data, strict=strict)
        listed = values.get("criteria")
        if isinstance(listed, list):
            values["criteria"] = [
                checks.built(Check, item, f"criteria[{n}]", strict=strict)
                if isinstance(item, Mapping)
                else item
                for n, item in enumerate(listed)
            ]
        return cls(**values)


def _criterion(item: Any, place: str) -> str | Check:
    if isinstance(item, Check | Mapping):
        return checks.built(Check, item, place)
    return checks.filled_text(item, place)


def _reviewer(value: Any) -> str:
    if isinstance(value, str) and is_placeholder(value):
        return value
    return checks.one_of(value, "reviewer", REVIEWERS)


def _listed(value: Any) -> Any:
    """Return a single text as a list: definitions of the field's older form hold one."""
    return [value] if isinstance(value, str) else value


def _paths(value: Any, place: str, *, patterns: bool) -> list[str]:
    listed = checks.words(_listed(value), place)
    for path in listed:
        if len(path) > PATH_LIMIT or (not patterns and folder_inside(path) is None):
            raise checks.refusal(
                f"{checks.shown(path)} leads out of the repository; name a file inside it, "
                "relative to its root",
                place,
            )
    return listed


def _number(value: Any, place: str) -> float | None:
    if value is None:
        return None
    number = checks.finite(value)
    if number is None:
        raise checks.refusal(f"expected a number, found {checks.shown(value)}", place)
    return float(number)

"""Values of settings that are wrong by themselves or do not go together."""

import os
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.limits import LIMITS
from hephaestus_core.contract.programs import BUILT_IN_PROGRAMS
from hephaestus_core.contract.repository_urls import masked_logins, taken_apart
from hephaestus_core.contract.spelling import nearest
from hephaestus_core.settings.embedding_settings import embedding_faults
from hephaestus_core.settings.llm_settings import llm_faults, price_faults
from hephaestus_core.settings.notification_settings import notification_faults
from hephaestus_core.settings.program_settings import read_program
from hephaestus_core.settings.repository_settings import read_repository

if TYPE_CHECKING:
    from hephaestus_core.settings.config import Settings

_ABOVE_ZERO: Final = (
    "max_concurrent_agents",
    *LIMITS,
    "monitoring_interval",
    "stuck_minutes",
    *("attempt_minutes", "attempt_turns", "attempt_tokens", "attempt_dollars"),
    "interventions_per_task",
    "heartbeat_seconds",
    "lease_seconds",
    "reconcile_seconds",
    "orphan_minutes",
    "orphan_days",
    "setup_minutes",
    "question_hours",
    *("memory_unused_days", "memory_wrong_ratings", "memory_kept_days"),
    "llm_tokens_per_hour",
    "llm_tokens_per_workflow",
    "llm_calls_days",
)
_PORTS: Final = range(1, 65536)
#: To write, to read, and for the heartbeat.
_CONNECTIONS: Final = 3
#: Names of settings, what is expected of them, and the test for it.
_RANGES: Final[tuple[tuple[tuple[str, ...], str, Callable[[float], bool]], ...]] = (
    (("mcp_port", "ui_port"), "a port from 1 to 65535", lambda value: value in _PORTS),
    (
        ("similarity_threshold", "related_threshold"),
        "a number from 0 to 1",
        lambda value: 0 <= value <= 1,
    ),
    (_ABOVE_ZERO, "more than 0", lambda value: value > 0),
    (
        (
            *("least_free_bytes", "least_free_inodes", "least_free_memory", "restarts_per_task"),
            "trajectory_calls_per_hour",
            *("diagnostic_min_stuck_time_seconds", "diagnostic_cooldown_seconds"),
            "notification_group_seconds",
        ),
        "0 or more",
        lambda value: value >= 0,
    ),
    (("worker_connections", "web_connections"), "3 or more", lambda value: value >= _CONNECTIONS),
)


def contradictions(settings: "Settings") -> list[str]:
    """Return a sentence for each fault."""
    checks = (
        *(_programs, _own_programs, _repositories, _commands),
        *(llm_faults, embedding_faults, notification_faults, _prices, _numbers, _leases),
    )
    return list(chain.from_iterable(check(settings) for check in checks))


def _programs(settings: "Settings") -> Iterator[str]:
    programs = [*BUILT_IN_PROGRAMS, *settings.agent_programs]
    named = [("default_cli_tool", settings.default_cli_tool)]
    named += [("cli_fallback", text.partition(":")[0]) for text in settings.cli_fallback]
    for setting, name in named:
        if name not in programs:
            yield (
                f"'{setting}': no agent program {name!r}{nearest(name, programs)}; "
                f"known: {', '.join(programs)}"
            )


def _own_programs(settings: "Settings") -> Iterator[str]:
    for name, raw in settings.agent_programs.items():
        yield from (f"agent_programs {fault}" for fault in read_program(str(name), raw)[1])
        if name in BUILT_IN_PROGRAMS:
            yield f"agent_programs '{name}': has an adapter already; take another name"


def _repositories(settings: "Settings") -> Iterator[str]:
    named = [path for path in (settings.main_repo_path, settings.project_root) if path]
    for path in named:
        try:
            taken_apart(path)
        except RepositoryError as error:
            yield error.message
    if len({os.path.realpath(Path(path).expanduser()) for path in named}) > 1:
        main, root = map(masked_logins, named)
        yield (
            f"'main_repo_path' is '{main}' and 'project_root' '{root}': they must be the same; "
            "leave one of them out"
        )


def _commands(settings: "Settings") -> Iterator[str]:
    for name, raw in settings.repositories.items():
        yield from (f"repositories {fault}" for fault in read_repository(str(name), raw))


def _prices(settings: "Settings") -> Iterator[str]:
    yield from (f"agent_prices {fault}" for fault in price_faults(settings.agent_prices))


def _numbers(settings: "Settings") -> Iterator[str]:
    for names, expected, holds in _RANGES:
        for name in names:
            value = getattr(settings, name)
            if value is not None and not holds(value):
                yield f"'{name}': expected {expected} (found {value})"


def _leases(settings: "Settings") -> Iterator[str]:
    if settings.lease_seconds < 3 * settings.heartbeat_seconds:
        yield (
            "'lease_seconds': expected at least 3 × heartbeat_seconds, "
            f"so that one lost sign of life costs nothing (found {settings.lease_seconds})"
        )

"""Settings: ``hephaestus_config.yaml``, then ``HEPHAESTUS_*`` variables, then SDK parameters.

Standard library and PyYAML only, so that the bare install (SDK and CLI) reads the same settings
as the servers. Every fault of every source is reported together, each with the nearest right name.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from hephaestus_core.contract.errors import ConfigurationError
from hephaestus_core.contract.limits import LIMITS, Limits
from hephaestus_core.contract.policies import ConductorPolicy, ConflictPolicy
from hephaestus_core.contract.repository_urls import masked_logins
from hephaestus_core.settings.build_output import BUILD_OUTPUT
from hephaestus_core.settings.contradictions import contradictions
from hephaestus_core.settings.reading import from_environ, from_file, known
from hephaestus_core.settings.values import converted

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
SandboxPolicy = Literal["auto", "bubblewrap", "none"]


_REPOSITORY = ("main_repo_path", "project_root")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set. Build it with :func:`load_settings`."""

    home: Path = field(default_factory=lambda: Path("~/.hephaestus").expanduser())
    """Folder of this stack's data, logs and secrets. Two homes are two stacks."""
    database_path: Path | None = None
    """Folder of the embedded database; default ``<home>/postgres``."""
    database_url: str | None = None
    """A PostgreSQL server to use in place of the embedded one."""
    redis_url: str | None = None
    """A Redis or Valkey server to use in place of the embedded one."""

    worker_connections: int = 7
    """Most connections to PostgreSQL of one worker. Ten workers and a web process fit into the
    hundred that a server allows by default."""
    web_connections: int = 20
    """Most connections to PostgreSQL of one web process; one more listens for events."""

    mcp_host: str = "127.0.0.1"
    """Address that the API, the MCP endpoint and the UI listen on."""
    mcp_port: int = 8000
    """Port of the API and MCP."""
    ui_port: int = 3000
    """Port of the pages for browsers; the same web process serves it."""
    advertised_url: str | None = None
    """URL at which agents reach the API; default ``http://<mcp_host>:<mcp_port>``."""

    working_directory: str = "."
    """Folder inside the repository in which agents start."""
    project_root: str | None = None
    """The project's folder; stands in for ``main_repo_path`` when that is not given, and must be
    the same when it is."""
    main_repo_path: str | None = None
    """The repository to work on: a local path, or a URL that git can clone."""
    base_branch: str | None = None
    """Branch that work starts from and finally goes to; default: the one that a local repository
    has checked out, and ``main`` for a URL."""
    worktree_base: Path | None = None
    """Folder for worktrees; default ``<home>/host/worktrees``."""
    auto_commit: bool = True
    """Commit the uncommitted changes of agents; off: agents commit themselves."""
    auto_merge: bool = True
    """Deliver an accepted workflow to ``base_branch``; off: wait for a person's approval."""
    conflict_resolution: ConflictPolicy = "newest_file_wins"
    """Policy for merge conflicts where a definition names none: newest_file_wins, agent or
    manual."""
    commit_exclude: tuple[str, ...] = BUILD_OUTPUT
    """Patterns, as in .gitignore, of new files that are not committed automatically; an empty
    list: none. Files that an agent adds itself, tracked files, and files that .gitignore includes
    with ``!`` are committed."""
    git_filters: tuple[str, ...] = ()
    """Names of git filters, such as ``git-crypt``, that agents' files pass through by the settings
    of the user's own clone. A repository with other filters is refused, unless this host's user has
    configured them."""
    git_submodules: bool = True
    """Check out submodules in agents' worktrees where the host can reach them; off: their folders
    stay empty. The prompt of an agent names the empty ones."""
    repositories: dict[str, Any] = field(default_factory=dict)
    """Commands per repository, by path or URL: ``setup_command``, ``test_command``,
    ``lint_command``, the hooks ``after_create`` and ``before_remove`` of its worktrees, and what
    is kept of a set-up, ``setup_keeps`` with ``setup_reads``."""
    phases_folder: Path | None = None
    """Folder of ``NN_name.yaml`` phases to register at the start."""

    default_cli_tool: str = "claude"
    """Agent program for phases that name none."""
    cli_model: str | None = None
    """Model for phases that name none; default: the program's own."""
    cli_fallback: tuple[str, ...] = ()
    """Fallbacks, in this order, for a program that is missing, refused or out of quota:
    ``program`` or ``program:model``. A phase or a workflow may override this."""
    agent_programs: dict[str, Any] = field(default_factory=dict)
    """Further agent programs, by name; see docs/agent-programs.md."""
    agent_environment: tuple[str, ...] = (
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "ANTHROPIC_BASE_URL",
        "CLAUDE_CODE_OAUTH_TOKEN",
        "FACTORY_API_KEY",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "OPENCODE_API_KEY",
    )
    """Names of environment variables that agents inherit; nothing else of the worker's is passed
    on but PATH, HOME, LANG and the like."""
    agent_sandbox: SandboxPolicy = "auto"
    """Contain agents: auto (where bubblewrap works), bubblewrap (a worker that cannot does not
    start) or none. See docs/operations.md."""
    agent_readable: tuple[Path, ...] = ()
    """Files and folders that agents in a sandbox may read beside the system and the tools in
    PATH."""
    agent_writable: tuple[Path, ...] = ()
    """Files and folders that they may also change, such as a cache."""
    setup_minutes: float = 10.0
    """Most minutes that set-up may take in an agent's worktree, and each of its hooks."""
    resume_conversations: bool = True
    """Let a task whose program or session died go on with the same conversation; off: every attempt
    begins anew."""
    question_hours: float = 24.0
    """Hours after which an agent decides by itself what it has asked a person."""
    max_concurrent_agents: int = 10
    """Most live agents at once in the whole system."""

    tasks_per_workflow: int = 2000
    """Most tasks of a workflow, whoever creates them. This limit and the next three are those of
    new workflows; a person may change them for one that runs."""
    tasks_per_attempt: int = 50
    """Most tasks that one attempt of an agent may create."""
    task_depth: int = 20
    """Most creations between a task of an agent and a task that no task led to."""
    messages_per_minute: int = 30
    """Most messages that one agent may send within a minute."""

    diagnostic_agent_enabled: bool = True
    """Start an agent on a workflow that stands still short of its goal, to create what it lacks.
    See docs/diagnoses.md."""
    diagnostic_min_stuck_time_seconds: float = 60.0
    """Seconds for which a workflow stands still before such an agent starts."""
    diagnostic_cooldown_seconds: float = 60.0
    """Seconds from the end of one such run to the next of the same workflow."""
    tasks_per_diagnosis: int = 5
    """Most tasks that one such run may create. This limit and the next are those of new workflows;
    a person may change them for one that runs."""
    diagnoses_per_workflow: int = 3
    """Most such runs of one workflow."""

    conductor_policy: ConductorPolicy = "advise"
    """What follows from agents of a workflow that are in each other's way: observe (it is shown),
    advise (they are told) or act (also, one of two at the same work is stopped)."""
    agent_prices: dict[str, Any] = field(default_factory=dict)
    """By model of agents, dollars for a million tokens: ``input``, ``output``, ``cache_read`` and
    ``cache_write``; they go before the public list."""

    memory_unused_days: float = 90.0
    """Days after which a memory is forgotten that nobody was told, said again or rated."""
    memory_wrong_ratings: int = 2
    """Agents and people that rate a memory wrong, after whom it is forgotten."""
    memory_kept_days: float = 90.0
    """Days for which a person can restore a forgotten memory; then it is deleted."""

    host_name: str | None = None
    """This host's name; its Celery queue is ``host.<name>``. Default: the name that was last in
    use, which ``<home>/host/name`` keeps; at the first start the machine's."""
    host_slots: int | None = None
    """Most live agents at once on this host; default ``max_concurrent_agents``."""
    host_labels: tuple[str, ...] = ()
    """Labels of this host, such as ``gpu``; a phase may require labels."""
    heartbeat_seconds: float = 4.0
    """Seconds between two signs of life of a host."""
    lease_seconds: float = 30.0
    """Seconds after its last sign of life at which a host loses its attempts."""
    least_free_bytes: int = 500_000_000
    """Free bytes on the disks of this host's home and worktrees below which it claims no task."""
    least_free_inodes: int = 10_000
    """Free inodes on the same disks below which it claims no task."""
    least_free_memory: int = 200_000_000
    """Free bytes of memory of this host below which it claims no task."""
    reconcile_seconds: float = 2.0
    """Seconds between two passes that make a host agree with the database."""
    orphan_minutes: float = 10.0
    """Minutes without a worker after which a host's agents are ended, with their work saved in
    their branches there. A pause of the machine does not count."""
    orphan_days: float = 30.0
    """Days for which a host keeps what it has quarantined because no task claims it. Only time in
    which its worker runs counts."""

    monitoring_interval: int = 60
    """Seconds between two sweeps of the Guardian."""
    stuck_minutes: float = 5.0
    """Minutes without output, tool call, token and change on disk after which a busy agent counts
    as hung. It is restarted after three times as long."""
    attempt_minutes: float | None = None
    """Minutes after which an attempt is parked for a person; default: no limit."""
    attempt_turns: int | None = None
    """Answers of its model after which an attempt is parked for a person; default: no limit."""
    attempt_tokens: int | None = None
    """Tokens after which an attempt is parked for a person; default: no limit."""
    attempt_dollars: float | None = None
    """Dollars after which an attempt is parked for a person; default: no limit."""
    restarts_per_task: int = 3
    """Restarts by the Guardian after which a person decides about a task."""
    interventions_per_task: int = 12
    """Acts of the Guardian of any kind, messages too, after which a person decides."""
    trajectory_calls_per_hour: int = 240
    """Most calls within any hour by which a model judges the ways of agents; 0: none does. See
    docs/guardian.md."""
    log_level: LogLevel = "INFO"
    """Lowest level that is logged."""

    task_deduplication_enabled: bool = True
    """Whether a new task is compared with those of its phase, and does not run if one of them does
    the same work. See docs/duplicates.md."""
    similarity_threshold: float = 0.92
    """Similarity of their vectors, 0 to 1, from which a task in other words is shown to the model
    that judges duplicates. Without a model it has no effect: words alone find what rules can
    judge."""
    related_threshold: float = 0.5
    """Similarity, 0 to 1, from which a task that runs names the other one as related."""

    llm_provider: str | None = None
    """Provider of the models that the system itself asks; default: none, and everything works
    without. See docs/llm.md."""
    llm_model: str | None = None
    """Model that the system itself asks; agents have ``cli_model``."""
    llm_providers: dict[str, Any] = field(default_factory=dict)
    """Per provider: ``api``, ``base_url``, ``api_key_env``, ``models`` and ``prices``."""
    llm_model_assignments: dict[str, Any] = field(default_factory=dict)
    """Per kind of call: ``provider``, ``model``, ``max_tokens`` and ``timeout_seconds``."""
    llm_tokens_per_hour: int = 2_000_000
    """Most tokens, sent and received, of all such calls within any hour."""
    llm_tokens_per_workflow: int = 5_000_000
    """Most tokens of such calls for one workflow."""
    llm_calls_days: int = 90
    """Days for which the record of each such call is kept; the sums per day and workflow stay."""
    task_enrichment_enabled: bool = False
    """Ask a model for hints on each task before its agent starts. See docs/llm.md."""

    embedding_provider: str = "wordllama"
    """Embedder for searches by meaning: wordllama (in the package, needs no network), fastembed
    (where it is installed), or a provider in ``llm_providers`` whose api is openai. The server's
    counts for all hosts. See docs/vectors.md."""
    embedding_model: str | None = None
    """Model of the embedder; wordllama has one."""
    embedding_dimension: int | None = None
    """Numbers of a vector that an endpoint is asked for; default: as many as its model makes."""
    qdrant_url: str | None = None
    """A Qdrant server that holds a copy of the vectors and is asked first; default:
    none, and PostgreSQL answers."""
    qdrant_api_key_env: str | None = None
    """Name of the environment variable with Qdrant's key; default: it takes none."""
    notification_channels: dict[str, Any] = field(default_factory=dict)
    """Channels that tell people what waits for them, by name. See docs/notifications.md."""
    notification_group_seconds: float = 60.0
    """Least seconds between two messages to a channel; what comes up meanwhile is in the next."""

    @property
    def api_url(self) -> str:
        """URL at which this stack's API answers on this machine."""
        host = "127.0.0.1" if self.mcp_host in {"0.0.0.0", "::"} else self.mcp_host  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.mcp_port}"

    @property
    def agent_url(self) -> str:
        """URL at which agents reach the API, from whichever host they run on."""
        return self.advertised_url or self.api_url

    @property
    def repository(self) -> str | None:
        """The repository that workflows use when their launch names none."""
        return self.main_repo_path or self.project_root

    @property
    def limits(self) -> Limits:
        """The limits of new workflows."""
        return Limits(**{name: getattr(self, name) for name in LIMITS})

    @property
    def slots(self) -> int:
        """Agents alive at once on this host."""
        return self.max_concurrent_agents if self.host_slots is None else self.host_slots


def load_settings(
    *,
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Read settings from all sources; the later source wins.

    Args:
        file: the YAML file; default ``$HEPHAESTUS_CONFIG``, else ``./hephaestus_config.yaml``
            if it is there.
        environ: default ``os.environ``; ``HEPHAESTUS_<NAME>`` sets ``<name>``.
        overrides: parameters of the SDK or of the command line.

    Raises:
        ConfigurationError: unknown names or wrong values, all of them in one message.
    """
    environ = os.environ if environ is None else environ
    faults: list[str] = []
    types = {f.name: f.type for f in fields(Settings)}
    names = list(types)
    values = from_file(settings_file(file, environ, faults), names, faults)
    values = overridden(values, from_environ(environ, types, faults))
    values = overridden(values, known(overrides or {}, "parameter", names, faults))
    settings = _build(values, faults)
    if faults:
        lines = "\n".join(f"- {fault}" for fault in faults)
        raise ConfigurationError(f"The configuration cannot be used:\n{lines}")
    return settings


def overridden(values: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of two sources, of which the later wins.

    ``main_repo_path`` and ``project_root`` name one thing: a source that gives one means both.
    """
    given = [name for name in _REPOSITORY if later.get(name) is not None]
    kept = {n: v for n, v in values.items() if not given or n not in _REPOSITORY}
    return {**kept, **later}


def setting_names() -> list[str]:
    """Return the names of all settings, in order of declaration."""
    return [f.name for f in fields(Settings)]


def settings_file(file: Path | None, environ: Mapping[str, str], faults: list[str]) -> Path | None:
    """Return the file that is read, if any; adds to ``faults`` when one is named and not there."""
    named = file or (Path(environ["HEPHAESTUS_CONFIG"]) if "HEPHAESTUS_CONFIG" in environ else None)
    if named is None:
        default = Path("hephaestus_config.yaml")
        return default if default.is_file() else None
    if not named.is_file():
        faults.append(f"{named}: no such file; create it or leave HEPHAESTUS_CONFIG unset")
        return None
    return named


def _build(values: dict[str, Any], faults: list[str]) -> Settings:
    defaults = Settings()
    checked: dict[str, Any] = {}
    for f in fields(Settings):
        if f.name not in values:
            continue
        try:
            checked[f.name] = converted(values[f.name], f.type)
        except (TypeError, ValueError) as error:
            found = masked_logins(repr(values[f.name]))
            faults.append(f"'{f.name}': {error} (found {found})")
    settings = replace(defaults, **checked)
    faults.extend(contradictions(settings))
    return settings

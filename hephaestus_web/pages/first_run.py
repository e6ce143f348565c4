"""The page of the first run: the stack, a program, a repository, a sample, in four steps."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.contract.repository_urls import taken_apart
from hephaestus_core.contract.statuses import Health, HostStatus
from hephaestus_core.definitions.service import list_definitions
from hephaestus_core.hosts.service import HostView, list_hosts
from hephaestus_core.settings.config import Settings
from hephaestus_web.access.auth import caller
from hephaestus_web.launching.repositories import (
    check_base_branch,
    check_repository,
    default_base_branch,
    hosts_are_here,
)
from hephaestus_web.live.broker import redis_state
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.sample.run import start_sample
from hephaestus_web.wiring import database, wiring

#: The programs that need a login: the package to install, and how a person logs in.
_PROGRAMS: Final = {
    "claude": (
        "@anthropic-ai/claude-code",
        "start `claude` once, or set `ANTHROPIC_API_KEY` before its worker starts",
    ),
    "codex": (
        "@openai/codex",
        "run `codex login`, or set `OPENAI_API_KEY` before its worker starts",
    ),
    "opencode": (
        "opencode-ai",
        "run `opencode auth login`, or set a provider's key before its worker starts",
    ),
    "droid": ("droid", "add a model to `customModels` in `~/.factory/settings.json`"),
}


@dataclass(frozen=True)
class Program:
    """An agent program: the hosts that can use it, and those where nobody is logged in to it."""

    name: str
    package: str
    log_in: str
    hosts: list[str]
    logged_out: list[str]


@dataclass(frozen=True)
class Repository:
    """A repository that was asked about; ``trouble`` says why no workflow can run on it."""

    name: str
    branch: str = ""
    trouble: str | None = None


@blueprint.get("/first-run")
def first_run() -> str:
    """Show how far this stack is ready, and what is to be done next."""
    hosts = [host for host in list_hosts(database()) if host.status == HostStatus.ACTIVE]
    asked = _asked(request.args.get("repository", "").strip())
    return render_template(
        "first_run.html",
        hosts=hosts,
        ready=[host for host in hosts if host.health != Health.UNWELL],
        redis=redis_state(),
        programs=[_program(name, hosts) for name in _PROGRAMS],
        asked=asked,
        definitions=list_definitions(database(), offered_only=True),
        define=_defining(asked),
        sample_is_possible=hosts_are_here(wiring().settings),
        project=HomeLayout(wiring().settings.home).sample_project,
    )


def _program(name: str, hosts: list[HostView]) -> Program:
    package, log_in = _PROGRAMS[name]
    having = [host for host in hosts if name in host.programs]
    return Program(
        name,
        package,
        log_in,
        hosts=[host.name for host in having if name not in host.programs_without_login],
        logged_out=[host.name for host in having if name in host.programs_without_login],
    )


def _defining(asked: Repository | None) -> str:
    """Return the command that defines the shipped workflows in this stack."""
    path = asked.name if asked and not asked.trouble and Path(asked.name).is_absolute() else "."
    command = ["hephaestus", "dev", "--path", path]
    home = wiring().settings.home
    if home != Settings().home:
        command += ["--home", str(home)]
    return shlex.join(command)


def _asked(given: str) -> Repository | None:
    """Return what is known of a repository; its login is shown to nobody."""
    if not given:
        return None
    settings, repository = wiring().settings, ""
    try:
        repository, _ = taken_apart(given)
        check_repository(settings, repository)
        branch = settings.base_branch or default_base_branch(repository)
        check_base_branch(settings, repository, branch)
    except HephaestusError as error:
        return Repository(repository, trouble=error.message)
    return Repository(repository, branch)


@blueprint.post("/first-run/sample")
def run_sample() -> ResponseReturnValue:
    """Start the sample run and show it."""
    started = start_sample(database(), wiring().settings, created_by=caller().name)
    return redirect(url_for("pages.workflow", workflow_id=started.id), 303)

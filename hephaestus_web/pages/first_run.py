"""The page of the first run: the stack, a program, a repository, a sample, in four steps."""

from dataclasses import dataclass
from typing import Final

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.contract.repository_urls import taken_apart
from hephaestus_core.contract.statuses import HostStatus
from hephaestus_core.hosts.service import HostView, list_hosts
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

#: The programs that need a login, and how a person logs in.
_LOGINS: Final = {
    "claude": "start `claude` once, or set ANTHROPIC_API_KEY",
    "codex": "run `codex login`, or set OPENAI_API_KEY",
    "opencode": "run `opencode auth login`, or set a provider's key",
    "droid": "add a model to customModels in ~/.factory/settings.json",
}


@dataclass(frozen=True)
class Program:
    """An agent program, and where it is installed."""

    name: str
    log_in: str
    hosts: list[str]


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
    return render_template(
        "first_run.html",
        hosts=hosts,
        redis=redis_state(),
        programs=[_program(name, hosts) for name in _LOGINS],
        asked=_asked(request.args.get("repository", "").strip()),
        sample_is_possible=hosts_are_here(wiring().settings),
        project=HomeLayout(wiring().settings.home).sample_project,
    )


def _program(name: str, hosts: list[HostView]) -> Program:
    return Program(name, _LOGINS[name], [host.name for host in hosts if name in host.programs])


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

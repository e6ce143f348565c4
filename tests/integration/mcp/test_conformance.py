"""The official conformance suite, on the server of tools and resources that we are.

Newer versions of the suite want a newer Node.js than many machines have; this one knows the
revisions up to 2025-11-25.
"""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests import agent_packages
from tests.servers import Postgres, Valkey
from tests.web_server import WebServer, running_web

pytestmark = pytest.mark.real_program

#: What needs nothing but a server: these are run on our own tools and resources.
WITHOUT_FIXTURES = {
    "server-initialize",
    "ping",
    "tools-list",
    "resources-list",
    "dns-rebinding-protection",
}

#: What a server of tools and resources has to pass.
REQUIRED = WITHOUT_FIXTURES | {
    "tools-call-simple-text",
    "tools-call-image",
    "tools-call-audio",
    "tools-call-embedded-resource",
    "tools-call-mixed-content",
    "tools-call-error",
    "json-schema-2020-12",
    "resources-read-text",
    "resources-read-binary",
    "resources-templates-read",
}

_NO_PROMPTS = "no prompts are offered"
_ONE_ANSWER = "each request has one JSON answer: nothing is sent in between"
_NO_ASKING = "no client is asked back, as agents have nobody who answers"
_NO_SESSION = "nothing is kept between requests, so nothing can be subscribed to"

#: Why each of the others must fail: it is not offered, and our capabilities say so.
EXPECTED_FAILURES = {
    "completion-complete": "no arguments are completed",
    "logging-set-level": _ONE_ANSWER,
    "tools-call-with-logging": _ONE_ANSWER,
    "tools-call-with-progress": _ONE_ANSWER,
    "tools-call-sampling": _NO_ASKING,
    "tools-call-elicitation": _NO_ASKING,
    "elicitation-sep1034-defaults": _NO_ASKING,
    "elicitation-sep1330-enums": _NO_ASKING,
    "resources-subscribe": _NO_SESSION,
    "resources-unsubscribe": _NO_SESSION,
    "prompts-list": _NO_PROMPTS,
    "prompts-get-simple": _NO_PROMPTS,
    "prompts-get-with-args": _NO_PROMPTS,
    "prompts-get-embedded-resource": _NO_PROMPTS,
    "prompts-get-with-image": _NO_PROMPTS,
}

#: Whose checks do not apply to a server without sessions: the suite warns, and checks nothing.
WITHOUT_CHECKS = {"server-sse-polling", "server-sse-multiple-streams"}

_RESULT = re.compile(r"^[✓✗] ([\w-]+): (\d+) passed, (\d+) failed$", re.MULTILINE)

Serve = Callable[[str], AbstractContextManager[WebServer]]


@pytest.fixture
def serve(
    postgres_server: Postgres, valkey_server: Valkey, database_url: str, tmp_path: Path
) -> Serve:
    """Run one of the applications made for the suite."""

    @contextmanager
    def running(name: str) -> Iterator[WebServer]:
        app = f"tests.integration.mcp.conformance_app:{name}()"
        with running_web(tmp_path, database_url, valkey_server.next_url(), app=app) as web:
            yield web

    return running


def results(web: WebServer, *arguments: str) -> dict[str, tuple[int, int]]:
    """Run the suite; return how many checks of each scenario passed and failed."""
    suite = agent_packages.program(*agent_packages.CONFORMANCE, "conformance")
    done = subprocess.run(
        [suite, "server", "--url", f"{web.url}/mcp", *arguments],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    found = {name: (int(good), int(bad)) for name, good, bad in _RESULT.findall(done.stdout)}
    assert found, done.stdout + done.stderr
    return found


def test_all_scenarios_end_as_they_must(serve: Serve) -> None:
    with serve("with_fixtures") as web:
        found = results(web, "--suite", "all")
    assert set(found) == REQUIRED | set(EXPECTED_FAILURES) | WITHOUT_CHECKS
    assert {name for name, (_, bad) in found.items() if bad} == set(EXPECTED_FAILURES)
    assert {name for name, (good, _) in found.items() if good} == REQUIRED


def test_our_own_tools_and_resources_conform(serve: Serve) -> None:
    with serve("ours") as web:
        for scenario in sorted(WITHOUT_FIXTURES):
            assert passed(web, scenario), scenario


def passed(web: WebServer, scenario: str) -> bool:
    """Run one scenario, whose exit code says how it went."""
    suite = agent_packages.program(*agent_packages.CONFORMANCE, "conformance")
    command = [suite, "server", "--url", f"{web.url}/mcp", "--scenario", scenario]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode == 0

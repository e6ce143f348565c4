"""A launch on another user's repository is refused, with the remedy that git asks for."""

import os
import re
import subprocess
from pathlib import Path

import httpx
import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.settings.config import load_settings
from hephaestus_web.launching.repositories import check_repository
from tests.integration.git.making import Repo
from tests.integration.web.conftest import DEFINITION
from tests.owners import give_to_another

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
SETTINGS = load_settings(environ={})


@pytest.fixture
def foreign(tmp_path: Path) -> Repo:
    repo = Repo.make(tmp_path / "theirs")
    repo.commit({"README.md": "Theirs\n"})
    give_to_another(repo.path)
    return repo


def test_a_launch_is_refused_at_once(api: httpx.Client, foreign: Repo) -> None:
    api.put("/api/v1/workflow-definitions/two-phases", json=DEFINITION).raise_for_status()
    body = {
        "definition_id": "two-phases",
        "main_repo_path": str(foreign.path),
        "launch_params": {"thing": "a boat"},
    }
    refused = api.post("/api/v1/workflows", json=body)
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["code"] == "repository_error"
    assert problem["field"] == "main_repo_path"
    assert f"safe.directory {foreign.path}/.git" in problem["detail"]


def test_the_remedy_lets_it_in(
    foreign: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    with pytest.raises(RepositoryError) as refused:
        check_repository(SETTINGS, str(foreign.path))
    remedy = re.search(r"`(git config [^`]*)`", refused.value.message)
    assert remedy is not None
    subprocess.run(["/bin/sh", "-c", remedy[1]], check=True, timeout=20)
    check_repository(SETTINGS, str(foreign.path))


def test_where_all_hosts_are_elsewhere_they_look_themselves(foreign: Repo) -> None:
    elsewhere = load_settings(environ={"HEPHAESTUS_MCP_HOST": "0.0.0.0"})
    check_repository(elsewhere, str(foreign.path))

"""A repository of another user: refused for good, with a remedy that works as it is written."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import command as git
from hephaestus_worker.git.origins.mirror import Mirror
from tests.integration.git.making import Host, Repo
from tests.owners import give_to_another

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the worker's user have settings of git elsewhere, as in a container's volume."""
    settings = tmp_path / "volume" / "gitconfig"
    settings.parent.mkdir()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    return settings


@pytest.mark.parametrize("form", ["{}", "{}/.git", "file://{}"])
def test_it_is_refused_until_the_remedy_is_run(form: str, user: Repo, tmp_path: Path) -> None:
    origin = form.format(user.path)
    give_to_another(user.path)
    with pytest.raises(RepositoryError, match="belongs to another user") as refused:
        Mirror.open(origin, tmp_path / "mirrors")
    assert not isinstance(refused.value, git.GitError), "trying again cannot help"
    assert refused.value.field == "main_repo_path"

    remedy = re.search(r"`(git config [^`]*)`", refused.value.message)
    assert remedy is not None
    subprocess.run(["/bin/sh", "-c", remedy[1]], check=True, timeout=20)

    host = Host(Mirror.open(origin, tmp_path / "mirrors"), tmp_path / "worktrees")
    tip = host.work("one", {"new": "1\n"})
    assert host.merge(tip)[0].status == "merged"
    assert host.mirror.tip("hephaestus/flow") is not None


def test_one_that_receives_pushes_by_hooks_is_trusted_by_the_same_remedy(
    user: Repo, tmp_path: Path
) -> None:
    hook = user.path / ".git" / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 0\n")
    hook.chmod(0o755)
    give_to_another(user.path)
    with pytest.raises(RepositoryError) as refused:
        Mirror.open(str(user.path), tmp_path / "mirrors")
    remedy = re.search(r"`(git config [^`]*)`", refused.value.message)
    assert remedy is not None
    subprocess.run(["/bin/sh", "-c", remedy[1]], check=True, timeout=20)
    mirror = Mirror.open(str(user.path), tmp_path / "mirrors")
    assert mirror.push(mirror.resolve("main"), "hephaestus/x", expected=None)

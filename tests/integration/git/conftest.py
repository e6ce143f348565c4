from pathlib import Path

import pytest

from hephaestus_worker.git.origins.mirror import Mirror
from tests.integration.git.making import Host, Repo


@pytest.fixture
def user(tmp_path: Path) -> Repo:
    """A user's repository with a checkout and a first commit on main."""
    repo = Repo.make(tmp_path / "user")
    repo.commit({"README.md": "# A project\n", "src/app.py": "print('hello')\n"}, at=1_000_000)
    return repo


@pytest.fixture
def host(user: Repo, tmp_path: Path) -> Host:
    """This host's mirror of the user's repository, and room for worktrees."""
    home = tmp_path / "home"
    return Host(Mirror.open(str(user.path), home / "mirrors"), home / "worktrees")

"""A repository on another file system than the home: copied, because nothing can be linked."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hephaestus_worker.git.origins.mirror import Mirror
from tests.integration.git.making import Host, Repo

_MEMORY = Path("/dev/shm")


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Repo]:
    """A user's repository on another file system than the home."""
    folder = Path(tempfile.mkdtemp(prefix="hephaestus-test-", dir=_MEMORY))
    assert os.stat(folder).st_dev != os.stat(tmp_path).st_dev, "two file systems are needed"
    repo = Repo.make(folder / "far")
    repo.commit({"README.md": "# Far\n"})
    repo.git("gc", "--quiet")
    repo.commit({"src/app.py": "print('far')\n"})
    yield repo
    shutil.rmtree(folder)


def test_a_repository_on_another_file_system_is_copied_and_gets_its_work(
    far: Repo, tmp_path: Path
) -> None:
    host = Host(Mirror.open(str(far.path), tmp_path / "mirrors"), tmp_path / "worktrees")
    assert host.mirror.resolve("main") == far.tip()
    tip = host.work("one", {"new": "1\n"})
    assert host.merge(tip)[0].status == "merged"
    assert far.show("hephaestus/flow", "new") == "1"
    assert far.git("fsck", "--strict", "--no-dangling") == ""

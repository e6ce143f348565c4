"""git that is cut off in the middle: nothing half done is taken for whole, nothing stays locked."""

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_worker.git import command as git
from hephaestus_worker.git.origins.mirror import Mirror, pack
from tests.integration.git.making import Host, Repo

CUT_AFTER = 200_000  # several of the packets that a pack comes in

# Plays ssh. Git asks it once which kind of ssh it is; it is none that takes options.
SSH = """#!{python} -IS
import os, subprocess, sys
if sys.argv[1] == "-G":
    sys.exit(1)
server = subprocess.Popen(sys.argv[2], shell=True, stdout=subprocess.PIPE)
left = {bytes} if os.path.exists("{cut}") else 1 << 40
while left and (said := os.read(server.stdout.fileno(), min(left, 4096))):
    os.write(1, said)
    left -= len(said)
server.kill()
"""


class Line:
    """A connection to the user's repository that can be made to break after some bytes."""

    def __init__(self, folder: Path) -> None:
        self.ssh = folder / "line"
        self._cut = folder / "cut"
        self.ssh.write_text(SSH.format(python=sys.executable, cut=self._cut, bytes=CUT_AFTER))
        self.ssh.chmod(0o755)

    @contextmanager
    def broken(self) -> Iterator[None]:
        self._cut.touch()
        yield
        self._cut.unlink()


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    made = Line(tmp_path)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(made.ssh))
    return made


@pytest.fixture
def mirror(user: Repo, tmp_path: Path, line: Line) -> Mirror:
    return Mirror.open(f"ssh://somewhere{user.path}", tmp_path / "mirrors")


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def test_a_fetch_that_was_cut_off_leaves_the_commit_unknown(
    user: Repo, mirror: Mirror, line: Line
) -> None:
    newer = user.commit({"big": noise(5 * CUT_AFTER), "small": "1\n"})
    with line.broken(), pytest.raises(RepositoryError, match="fetch"):
        mirror.resolve("main")
    assert not mirror.has_commit(newer)

    assert mirror.resolve("main") == newer
    assert len(Repo(mirror.path).show(newer, "small")) == 1
    assert Repo(mirror.path).git("fsck", "--connectivity-only", "--no-dangling") == ""


def test_what_came_in_packs_is_merged_and_pushed(
    user: Repo, mirror: Mirror, tmp_path: Path
) -> None:
    host = Host(mirror, tmp_path / "worktrees")
    user.commit({"theirs": "1\n"})
    assert host.merge(host.work("one", {"ours": "1\n"}))[0].status == "merged"
    user.git("checkout", "--quiet", "-b", "elsewhere", "hephaestus/flow")
    user.commit({"more": "1\n"})
    user.git("branch", "--force", "hephaestus/flow")
    assert host.merge(host.work("two", {"ours too": "1\n"}))[0].status == "merged"
    names = {"README.md", "src/app.py", "theirs", "ours", "ours too", "more"}
    assert set(user.files("hephaestus/flow")) == names
    assert user.git("fsck", "--no-dangling") == ""


def test_the_packs_of_many_fetches_are_put_together(user: Repo, mirror: Mirror) -> None:
    for number in range(8):
        user.commit({f"file{number}": f"{number}\n"})
        tip = mirror.resolve("main")
    assert len(list(mirror.path.glob("objects/pack/*.pack"))) > 8
    pack(mirror.path)
    assert len(list(mirror.path.glob("objects/pack/*.pack"))) <= 3
    assert len(Repo(mirror.path).files(tip)) == 10


@pytest.fixture
def stuck(user: Repo) -> Repo:
    """The user's repository, in which a file of branch `next` takes for ever to check out."""
    user.git("checkout", "--quiet", "-b", "next")
    user.commit({"slow": "1\n"})
    user.git("checkout", "--quiet", "main")
    user.git("config", "filter.stuck.smudge", "sleep 600")
    (user.path / ".git" / "info" / "attributes").write_text("slow filter=stuck\n")
    return user


def test_a_command_that_takes_too_long_leaves_no_lock(stuck: Repo) -> None:
    with pytest.raises(git.GitTimeout, match="try again"):
        git.run(
            *("merge", "--ff-only", "next"),
            doing="move it forward",
            git_dir=stuck.path / ".git",
            work_tree=stuck.path,
            timeout=1.0,
        )
    assert list(stuck.path.glob(".git/**/*.lock")) == []
    assert stuck.git("rev-parse", "HEAD") == stuck.tip("main")


def test_a_command_that_does_not_heed_its_end_is_killed(stuck: Repo) -> None:
    stuck.git("config", "filter.stuck.smudge", "trap '' TERM; sleep 600; sleep 600")
    begun = time.monotonic()
    with pytest.raises(git.GitTimeout):
        git.run(
            *("merge", "--ff-only", "next"),
            doing="move it forward",
            git_dir=stuck.path / ".git",
            work_tree=stuck.path,
            timeout=0.5,
            grace=0.5,
        )
    assert time.monotonic() - begun < 30

"""A repository that git packs, in the background of somebody's command, while it is copied."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from hephaestus_worker.git.origins.mirror import Mirror
from tests.integration.git.making import Repo

#: What git says of a file that was there when it read the folder.
_UNDER_ITS_HANDS = """
subprocess.run([real, "-C", origin, "repack", "-adq"], check=True)
sys.exit("fatal: failed to create link 'x': No such file or directory")
"""

#: What a copy gets that read the folder of packs before, and the others after they were emptied.
_BETWEEN_TWO_FOLDERS = """
seen = origin + ".seen"
subprocess.run(["cp", "-a", origin, seen], check=True)
subprocess.run([real, "-C", origin, "repack", "-adq"], check=True)
tree = subprocess.check_output([real, "-C", origin, "rev-parse", "HEAD^{tree}"]).decode().strip()
os.unlink(f"{seen}/.git/objects/{tree[:2]}/{tree[2:]}")
arguments[-2] = seen + "/.git"
os.execv(real, [real, *arguments])
"""

#: Packs the origin between the list of what a fetch needs and the links to it.
_AFTER_THE_LIST = """
listed = subprocess.run([real, *arguments], stdout=subprocess.PIPE, check=True).stdout
users = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
subprocess.run([real, "-C", origin, "repack", "-adq"], check=True, env=users)
sys.stdout.buffer.write(listed)
"""

_WRAPPER = """#!{python}
import os, subprocess, sys
real, origin, arguments = {git!r}, {origin!r}, sys.argv[1:]
first = {marker!r}
if {command!r} not in arguments or os.path.exists(first):
    os.execv(real, [real, *arguments])
open(first, "x").close()
{meanwhile}
"""


@pytest.fixture
def loose(tmp_path: Path) -> Repo:
    """A user's repository whose objects git has not packed yet."""
    repo = Repo.make(tmp_path / "user")
    repo.git("config", "gc.auto", "0")
    repo.commit({"src/app.py": "print('hello')\n"})
    return repo


def meet(
    command: str, meanwhile: str, loose: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Let the first git command of this name meet that; return a file that is there once it has."""
    wrapper, marker = tmp_path / "bin" / "git", tmp_path / "met"
    wrapper.parent.mkdir()
    wrapper.write_text(
        _WRAPPER.format(
            python=sys.executable,
            git=shutil.which("git"),
            origin=str(loose.path),
            marker=str(marker),
            command=command,
            meanwhile=meanwhile,
        )
    )
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
    return marker


@pytest.mark.parametrize("meanwhile", [_UNDER_ITS_HANDS, _BETWEEN_TWO_FOLDERS])
def test_the_first_copy_is_whole_though_git_packs_the_origin_meanwhile(
    meanwhile: str, loose: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    met = meet("clone", meanwhile, loose, tmp_path, monkeypatch)
    mirror = Mirror.open(str(loose.path), tmp_path / "mirrors")
    assert met.exists()
    Repo(mirror.path).git("rev-list", "--objects", "--all")  # raises if one is missing
    assert mirror.resolve("main") == loose.tip()


def test_a_fetch_is_whole_though_git_packs_the_origin_meanwhile(
    loose: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = Mirror.open(str(loose.path), tmp_path / "mirrors")
    new = loose.commit({"src/new.py": "print('bye')\n"})
    met = meet("rev-list", _AFTER_THE_LIST, loose, tmp_path, monkeypatch)
    assert mirror.resolve("main") == new
    assert met.exists()
    Repo(mirror.path).git("rev-list", "--objects", new)

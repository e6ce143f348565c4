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

_WRAPPER = """#!{python}
import os, subprocess, sys
real, origin, arguments = {git!r}, {origin!r}, sys.argv[1:]
first = {marker!r}
if "clone" not in arguments or os.path.exists(first):
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


@pytest.mark.parametrize("meanwhile", [_UNDER_ITS_HANDS, _BETWEEN_TWO_FOLDERS])
def test_the_first_copy_is_whole_though_git_packs_the_origin_meanwhile(
    meanwhile: str, loose: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapper, marker = tmp_path / "bin" / "git", tmp_path / "met"
    wrapper.parent.mkdir()
    wrapper.write_text(
        _WRAPPER.format(
            python=sys.executable,
            git=shutil.which("git"),
            origin=str(loose.path),
            marker=str(marker),
            meanwhile=meanwhile,
        )
    )
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")

    mirror = Mirror.open(str(loose.path), tmp_path / "mirrors")

    assert marker.exists()
    Repo(mirror.path).git("rev-list", "--objects", "--all")  # raises if one is missing
    assert mirror.resolve("main") == loose.tip()

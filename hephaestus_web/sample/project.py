"""The sample project: a small git repository in the home folder with scripts for its agents."""

import os
import shutil
import subprocess
import tempfile
from importlib import resources
from pathlib import Path
from typing import Final

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.home import HomeLayout

_SECONDS: Final = 20.0
_SCRIPTS: Final = ("plan.yaml", "morning.yaml", "evening.yaml")
_README: Final = (
    "# Notebook\n\nThe notes of each shift. Scripted agents write them; see `agents`.\n"
)
_IDENTITY: Final = ("-c", "user.name=Hephaestus", "-c", "user.email=hephaestus@localhost")


def made_project(home: Path) -> Path:
    """Return the folder of the sample project, which is made if it is missing.

    It appears whole or not at all, and two callers at once get the same one.

    Raises:
        RepositoryError: it cannot be made.
    """
    folder = HomeLayout(home).sample_project
    if folder.exists():
        return folder
    try:
        making = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=home))
        try:
            _fill(making)
            making.rename(folder)
        except FileExistsError:  # another request was faster
            pass
        finally:
            shutil.rmtree(making, ignore_errors=True)
    except (OSError, subprocess.SubprocessError) as error:
        if folder.exists():
            return folder
        raise RepositoryError(
            f"The sample project cannot be made in {home}: {error}. See that git is installed and "
            "the disk has space."
        ) from error
    return folder


def _fill(folder: Path) -> None:
    folder.chmod(0o755)
    (folder / "README.md").write_text(_README)
    scripts = folder.joinpath("agents")
    scripts.mkdir()
    for name in _SCRIPTS:
        script = resources.files(__package__).joinpath(name).read_text()
        (scripts / name).write_text(script)
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _git(folder, "add", "--all")
    _git(folder, *_IDENTITY, "commit", "--quiet", "--message=A notebook without notes")


def _git(folder: Path, *arguments: str) -> None:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env=kept,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_SECONDS,
        check=True,
    )

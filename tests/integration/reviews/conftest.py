"""A small project with a bug, its mirror, and the checks that run on commits of it."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Any

import psutil
import pytest

from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.definitions.criteria import Check
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.reviews.checks import run_checks
from hephaestus_worker.reviews.grounds import Ground, check_environment
from hephaestus_worker.terminal import enclosures
from tests.integration.git.making import Repo

BUGGY = "def total(numbers):\n    return sum(numbers[1:])\n"
FIXED = "def total(numbers):\n    return sum(numbers)\n"
TESTS = """\
import unittest
from calc import total

class TotalTest(unittest.TestCase):
    def test_none(self):
        self.assertEqual(total([]), 0)
"""
MORE_TESTS = f"""{TESTS}
    def test_first_counts(self):
        self.assertEqual(total([1, 2]), 3)
"""
UNITTEST = f"{sys.executable} -m unittest -q"
PROOF = {"command": f"{UNITTEST} tests.test_calc.TotalTest.test_first_counts"}
#: A variable of all processes of a project's checks.
PROJECT = "PROJECT_UNDER_TEST"


@dataclass(frozen=True)
class Project:
    """The project of a user; each commit is the work of one agent on top of the first."""

    repo: Repo
    mirror: Mirror
    base: str
    ground: Ground

    def work(
        self, files: dict[str, str | bytes | None], links: dict[str, str] | None = None
    ) -> str:
        """Commit these files on top of the first commit; return the commit."""
        self.repo.git("checkout", "--quiet", "--detach", self.base)
        for name, target in (links or {}).items():
            (self.repo.path / name).symlink_to(target)
        commit = self.repo.commit(files)
        self.repo.git("update-ref", f"refs/heads/work-{commit[:12]}", commit)
        return commit

    def check(
        self, commit: str, *checks: dict[str, Any], stop: Event | None = None, **given: Any
    ) -> list[CheckOutcome]:
        """Run checks on a commit; nothing of the run may be left."""
        outcomes = run_checks(
            self.mirror,
            commit,
            self.base,
            [Check(**each) for each in checks],
            ground=self.ground,
            stop=stop or Event(),
            **given,
        )
        assert self.left() == []
        return outcomes

    def left(self) -> list[str]:
        """Return the folders and the processes of runs that are still there."""
        folders = [each.name for each in self.ground.folder.iterdir()]
        return [
            *folders,
            *(process.name() for process in psutil.process_iter() if self._is_of(process)),
        ]

    def _is_of(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(PROJECT) == str(self.repo.path)
        except (psutil.Error, OSError):
            return False

    def without_sandbox(self) -> "Project":
        return replace(self, ground=replace(self.ground, enclosure=enclosures.probed()))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a-key-of-the-stack")
    monkeypatch.setenv("DATABASE_URL", "a-login-of-the-stack")
    repo = Repo.make(tmp_path / "user")
    base = repo.commit(
        {
            "calc.py": BUGGY,
            "tests/__init__.py": "",
            "tests/test_calc.py": TESTS,
            ".gitignore": "*.o",
        }
    )
    folder = tmp_path / "checks"
    folder.mkdir()
    ground = Ground(
        folder,
        tmp_path / "base-runs",
        enclosures.probed(sandboxed=True),
        {**check_environment(["ANTHROPIC_API_KEY", "LANG"]), PROJECT: str(repo.path)},
        readable=(Path(sys.prefix), Path(sys.base_prefix)),
    )
    return Project(repo, Mirror.open(str(repo.path), tmp_path / "mirrors"), base, ground)

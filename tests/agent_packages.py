"""Programs from the npm registry; each version is installed once and kept."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

CLAUDE_CODE = ("@anthropic-ai/claude-code", "2.1.197")
CODEX = ("@openai/codex", "0.169.0")
DROID = ("droid", "0.215.0")
OPENCODE = ("opencode-ai", "1.18.33")

#: The newest version of each that runs on Node.js 20.
CONFORMANCE = ("@modelcontextprotocol/conformance", "0.1.13")
INSPECTOR = ("@modelcontextprotocol/inspector", "0.21.2")

_CACHE = Path.home() / ".cache" / "hephaestus-tests" / "npm"
_INSTALL_SECONDS = 300
_UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH", "ECONNRESET")


def claude_code() -> Path:
    """Return the folder of the real ``claude``; skip the test if the registry is unreachable."""
    return _with_program("claude", CLAUDE_CODE, script="install.cjs")


def codex() -> Path:
    """Return the folder of the real ``codex``; skip the test if the registry is unreachable."""
    return _installed(*CODEX) / "node_modules" / ".bin"


def droid() -> Path:
    """Return the folder of the real ``droid``; skip the test if the registry is unreachable."""
    return _with_program("droid", DROID, script="install.js")


def opencode() -> Path:
    """Return the folder of ``opencode``; skip the test if the registry is unreachable."""
    return _with_program("opencode", OPENCODE, script="postinstall.mjs")


def _with_program(name: str, package: tuple[str, str], *, script: str) -> Path:
    """Return the folder with the program, after the package's install script has run.

    The script copies the platform's program, which is installed beside it.
    """
    modules = _installed(*package) / "node_modules"
    program = modules / ".bin" / name
    if not _runs(program):
        subprocess.run(["node", script], cwd=modules / package[0], check=True, timeout=60)
    return program.parent


def program(package: str, version: str, name: str) -> Path:
    """Return a program of a package; skip the test if the registry is unreachable."""
    return _installed(package, version) / "node_modules" / ".bin" / name


def _installed(package: str, version: str) -> Path:
    folder = _CACHE / f"{package.rpartition('/')[2]}-{version}"
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "node_modules" / package / "package.json").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _install(f"{package}@{version}", folder)
    return folder


def _install(what: str, folder: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip(f"{what} cannot be installed: npm was not found; install Node.js")
    new = folder.with_name(f"{folder.name}.{os.getpid()}")
    new.mkdir()
    done = subprocess.run(
        ["npm", "install", "--ignore-scripts", "--no-fund", "--no-audit", "--prefix", new, what],
        capture_output=True,
        text=True,
        timeout=_INSTALL_SECONDS,
        check=False,
    )
    if done.returncode:
        shutil.rmtree(new)
        reason = next((sign for sign in _UNREACHABLE if sign in done.stderr), None)
        if reason:
            pytest.skip(f"{what} cannot be installed: the npm registry is out of reach ({reason})")
        raise AssertionError(f"npm could not install {what}:\n{done.stderr}")
    new.rename(folder)


def _runs(program: Path) -> bool:
    # The placeholder is a short script; the program has hundreds of megabytes.
    return program.exists() and program.stat().st_size > 1_000_000

"""The SDK object before it is started, and what the specification and the predecessor name."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import hephaestus_sdk
from hephaestus_sdk import HephaestusSDK, Phase, SDKNotRunningError, WorkflowConfig
from hephaestus_sdk.errors import ConfigurationError

PHASES = [Phase(id=1, name="recon", description="...")]


@pytest.mark.parametrize("name", hephaestus_sdk.__all__)
def test_every_export_is_there(name: str) -> None:
    assert getattr(hephaestus_sdk, name) is not None
    assert name in dir(hephaestus_sdk)


def test_what_is_not_exported_is_not_there() -> None:
    with pytest.raises(AttributeError, match="Phases"):
        hephaestus_sdk.Phases  # type: ignore[attr-defined] # noqa: B018


@pytest.mark.parametrize(
    "call",
    [
        lambda sdk: sdk.create_task("x", phase_id=1),
        lambda sdk: sdk.wait_for_completion(),
        lambda sdk: sdk.wait_for_result(),
        lambda sdk: sdk.wait_for_task("t"),
        lambda sdk: sdk.get_tasks(),
        lambda sdk: next(sdk.events()),
    ],
)
def test_calls_before_the_start_say_so(call: Callable[[HephaestusSDK], Any]) -> None:
    with pytest.raises(SDKNotRunningError, match=r"call start\(\)"):
        call(HephaestusSDK(phases=PHASES, workflow_config=WorkflowConfig(has_result=True)))


def test_before_the_start_nothing_is_healthy_and_a_shutdown_is_harmless() -> None:
    sdk = HephaestusSDK(phases=PHASES)
    assert sdk.is_healthy() == {"api": False, "database": False, "redis": False, "overall": False}
    sdk.shutdown(graceful=True)
    assert not sdk.running


def test_unknown_parameters_name_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'main_repo_path'"):
        HephaestusSDK(phases=PHASES, main_repo_pth="/x")


def test_the_warning_of_a_setting_without_effect_points_at_the_caller() -> None:
    with pytest.warns(UserWarning, match="agents is set by cli_model") as caught:
        HephaestusSDK(phases=PHASES, llm_model="m")
    assert caught[0].filename == __file__


def test_the_bare_install_is_enough() -> None:
    """Everything a client needs imports with click, httpx, PyYAML and rich alone."""
    program = """
import sys
class OnlyBare:
    barred = {"flask", "celery", "sqlalchemy", "textual", "psutil", "redis", "psycopg2", "alembic",
              "kombu", "git", "gunicorn", "marshmallow", "mcp", "socketio", "anthropic",
              "hephaestus_web", "hephaestus_worker"}
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.barred:
            raise ModuleNotFoundError(f"not in the bare install: {name}", name=name)
sys.meta_path.insert(0, OnlyBare())
import hephaestus_sdk, hephaestus_sdk.models, hephaestus_sdk.cli, workflows.bug_fix
import hephaestus_core.contract, importlib, pkgutil
for name in hephaestus_sdk.__all__:
    getattr(hephaestus_sdk, name)
for package in (hephaestus_core.contract, hephaestus_sdk.cli):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_contract_needs_the_standard_library_alone() -> None:
    program = """
import sys
class OnlyStandard:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and not name.startswith("hephaestus_core"):
            raise ModuleNotFoundError(f"not in the standard library: {name}", name=name)
sys.meta_path.insert(0, OnlyStandard())
import hephaestus_core.contract, importlib, pkgutil
contract = hephaestus_core.contract
for module in pkgutil.walk_packages(contract.__path__, contract.__name__ + "."):
    importlib.import_module(module.name)
    print(module.name)
others = [n for n in sys.modules if n.startswith("hephaestus_core.") and ".contract" not in n]
assert not others, others
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "hephaestus_core.contract.definitions.definition" in done.stdout


def test_the_package_itself_imports_no_http_client() -> None:
    program = "import hephaestus_sdk, sys; assert 'httpx' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)

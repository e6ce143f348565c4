"""The choice of `make quick`: the tests of the folders that changed."""

from pathlib import Path

import pytest

from tests.quick import ROOT, TESTS_OF, chosen_for

PACKAGES = ("hephaestus_core", "hephaestus_web", "hephaestus_sdk", "hephaestus_worker")


@pytest.mark.parametrize(
    ("changed", "chosen"),
    [
        (["hephaestus_core/tasks/rules.py"], ["tests/integration/core"]),
        (["hephaestus_web/mcp/registry.py"], ["tests/integration/mcp"]),
        (["hephaestus_web/mcp/agent_tools/tasks.py"], ["tests/integration/mcp"]),
        (["hephaestus_web/app.py"], ["tests/integration/web"]),
        (["hephaestus_worker/beat.py"], ["tests/integration/host"]),
        (["migrations/versions/0001_x.py"], ["tests/integration/core/test_migrations.py"]),
        (
            ["migrations/versions/0001_x.py", "hephaestus_core/tables.py"],
            ["tests/integration/core"],
        ),
        (["tests/integration/git/test_merging.py"], ["tests/integration/git/test_merging.py"]),
        (["tests/integration/git/making.py"], ["tests/integration/git"]),
        (["tests/e2e/test_down.py"], ["tests/e2e/test_down.py"]),
        (["tests/integration/conftest.py", "tests/e2e/stack.py", "README.md"], []),
    ],
)
def test_what_changed_chooses_its_tests(changed: list[str], chosen: list[str]) -> None:
    assert chosen_for(changed) == chosen


def test_all_tests_on_the_map_are_there() -> None:
    tests = [ROOT / "tests" / "integration" / name for names in TESTS_OF.values() for name in names]
    assert [path for path in tests if not path.exists()] == []
    assert [folder for folder in TESTS_OF if not (ROOT / folder).is_dir()] == []


def test_every_package_has_integration_tests_and_all_of_these_have_a_package() -> None:
    assert set(PACKAGES) <= set(TESTS_OF)
    folders = {path.name for path in Path(ROOT, "tests", "integration").iterdir() if path.is_dir()}
    named = {name.partition("/")[0] for names in TESTS_OF.values() for name in names}
    assert folders - named - {"__pycache__"} == {"tooling"}

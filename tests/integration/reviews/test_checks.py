"""The checks of a phase on real commits: each kind passes honest work and catches other work."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hephaestus_core.contract.check_outcomes import CheckOutcome
from tests.integration.git.making import Repo
from tests.integration.reviews.conftest import (
    BUGGY,
    FIXED,
    MORE_TESTS,
    PROOF,
    TESTS,
    UNITTEST,
    Project,
)

HONEST = {"calc.py": FIXED, "tests/test_calc.py": MORE_TESTS, "docs/total.md": "Adds all.\n"}
RED_GREEN = {"check_type": "red_green"}
TESTS_KEPT = {"check_type": "tests_kept"}


def test_honest_work_passes_every_kind_of_check(project: Project) -> None:
    commit = project.work({**HONEST, "src/speed.txt": "took 1,250.5 ms\n"})

    outcomes = project.check(
        commit,
        {"check_type": "file_exists", "target": ["./docs/total.md", "src"]},
        {"check_type": "file_contains", "target": ["docs/total.md"], "pattern": ["Adds", "all"]},
        {
            "check_type": "command_success",
            "command": "test -e set-up.o && exit 3",
            "exit_status": 3,
        },
        {"check_type": "code_review", "description": "left to others"},
        {"check_type": "test_pass"},
        {
            "check_type": "performance_metric",
            "command": "cat src/speed.txt",
            "metric": "took",
            "threshold": 2000,
        },
        RED_GREEN,
        TESTS_KEPT,
        {"check_type": "paths_only", "target": ["calc.py", "@tests", "docs/**", "src/*"]},
        proof=PROOF,
        setup_command="touch set-up.o",
        test_command=UNITTEST,
    )

    assert [(each.status, each.says) for each in outcomes] == [("passed", "")] * 8
    assert outcomes[2].exit_status == 3
    assert "Ran 2 tests" in outcomes[3].output


def test_a_proof_fails_for_the_reason_that_it_names(project: Project) -> None:
    commit = project.work({"tests/test_calc.py": MORE_TESTS})
    fails = {"check_type": "test_fails"}

    proof = {"test": "tests.test_calc.TotalTest.test_first_counts", "expect": "2 != 3"}
    (right,) = project.check(commit, fails, proof=proof, test_command=UNITTEST)
    (other,) = project.check(commit, fails, proof={**PROOF, "expect": "timed out"})
    (green,) = project.check(project.work(HONEST), fails, proof=PROOF)
    (none,) = project.check(commit, fails)
    (unknown,) = project.check(commit, fails, proof={"command": "no-such-program"})

    assert right.status == "passed"
    assert other.status == green.status == none.status == "failed"
    assert "does not hold 'timed out'" in other.says
    assert "The test passes" in green.says
    assert "No proof" in none.says
    assert (unknown.status, unknown.exit_status) == ("error", 127)


@pytest.mark.parametrize(
    ("files", "check", "says"),
    [
        ({}, {"check_type": "file_exists", "target": ["docs/a.md"]}, "holds no docs/a.md"),
        ({"a.o": "ignored"}, {"check_type": "file_exists", "target": ["a.o"]}, "holds no a.o"),
        (
            {"a.md": "one"},
            {"check_type": "file_contains", "target": ["a.md"], "pattern": ["o.e"]},
            "does not hold the text 'o.e'",
        ),
        ({}, {"check_type": "command_success", "command": "echo no; exit 4"}, "status 4"),
        ({"calc.py": "def total(): ...\n"}, {"check_type": "test_pass"}, "status 1"),
        (
            {},
            {"check_type": "performance_metric", "command": "echo took 12", "threshold": 10},
            "The number is 12; it must be <= 10",
        ),
        ({"calc.py": FIXED}, {"check_type": "paths_only", "target": ["docs"]}, "not calc.py"),
        ({"calc.py": FIXED}, {"check_type": "paths_only", "target": ["@tests"]}, "Only tests may"),
        ({"web/uv.lock": "1"}, {"check_type": "paths_only", "target": ["web"]}, "dependency lock"),
        ({".github/workflows/ci.yml": "1"}, {"check_type": "paths_only"}, "changes of CI"),
        (
            {".gitlab-ci.yml": "1", "AGENTS.md": "1"},
            {"check_type": "paths_only"},
            "changes of CI and agent settings do",
        ),
        ({"tests/test_calc.py": None}, TESTS_KEPT, "tests/test_calc.py is gone"),
        ({"tests/test_calc.py": TESTS.replace(", 0", ", 1")}, TESTS_KEPT, None),
        (
            {"tests/test_calc.py": TESTS.replace(", 0", ", total([])")},
            TESTS_KEPT,
            "1 assertions became 0",
        ),
        (
            {"tests/test_calc.py": None, "tests/calc_cases.py": TESTS},
            TESTS_KEPT,
            "1 tests became 0",
        ),
        (
            {"pytest.ini": "[pytest]\naddopts = --deselect tests/test_calc.py\n"},
            TESTS_KEPT,
            "left out in pytest.ini",
        ),
        (
            {"tests/test_calc.py": TESTS.replace("Equal(total([]), 0", "True(True")},
            TESTS_KEPT,
            "1 assertions became 0",
        ),
        ({"tests/test_calc.py": MORE_TESTS}, RED_GREEN, "Only tests are changed"),
        ({"calc.py": FIXED, "tests/test_calc.py": TESTS}, RED_GREEN, "With the change"),
        (
            {"other.py": "", "tests/test_calc.py": MORE_TESTS.replace("[1, 2]", "[0, 3]")},
            RED_GREEN,
            "passes without the change, too",
        ),
    ],
)
def test_other_work_is_caught_with_a_remedy(
    project: Project, files: dict[str, Any], check: dict[str, Any], says: str | None
) -> None:
    commit = project.work(files)

    (outcome,) = project.check(commit, check, proof=PROOF, test_command=UNITTEST)

    assert (outcome.status, says or "") == ("failed" if says else "passed", says or "")
    assert (says or "") in outcome.says


def test_links_are_no_files(project: Project, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("a secret")
    commit = project.work({}, {"a.md": str(tmp_path / "secret.md"), "folder": str(tmp_path)})

    outcomes = project.check(
        commit,
        {"check_type": "file_exists", "target": ["a.md"]},
        {"check_type": "file_exists", "target": ["folder/secret.md"]},
        {"check_type": "file_contains", "target": ["a.md"], "pattern": ["a secret"]},
    )

    assert [each.status for each in outcomes] == ["failed"] * 3


def test_what_cannot_be_set_up_is_an_error_with_the_output(project: Project) -> None:
    (outcome,) = project.check(
        project.work({"calc.py": BUGGY}),
        {"check_type": "test_pass", "command": "true"},
        setup_command="echo no such package; exit 9",
    )

    assert (outcome.status, outcome.exit_status) == ("error", 9)
    assert outcome.output == "no such package\n"
    assert "Make it succeed on a fresh clone" in outcome.says


def test_submodules_of_the_users_branch_are_there(project: Project, tmp_path: Path) -> None:
    library = Repo.make(tmp_path / "lib")
    library.commit({"lib.txt": "of the library"})
    allowed = ("-c", "protocol.file.allow=always")
    project.repo.git(*allowed, "submodule", "--quiet", "add", "../lib", "lib")
    commit = project.repo.commit({})
    reads = {"check_type": "command_success", "command": "cat lib/lib.txt && git status --short"}

    (with_them,) = project.check(commit, reads, submodules_of="main")
    (without,) = project.check(commit, reads)

    assert (with_them.status, with_them.output) == ("passed", "of the library")
    assert without.status == "failed"


def test_more_tests_than_can_be_compared_are_an_error_and_not_read(project: Project) -> None:
    big = ["assert number == 1\n" * 60_000 + f"# {number}" for number in range(9)]
    commit = project.work({f"tests/test_{n}.py": text for n, text in enumerate(big)})

    (outcome,) = project.check(commit, TESTS_KEPT)
    (one,) = project.check(project.work({"tests/test_0.py": big[0]}), TESTS_KEPT)

    assert (outcome.status, one.status) == ("error", "passed")
    assert "Split the work" in outcome.says


def test_commands_and_set_up_run_in_the_working_directory(project: Project) -> None:
    commit = project.work({"services/api/here.txt": "api"}, links={"outside": "/"})
    reads = {"check_type": "command_success", "command": "grep api here.txt made.txt"}
    given = {"setup_command": "cp here.txt made.txt", "test_command": ""}

    [inside] = project.check(commit, reads, working_directory="services/api", **given)
    [missing] = project.check(commit, reads, working_directory="nowhere", **given)
    [leading_out] = project.check(commit, reads, working_directory="outside", **given)

    assert inside.status == "passed", inside.output
    assert (missing.status, leading_out.status) == ("error", "error")
    assert "no folder 'nowhere'" in missing.output
    slow = replace(project, ground=replace(project.ground, setup_seconds=0.5))
    [late] = slow.check(commit, reads, setup_command="sleep 60")
    assert (late.status, "took too long" in late.says) == ("error", True)


def test_tests_that_failed_before_do_not_block_and_new_failures_do(project: Project) -> None:
    old = MORE_TESTS.replace("test_first_counts", "test_old_one")
    base = project.work({"tests/test_calc.py": old})
    red = replace(project, base=base)
    suite = {"check_type": "test_pass"}
    count = f"echo run >> {project.ground.folder.parent / 'runs'}; {UNITTEST}"
    watched = replace(red, ground=replace(red.ground, writable=(project.ground.folder.parent,)))

    def check(files: dict[str, str | bytes | None]) -> CheckOutcome:
        (found,) = watched.check(watched.work(files), suite, test_command=count)
        return found

    kept = check({"docs/a.md": "honest"})
    assert (kept.status, kept.exit_status) == ("passed", 1)
    assert "1 test failed before this work, too: test_old_one" in kept.says
    broken = check({"calc.py": "def total(numbers):\n    return 7\n"})
    assert broken.status == "failed"
    assert "1 test failed that did not before this work: test_none" in broken.says
    assert "test_old_one" in broken.says
    runs = (project.ground.folder.parent / "runs").read_text().count("run")
    assert runs == 3, "the base runs once for both"

    (own,) = watched.check(watched.work({}), {**suite, "command": UNITTEST})
    assert own.status == "failed", "a command of its own says what the work is to reach"

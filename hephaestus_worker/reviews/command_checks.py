"""Checks that run a command in a clean tree of the commit."""

from shlex import quote
from typing import Final

from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.definitions.criteria import Check
from hephaestus_core.contract.test_files import is_test_file
from hephaestus_worker.reviews import metrics
from hephaestus_worker.reviews.base_runs import SUITE_BYTES, SuiteRun, compared, run_of_base
from hephaestus_worker.reviews.failed_tests import failed_tests
from hephaestus_worker.reviews.outcomes import of_command, outcome, passed, readable
from hephaestus_worker.reviews.trees import SetupFailed
from hephaestus_worker.reviews.work import Work
from hephaestus_worker.terminal.commands import Ended

_NO_TEST_COMMAND: Final = (
    "No command is known that runs the tests. Record it as the fact test_command, or hand in the "
    "command with `proof`."
)
_NO_PROOF: Final = (
    "No proof was handed in. Report again with `proof`: the name of the test as `test`, or the "
    "command that runs it alone as `command`, of at most 4,096 characters."
)
_LONGEST_PROOF: Final = 4096


def command_success(work: Work, check: Check) -> CheckOutcome:
    """Check that the command ends with the expected status."""
    return _expect(work, check, check.command, check.exit_status)


def test_pass(work: Work, check: Check) -> CheckOutcome:
    """Check that the command passes, or, without one, that no more tests fail than before."""
    if check.command:
        return _expect(work, check, check.command, 0)
    if not work.test_command:
        return outcome(check, "error", _NO_TEST_COMMAND)
    return _all_tests(work, check, work.test_command)


def test_fails(work: Work, check: Check) -> CheckOutcome:
    """Check that the test of the proof fails, and says what it was expected to say."""
    command = check.command or _proof_command(work)
    if command is None:
        return outcome(check, "failed", _NO_PROOF)
    ended = work.tree.run(command, timeout=check.timeout)
    if ended.exit_status == 0:
        says = "The test passes. It must fail for the reported reason."
        return outcome(check, "failed", says, command=command, ended=ended)
    return _red(work, check, command, ended)


def performance_metric(work: Work, check: Check) -> CheckOutcome:
    """Check a number that the command prints."""
    ended = work.tree.run(check.command, timeout=check.timeout)
    if ended.exit_status != 0:
        return of_command(check, check.command, ended, _ended_with(ended, 0))
    number = metrics.read(readable(ended.output), check.metric)
    threshold = check.threshold or 0.0
    if number is None:
        of = f" after {check.metric!r}" if check.metric else ""
        says = f"The output holds no number{of}. Have the command print it."
    elif not metrics.holds(number, check.operator, threshold):
        name = check.metric or "The number"
        says = f"{name} is {number:g}; it must be {check.operator} {threshold:g}."
    else:
        return passed(check, check.command, ended)
    return outcome(check, "failed", says, command=check.command, ended=ended)


def red_green(work: Work, check: Check) -> CheckOutcome:
    """Check that the test of the proof passes with the work and fails without it.

    Without it means that all changes are taken back but those to tests.

    Args:
        check: its ``target`` names further files that belong to the tests.
    """
    command = _proof_command(work)
    if command is None:
        return outcome(check, "failed", _NO_PROOF)
    taken_back = [each for each in work.changes if not is_test_file(each.path, check.target)]
    if not taken_back:
        says = "Only tests are changed, so no test can show that the change works."
        return outcome(check, "failed", says, command=command)
    green = work.tree.run(command, timeout=check.timeout)
    if green.exit_status != 0:
        return of_command(check, command, green, f"With the change, {_ended_with(green, 0)}")
    without = work.tree_without("without", *taken_back)
    red = without.run(command, timeout=check.timeout)
    if red.exit_status == 0:
        says = (
            "The test passes without the change, too, so it does not show the change. Write one "
            "that fails without it, in a file of tests."
        )
        return outcome(check, "failed", says, command=command, ended=red)
    return _red(work, check, command, red)


def could_not_set_up(check: Check, error: SetupFailed) -> CheckOutcome:
    """Return the outcome of a check whose tree could not be set up."""
    how = "took too long" if error.ended.how == "timed out" else "failed"
    says = (
        f"The set-up of a clean tree {how}, so the check could not be run. Make it succeed on a "
        "fresh clone of your commit, without keys; in a sandbox the logins and caches of this "
        "host's user are missing too, unless a person names them in `agents.readable`."
    )
    return outcome(check, "error", says, command=error.command, ended=error.ended)


def _expect(work: Work, check: Check, command: str, status: int) -> CheckOutcome:
    ended = work.tree.run(command, timeout=check.timeout)
    if ended.exit_status == status:
        return passed(check, command, ended)
    return of_command(check, command, ended, _ended_with(ended, status))


def _all_tests(work: Work, check: Check, command: str) -> CheckOutcome:
    ended = work.tree.run(command, timeout=check.timeout, most=SUITE_BYTES)
    if ended.exit_status == 0:
        return passed(check, command, ended)
    says = _ended_with(ended, 0)
    if ended.how == "exited" and of_command(check, command, ended, "").status != "error":
        now = SuiteRun(ended.exit_status, failed_tests(readable(ended.output)))
        base = run_of_base(work, command, timeout=check.timeout)
        found = compared(now, base, proof=[work.proof.get("test", "")])
        if found.is_older:
            return outcome(check, "passed", found.says, command=command, ended=ended)
        says = found.says or says
    return of_command(check, command, ended, says)


def _red(work: Work, check: Check, command: str, ended: Ended) -> CheckOutcome:
    """Return the outcome where a test had to fail and did not pass."""
    expected = work.proof.get("expect", "")
    if ended.how == "exited" and of_command(check, command, ended, "").status == "error":
        return of_command(check, command, ended, "")
    if expected and expected not in readable(ended.output):
        says = (
            f"The test fails, but its output does not hold {expected[:200]!r}. Make it fail for "
            "the reported reason, or correct `expect` of the proof."
        )
        return outcome(check, "failed", says, command=command, ended=ended)
    return passed(check, command, ended)


def _proof_command(work: Work) -> str | None:
    """Return the command that runs the test of the proof alone; None if there is none."""
    command, test = (work.proof.get(name, "") for name in ("command", "test"))
    if max(len(command), len(test)) > _LONGEST_PROOF:
        return None
    if command or not (test and work.test_command):
        return command or None
    return f"{work.test_command} {quote(test)}"


def _ended_with(ended: Ended, expected: int) -> str:
    return (
        f"the command ended with status {ended.exit_status}, expected {expected}. Correct what "
        "its output shows."
    )

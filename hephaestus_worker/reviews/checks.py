"""The run of a phase's checks on one commit: what the system decides without any model.

Commands run as contained as agents, in a clean tree of exactly that commit. Nothing of a run is
left behind: no process, no tree, no branch.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Event
from typing import Final

from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.definitions.criteria import Check
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.host.kept_setups import Keeping
from hephaestus_worker.reviews import command_checks, commit_checks, document_checks
from hephaestus_worker.reviews.commit_files import TooMuch
from hephaestus_worker.reviews.grounds import Ground
from hephaestus_worker.reviews.run_folders import run_folder
from hephaestus_worker.reviews.trees import SetupFailed, Stopped
from hephaestus_worker.reviews.work import Work

__all__ = ["RUN_HERE", "Stopped", "run_checks"]

_KINDS: Final[Mapping[str, Callable[[Work, Check], CheckOutcome]]] = {
    "file_exists": commit_checks.file_exists,
    "file_contains": commit_checks.file_contains,
    "paths_only": commit_checks.paths_only,
    "tests_kept": commit_checks.tests_kept,
    "command_success": command_checks.command_success,
    "test_pass": command_checks.test_pass,
    "test_fails": command_checks.test_fails,
    "performance_metric": command_checks.performance_metric,
    "red_green": command_checks.red_green,
    "links_resolve": document_checks.links_resolve,
    "names_exist": document_checks.names_exist,
    "references_exist": document_checks.references_exist,
    "ids_covered": document_checks.ids_covered,
    "console_blocks": document_checks.console_blocks,
    "requirements_mapped": document_checks.requirements_mapped,
    "feature_plan": document_checks.feature_plan,
    "component_built": document_checks.component_built,
    "area_map": document_checks.area_map,
}
#: The types of checks that a host runs.
RUN_HERE: Final = frozenset(_KINDS)


def run_checks(
    mirror: Mirror,
    commit: str,
    base_commit: str,
    checks: Sequence[Check],
    *,
    ground: Ground,
    suite_base: str | None = None,
    proof: Mapping[str, str] | None = None,
    setup_command: str = "",
    test_command: str = "",
    submodules_of: str | None = None,
    working_directory: str = ".",
    keeping: Keeping | None = None,
    stop: Event,
) -> list[CheckOutcome]:
    """Run the checks that a host runs, in their order; return an outcome for each of these.

    Each check finds the tree as it was after the set-up. It takes as long as the commands do.

    Args:
        base_commit: what the commit is compared with: the newest commit of its target that it
            contains, so that the work of others which was merged into it does not count as its own.
        suite_base: the commit on which all tests are run if they fail; None: the base commit. What
            the work was begun from does not count, such as a failing test that it is to make pass.
        proof: what the agent handed in with its report: ``test``, the name of a test; ``command``,
            which runs it alone; ``expect``, a text that its output holds when it fails.
        setup_command: sets up a clean tree; empty for none.
        test_command: runs all tests; empty if unknown.
        submodules_of: the user's branch, whose submodules are checked out; None: all stay empty.
        working_directory: the folder of the repository in which set-up and commands run.
        keeping: what is kept of the repository's set-ups; None: nothing.
        stop: ends the run early once it is set.

    Raises:
        Stopped: ``stop`` was set; there is no outcome.
        RepositoryError: git cannot read the commits or make a tree on this host.
        AgentProgramError: a process cannot be ended.
        OSError: this host cannot run commands.
    """
    suite_base = suite_base or base_commit
    for each in (commit, base_commit, suite_base):
        mirror.fetch_commit(None, each)
    with run_folder(ground.folder) as folder:
        work = Work(
            ground=ground,
            mirror=mirror,
            commit=commit,
            base_commit=base_commit,
            suite_base=suite_base,
            proof=proof or {},
            setup_command=setup_command,
            test_command=test_command,
            submodules_of=submodules_of,
            working_directory=working_directory,
            folder=folder,
            stop=stop,
            keeping=keeping,
        )
        return list(_outcomes(work, checks))


def _outcomes(work: Work, checks: Sequence[Check]) -> Iterator[CheckOutcome]:
    for check in checks:
        if work.stop.is_set():
            raise Stopped
        if check.check_type in _KINDS:
            try:
                yield _KINDS[check.check_type](work, check)
            except SetupFailed as error:
                yield command_checks.could_not_set_up(check, error)
            except TooMuch:
                yield document_checks.could_not_read(check)

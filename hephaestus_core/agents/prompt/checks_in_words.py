"""The checks of a phase in words for an agent."""

from collections.abc import Iterable
from typing import Final

from hephaestus_core.contract.definitions.criteria import TESTS, Check

#: The fixed part of each sentence; ``{}`` is replaced by what the check names.
_SENTENCES: Final = {
    "file_exists": "these files exist: {target}",
    "file_contains": "{target} holds these texts: {pattern}",
    "command_success": "`{command}` ends with status {exit_status}",
    "test_pass": "{tests} pass",
    "test_fails": "the command of your `proof` fails, and its output holds the expected text",
    "performance_metric": "`{command}` prints {metric} {operator} {threshold}",
    "red_green": "the test of your `proof` fails without your change to the product and passes "
    "with it",
    "tests_kept": "no test is deleted, skipped or weakened",
    "paths_only": "the change touches only {paths}; CI, lock files and settings of agent programs "
    "only if they are named",
    "links_resolve": "the links in {target} lead to files and headings that exist",
    "names_exist": "the names in backticks in {target} stand in the code, but for those of "
    "other programs: {allowed}",
    "references_exist": "{target} has at least {threshold} references like `src/a.py:12 name`, "
    "each with a name that stands within five lines of the line",
    "ids_covered": "each id like {pattern} in {first} stands in {rest}",
    "console_blocks": "the commands in the ```console blocks of {target} succeed in a fresh "
    "checkout, one after the other",
    "requirements_mapped": "{target} has `document` (its path), `components` (`id`, `paths`, "
    "`depends_on`), `requirements` (`id` like REQ_01, `says`, `source`: a heading, `shown_by`, "
    "`component`), `left_out` (`source`, `reason`), `questions` (`question`, `decision`, "
    "`reason`); each heading with a text is a source",
    "feature_plan": "{target} has the sections Examples (a list, each with an id like EX_01, "
    "given, when and then), Left out, Files (a list of paths in backticks, `(new)` behind those to "
    "be made), Risks and Slices (a list that names each example)",
    "component_built": "the change stays within the `paths` of one component of {target} and its "
    "list `shared`, and the component's tests name each of its requirements by id",
    "area_map": "{first} has `areas`, each with `id`, `files` (patterns), and `left_out`, each "
    "with `files`, `reason`; each file of the repository is in exactly one; at most {areas} "
    "areas{each}",
    "follows": "the next task or the result exists",
}


def in_words(checks: Iterable[Check]) -> list[str]:
    """Return one sentence for each check that the system runs by itself: its own, if it has one."""
    return [check.description or _sentence(check) for check in checks]


def _sentence(check: Check) -> str:
    return _SENTENCES[check.check_type].format(**_values(check))


def _values(check: Check) -> dict[str, object]:
    return {
        "target": ", ".join(f"`{path}`" for path in check.target),
        "first": f"`{check.target[0]}`" if check.target else "",
        "rest": ", ".join(map(_path, check.target[1:])) or "the repository",
        "each": "".join(f"; each has `{path}/<id>.md`" for path in check.target[1:]),
        "allowed": ", ".join(f"`{text}`" for text in check.pattern) or "none",
        "paths": ", ".join(map(_path, check.target)) or "what the task needs",
        "pattern": ", ".join(f"`{text}`" for text in check.pattern),
        "command": check.command,
        "exit_status": check.exit_status,
        "tests": f"the tests of `{check.command}`" if check.command else "all tests",
        "metric": f"`{check.metric}`" if check.metric else "a number",
        "operator": check.operator,
        "areas": f"{check.threshold or 20:g}",
        "threshold": "0" if check.threshold is None else f"{check.threshold:g}",
    }


def _path(pattern: str) -> str:
    return "files of tests" if pattern == TESTS else f"`{pattern}`"

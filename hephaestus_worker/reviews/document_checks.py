"""Checks of documents against the commit that holds them: nothing in them is invented.

A target with a wildcard means the files of this kind that the work changes, a folder all documents
in it, and any other path that file.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from typing import Final

from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.definitions.criteria import TESTS, Check
from hephaestus_core.contract.globs import is_pattern, matches, segments
from hephaestus_core.contract.test_files import is_test_file
from hephaestus_core.contract.texts import plain
from hephaestus_worker.reviews.commit_checks import is_within
from hephaestus_worker.reviews.commit_files import CommitFiles
from hephaestus_worker.reviews.documents import (
    areas,
    console,
    ids,
    links,
    names,
    plans,
    references,
    requirements,
    yaml_lists,
)
from hephaestus_worker.reviews.documents.requirements import Component
from hephaestus_worker.reviews.documents.yaml_lists import Unreadable
from hephaestus_worker.reviews.outcomes import named, of_command, outcome, passed
from hephaestus_worker.reviews.work import Work

_DOCUMENTS: Final = (".md", ".markdown")
#: Files that tell of the code; what stands only there is not in the code.
_PROSE: Final = (*_DOCUMENTS, ".rst", ".adoc", ".txt")
#: Most documents that one check reads.
_MOST_DOCUMENTS: Final = 200
#: Most faults that are named, and characters of them.
_MOST_FAULTS: Final = 10
_MOST_SAID: Final = 3000
#: Bytes of the commands of one document; a shell takes no more at once.
_LONGEST_SCRIPT: Final = 100_000
_MOST_AREAS: Final = 20
_LEAST_EXAMPLES: Final = 3
#: What is drawn for a judge to try.
_DRAWN_IDS: Final = 10
_DRAWN_REFERENCES: Final = 20

Rule = Callable[[CommitFiles, str], Iterable[str]]


def links_resolve(work: Work, check: Check) -> CheckOutcome:
    """Check that the links of documents lead to files and headings of the commit."""
    return _each(
        work,
        check,
        lambda files, path: links.faults(path, files.document(path), files.exists, files.document),
    )


def references_exist(work: Work, check: Check) -> CheckOutcome:
    """Check that documents name lines of code, ``threshold`` of them at least, and rightly."""
    right: list[str] = []

    def rule(files: CommitFiles, path: str) -> Iterable[str]:
        found = list(references.references(files.document(path), files.extensions))
        right.extend(f"{path}:{each.at}" for each in found)
        lines = lru_cache(maxsize=1)(lambda of: _lines(files.text(of)))
        return references.faults(path, found, lines, least=int(check.threshold or 0))

    found = _each(work, check, rule)
    drawn = _drawn(work.commit, right, _DRAWN_REFERENCES)
    return found if found.says else outcome(check, "passed", drawn)


def names_exist(work: Work, check: Check) -> CheckOutcome:
    """Check that names in backticks stand in the code, except those that ``pattern`` allows."""
    files = work.files
    paths = _documents(work, check)
    wanted, faults = [], []
    for path in paths:
        document = files.document(path)
        wanted += list(names.names(path, document, check.pattern))
        faults += list(names.missing_paths(path, document, check.pattern, files.exists))
    code = [each for each in files.entries if not each.lower().endswith(_PROSE)]
    faults += names.missing(wanted, files.texts(code))
    remedy = "Correct what is wrong, and write names of other programs without backticks."
    return _of(check, paths, faults, remedy)


def ids_covered(work: Work, check: Check) -> CheckOutcome:
    """Check that each id in the first target stands in a file of the other targets."""
    files, source = work.files, _source(work, check)
    text = files.text(source)
    if text is None:
        return outcome(check, "failed", f"The commit holds no file {plain(source)}. Create it.")
    wanted = ids.ids_in(text, check.pattern)
    if not wanted:
        says = f"{plain(source)} holds no word like {', '.join(check.pattern)}."
        return outcome(check, "failed", f"{says} Give each entry an id.")
    places = check.target[1:] or ["**"]
    others = [path for path in files.entries if path != source and is_within(path, places)]
    missing = ids.missing(wanted, files.texts(others))
    if not missing:
        return outcome(check, "passed", _drawn(work.commit, wanted, _DRAWN_IDS))
    listed = ", ".join("tests" if each == TESTS else each for each in places)
    says = f"{named(missing)} of {plain(source)}: no file of {listed} names it."
    return outcome(check, "failed", f"{says} Write the missing ones.")


def console_blocks(work: Work, check: Check) -> CheckOutcome:
    """Check that the commands of documents succeed, one after the other, in a clean tree."""
    found = 0
    for path in _documents(work, check):
        document = work.files.document(path)
        found += len(console.blocks(document))
        script = console.script(path, document)
        if len(script.encode()) > _LONGEST_SCRIPT:
            says = f"The commands of {plain(path)} are too long. Split the document."
            return outcome(check, "failed", says)
        ended = work.tree.run(script, timeout=check.timeout)
        if ended.exit_status != 0:
            says = (
                f"A ```console block of {plain(path)} fails; the last line of the output that "
                "begins with --- names it. Correct the command, or the program. A command that "
                "should not run here, such as a server, belongs in a block of another language."
            )
            return of_command(check, script, ended, says)
    if found < (check.threshold or 0):
        says = f"{found} ```console blocks; at least {check.threshold:g} are needed."
        return outcome(check, "failed", says)
    return passed(check)


def requirements_mapped(work: Work, check: Check) -> CheckOutcome:
    """Check that a file of requirements maps its document whole."""
    faults: list[str] = []
    for path in check.target:
        try:
            data = yaml_lists.mapping(_yaml(work.files, path))
            document = yaml_lists.word(data, "document")
            if work.files.text(document) is None:
                faults.append(f"{path}: `document` names no file of the repository")
                continue
            found = requirements.faults(data, work.files.document(document))
            faults += [f"{path}: {each}" for each in islice(found, _MOST_FAULTS + 1)]
        except Unreadable as error:
            faults.append(f"{path}: {error}")
    return _of(check, check.target, faults, "Correct the file.")


def component_built(work: Work, check: Check) -> CheckOutcome:
    """Check that the work is on one component, whose tests name all of its requirements."""
    path = check.target[0]
    try:
        data = yaml_lists.mapping(_yaml(work.files, path))
        parts = requirements.components(data)
        shared = yaml_lists.words(data, "shared")
    except Unreadable as error:
        return outcome(check, "failed", f"{plain(path)}: {plain(str(error))}. Correct the file.")
    changed = [each.path for each in work.changes if not matches(each.path, shared)]
    touched = [each for each in parts if any(matches(one, each.paths) for one in changed)]
    if len(touched) != 1:
        several = " and ".join(each.id for each in touched)
        says = f"The work touches {plain(several)}" if several else "The work touches no component"
        remedy = f"Change the paths of exactly one component of {plain(path)}."
        return outcome(check, "failed", f"{says[:500]}. {remedy}")
    return _of(check, [path], _of_component(work, touched[0], changed), "Stay in its paths.")


def feature_plan(work: Work, check: Check) -> CheckOutcome:
    """Check that the plan of a feature is whole, with ``threshold`` examples at least."""
    least = int(check.threshold or _LEAST_EXAMPLES)
    return _each(
        work,
        check,
        lambda files, path: (
            f"{path}: {each}"
            for each in plans.faults(files.text(path) or "", files.exists, least=least)
        ),
    )


def area_map(work: Work, check: Check) -> CheckOutcome:
    """Check that a map has each file of the commit in one area.

    Args:
        check: its ``threshold`` bounds the number of areas; a second target names the folder in
            which each area has a document, with its id as the name.
    """
    path = "/".join(segments(check.target[0]))
    folder = path.rpartition("/")[0]
    files = [each for each in work.files.entries if not each.startswith(f"{folder}/")]
    try:
        data = yaml_lists.mapping(_yaml(work.files, path))
        found = areas.faults(data, files, most=int(check.threshold or _MOST_AREAS))
        faults = list(islice(found, _MOST_FAULTS + 1))
        wanted = areas.area_ids(data) if len(check.target) > 1 else []
    except Unreadable as error:
        return outcome(check, "failed", f"{plain(path)}: {plain(str(error))}. Correct the file.")
    documents = [f"{check.target[-1].rstrip('/')}/{each}.md" for each in wanted]
    faults += [f"{each} is missing" for each in documents if each not in work.files.entries]
    return _of(check, [path], faults, "Correct the map.")


def could_not_read(check: Check) -> CheckOutcome:
    """Return the outcome of a check that would have to read too much."""
    says = "There is more to read than a check can. Name fewer documents, or split the work."
    return outcome(check, "error", says)


def _drawn(commit: str, items: Iterable[str], number: int) -> str:
    """Draw some of the items for a judge: its author could not tell which before the commit."""
    order = {each: sha256(f"{commit} {each}".encode(errors="replace")).digest() for each in items}
    drawn = sorted(order, key=order.__getitem__)[:number]
    return plain(f"Drawn for the judge: {', '.join(drawn)}")[:_MOST_SAID] if drawn else ""


def _of_component(work: Work, component: Component, changed: list[str]) -> list[str]:
    outside = [path for path in changed if not matches(path, component.paths)]
    faults = [f"{path} is not in the paths of {component.id}" for path in outside]
    own = [
        path for path in work.files.entries if is_test_file(path) and matches(path, component.paths)
    ]
    missing = ids.missing(component.requirements, work.files.texts(own))
    return [*faults, *(f"no test of {component.id} names {each}" for each in missing)]


def _each(work: Work, check: Check, rule: Rule) -> CheckOutcome:
    """Apply a rule to each document."""
    paths = _documents(work, check)
    faults: list[str] = []
    for path in paths:
        faults += islice(rule(work.files, path), _MOST_FAULTS + 1)
        if len(faults) > _MOST_FAULTS:
            break
    return _of(check, paths, faults, "Correct the documents.")


def _of(check: Check, paths: list[str], faults: list[str], remedy: str) -> CheckOutcome:
    if not paths:
        says = f"The work holds no document like {', '.join(check.target)}. Write it."
        return outcome(check, "failed", says)
    if not faults:
        return passed(check)
    more = ["and more"] if len(faults) > _MOST_FAULTS else []
    says = plain("; ".join([*faults[:_MOST_FAULTS], *more]))
    return outcome(check, "failed", f"{says[:_MOST_SAID]}. {remedy}")


def _source(work: Work, check: Check) -> str:
    """Return the file that the first target means, also if it is missing."""
    named = _documents(work, replace(check, target=check.target[:1]))
    return named[0] if named else "/".join(segments(check.target[0]))


def _documents(work: Work, check: Check) -> list[str]:
    """Return the paths of the documents that a check means; missing ones are named all the same."""
    found: dict[str, None] = {}
    for target in check.target:
        path = "/".join(segments(target))
        if is_pattern(target):
            new = [each.path for each in work.changes if each.path in work.files.entries]
            found |= dict.fromkeys(each for each in new if matches(each, [target]))
        elif path in work.files.entries:
            found[path] = None
        else:
            inside = (each for each in work.files.entries if each.startswith(f"{path}/"))
            found |= dict.fromkeys(each for each in inside if each.lower().endswith(_DOCUMENTS))
    return list(found)[:_MOST_DOCUMENTS]


def _yaml(files: CommitFiles, path: str) -> str:
    text = files.text("/".join(segments(path)))
    if text is None:
        raise Unreadable("there is no such file")
    if len(text) > yaml_lists.MOST_BYTES:
        raise Unreadable(f"it has more than {yaml_lists.MOST_BYTES // 1024} kB")
    return text


def _lines(text: str | None) -> list[str] | None:
    return None if text is None else text.splitlines()

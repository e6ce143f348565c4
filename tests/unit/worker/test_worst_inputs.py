"""Each reader of what agents write takes linear time, whatever they write.

The deadline is generous: a linear reader needs a second for its megabyte, a quadratic one minutes.
"""

import json
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from hephaestus_core.contract import agent_files, globs
from hephaestus_core.contract.branch_names import branch_slug
from hephaestus_core.contract.foreign_repositories import refusal
from hephaestus_core.contract.repository_urls import masked_logins
from hephaestus_core.contract.texts import plain
from hephaestus_core.contract.titles import title_of
from hephaestus_sdk.cli import plain_text
from hephaestus_worker.agent_programs.claude import screen as claude
from hephaestus_worker.agent_programs.codex import screen as codex
from hephaestus_worker.agent_programs.droid.program import DroidProgram
from hephaestus_worker.agent_programs.opencode import screen as opencode
from hephaestus_worker.agent_programs.scripted import ScriptedProgram
from hephaestus_worker.git import command as git
from hephaestus_worker.git.merging import conflicts, differences
from hephaestus_worker.git.objects import attributes, merge_tree
from hephaestus_worker.git.objects.merge_tree import Entry, Finding, Merged
from hephaestus_worker.reviews import metrics
from hephaestus_worker.reviews.census import count
from hephaestus_worker.reviews.code import Language
from hephaestus_worker.reviews.documents import console, ids, links, markdown, names, references
from hephaestus_worker.reviews.kept_tests import Version, losses

MEGABYTE = 1 << 20
CPU_SECONDS = 20
NOW = datetime(2026, 1, 1, tzinfo=UTC)

Reader = Callable[[str], object]


def filled(unit: str, *, before: str = "", after: str = "") -> str:
    return before + unit * (MEGABYTE // len(unit.encode())) + after


def in_claude(unit: str) -> list[str]:
    """Return screens with it as the last thing said, in the input line and below."""
    rule = "─" * 20
    return [
        filled(unit, before="● ", after=f"\n{rule}\n❯ \n{rule}\n? for shortcuts"),
        filled(unit, before=f"● x\n{rule}\n❯ ", after=f"\n{rule}\n"),
        filled(unit, before=f"● x\n{rule}\n❯ \n{rule}\n"),
    ]


def in_codex(unit: str) -> list[str]:
    return [filled(unit, before="■ ", after="\n› "), filled(unit, before="■ x\n› "), filled(unit)]


def in_opencode(unit: str) -> list[str]:
    edge = f"  ╹{'▀' * 40}\n"
    return [filled(unit, before=edge), filled(unit, after=f"\n{edge}")]


CLAUDE: list[Reader] = [
    *(claude.is_idle, claude.takes_input, claude.asks_about_limit),
    *(lambda text: claude.shows_input(text, "a" * 20), lambda text: claude.failure(text, now=NOW)),
]
CODEX: list[Reader] = [
    *(codex.is_idle, codex.takes_input, lambda text: codex.shows_input(text, "a" * 20)),
    lambda text: codex.failure(text, now=NOW),
]
OPENCODE: list[Reader] = [
    *(opencode.is_idle, opencode.takes_input, lambda text: opencode.failure(text, now=NOW)),
    lambda text: opencode.shows_input(text, "a" * 20),
]
OTHERS: list[Reader] = [
    *(ScriptedProgram().is_idle, DroidProgram().is_idle, plain, title_of, plain_text.plain),
    *(branch_slug, masked_logins, git.brief),
    lambda text: refusal("a repository", text),
    lambda text: DroidProgram().diagnose(text, 1, folder=Path("/nonexistent")),
    lambda text: attributes._as_at_the_top("a folder/", text.encode()),
    lambda text: list(differences._changes(text)),
    lambda text: list(merge_tree._read_findings(iter(text.split("\0")))),
]

SCREEN_UNITS = ("a", " ", "\n", "─", "❯ \n", "■ \n", "  ┃\n")
CLAUDE_UNITS = (
    *("resets 3pm (a", "resets ", "You've hit your ", "a is experiencing ", "\n● 401 a", "✻ a"),
    *("API Error ", "\n● a", "❯ /rate-limit-options\n", "[Pasted text "),
)
CODEX_UNITS = ("model ", "model not", "try again at ", "Error: \n", "• esc to interrupt", "Model\n")
OPENCODE_UNITS = (" [retrying", "[retrying ", "■ ", "■⬝", "esc ", "esc again to ")
OTHER_UNITS = (
    *("a://", "a://b", "a://b@", "a://b:c", "@", "dubious ownership in repository at '"),
    *("dubious ownership in repository at 'a", "\x1b[", "\x1b]", "\x1b[0;", "\x1b]a\x1b"),
    *('"', '"\\', '"a" ', "[attr]", "-\t-\ta\n", "\t", "1\0a\0b\0", "Invalid model: ", "# ", "--"),
    *("Authentication failed.", '{"type":"', "[idle]\n", "hint: a\n", "..", "\0"),
)
CASES = [
    *((CLAUDE, unit, in_claude) for unit in (*SCREEN_UNITS, *CLAUDE_UNITS)),
    *((CODEX, unit, in_codex) for unit in (*SCREEN_UNITS, *CODEX_UNITS)),
    *((OPENCODE, unit, in_opencode) for unit in (*SCREEN_UNITS, *OPENCODE_UNITS)),
    *((OTHERS, unit, lambda unit: [filled(unit)]) for unit in ("a", " ", "\n", *OTHER_UNITS)),
]


@pytest.fixture(autouse=True)
def deadline() -> Iterator[None]:
    """End a reader that takes too much of the processor, also within a regular expression."""

    def late(_signal: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"more than {CPU_SECONDS} s of the processor")

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize(
    ("readers", "unit", "shown"), CASES, ids=[f"{n}-{case[1]!r}" for n, case in enumerate(CASES)]
)
def test_a_megabyte_of_anything_is_read_in_linear_time(
    readers: list[Reader], unit: str, shown: Callable[[str], list[str]]
) -> None:
    for text in shown(unit):
        for reader in readers:
            reader(text)


@pytest.mark.parametrize("unit", ["[", '{"a":', "{}\n", "\n", "0", '"', "\\"])
def test_a_megabyte_of_any_transcript_is_read_in_linear_time(tmp_path: Path, unit: str) -> None:
    (tmp_path / "file").write_text(filled(unit))

    entries: list[dict[str, Any]] = list(agent_files.json_lines(tmp_path, "file"))

    assert all(entry == {} for entry in entries)
    assert agent_files.json_object(tmp_path, "file") == {}
    assert json.dumps(entries)


@pytest.mark.parametrize(
    ("language", "unit", "before"),
    [
        ("python", '"\n', '"""'),
        ("python", "assert == ", ""),
        ("python", "assert a a", ""),
        ("python", "parametrize([", ""),
        ("python", "approx(a", ""),
        ("python", "\n", "def test_a():"),
        ("python", "except:\n", ""),
        ("python", "class A(B):\n  def test_a():\n", ""),
        ("python", "for a in (", ""),
        ("python", "\nfor a:\n\n", ""),
        ("python", "def check():\n assert a == 1\n", ""),
        ("javascript", "expect(a).toBe", ""),
        ("javascript", "if (process.env", ""),
        ("javascript", ".each([,", ""),
        ("go", "struct{}{", ""),
        ("javascript", "(/[", ""),
        ("javascript", "it.each", "/*"),
        ("go", "`", "/*"),
        ("rust", "#[cfg_attr(", 'r#"'),
        ("java", "assertEquals", ""),
        ("ruby", "\n=begin", "=begin"),
    ],
)
def test_a_megabyte_of_any_tests_is_counted_in_linear_time(
    language: Language, unit: str, before: str
) -> None:
    census = count(filled(unit, before=before), language)

    assert losses([Version("a", census, census)]) == []


@pytest.mark.parametrize("unit", ["1", "1,", "1,000", "+", "e", "1e1", ".1", "took 1"])
def test_a_megabyte_of_any_output_is_searched_in_linear_time(unit: str) -> None:
    assert metrics.read(filled(unit), "none such") is None
    metrics.read(filled(unit), "")
    assert globs.matches(filled(unit), ["*1*,*e*x"]) is False
    assert globs.matches("1/" * 1000, ["**/" * 1000 + "x"]) is False


@pytest.mark.parametrize(
    "unit",
    [
        *("`", "`a", "``a`", "[a](b)", "](", "[", "# a\n", "#", "a\n-\n", "```\n", "~~~console\n"),
        *(
            "`a.a/b:1 c` ",
            "`a.a`\n",
            "`a::b",
            'id="',
            "[a]: b\n",
            "$ a\n",
            "a_",
            "REQ_1 ",
            "-a",
            "a/",
        ),
    ],
)
def test_a_megabyte_of_any_document_is_checked_in_linear_time(unit: str) -> None:
    page = markdown.read(filled(unit))
    list(links.faults("a.md", page, lambda path: path == "a.md", {"a.md": page}.__getitem__))
    found = list(references.references(page, {".a"}))
    assert list(references.faults("a.md", found, dict[str, list[str]]().get, least=9**9))
    wanted = list(names.names("a.md", page, ["x*"]))
    names.missing(wanted, [filled(unit)])
    list(names.missing_paths("a.md", page, [], lambda path: path == "a"))
    ids.missing(ids.ids_in(filled(unit), ["*_*"]), [filled(unit)])
    console.script("a.md", page)


@pytest.mark.parametrize("kind", ["CONFLICT (file/directory)", "CONFLICT (rename involved)"])
def test_a_merge_with_many_conflicts_is_grouped_in_linear_time(kind: str) -> None:
    """A megabyte of paths: each of its own, or each in one group with the one before."""
    paths = [f"{number:06}/a" for number in range(MEGABYTE // 16)]
    stages = {path: {2: Entry("100644", "0" * 40), 3: Entry("100644", "1" * 40)} for path in paths}
    linked = kind == "CONFLICT (rename involved)"
    others = paths[1:] if linked else [path.partition("/")[0] for path in paths]
    findings = tuple(Finding(kind, pair) for pair in zip(paths, others, strict=False))

    groups = conflicts._groups(Merged("0" * 40, stages, findings))

    assert len(groups) == (1 if linked else len(paths))


@pytest.mark.parametrize(
    "said", ["resets 3:99pm", "resets Jan 1, 0001 at 3pm", "resets 3pm (Europe)", "resets 99pm"]
)
def test_times_that_no_calendar_holds_are_none(said: str) -> None:
    rule = "─" * 20
    screen = f"● You've hit your limit {said}\n\n{rule}\n❯ \n{rule}\n"

    found = claude.failure(screen, now=NOW)

    assert found is not None
    assert found.reason.startswith("You've hit your limit")


@pytest.mark.parametrize("when", ["13:99 PM", "Jan 1st, 0001 1:00 AM", "Dec 31st, 9999 11:59 PM"])
def test_neither_are_those_that_codex_shows(when: str) -> None:
    found = codex.failure(f"■ You’ve hit your usage limit; try again at {when}\n\n› ", now=NOW)

    assert found is not None
    assert found.class_ == "quota"


def test_the_failure_before_a_retry_is_read() -> None:
    footer = "  ■⬝■⬝ usage limit reached [retrying in 5s]\n more [retrying]"

    found = opencode.failure(f"  ╹{'▀' * 40}\n\n{footer}", now=NOW)

    assert found is not None
    assert found.reason == "usage limit reached"

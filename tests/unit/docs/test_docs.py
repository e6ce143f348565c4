"""The documents tell the truth: what they name exists, what they show can be run."""

import ast
import re
import shlex
from dataclasses import fields
from pathlib import Path

import click
import pytest

from hephaestus_core.settings.config import Settings, load_settings
from hephaestus_sdk.cli.main import CONTENTS, main
from hephaestus_sdk.definitions.loading import load_definition
from hephaestus_worker.agent_programs import PROGRAMS
from tests.integration.agents.conformance import outcomes
from tests.integration.agents.conformance import table as conformance_table
from tests.integration.agents.conformance.all_cases import CASES
from tests.integration.agents.conformance.table import in_document, table

ROOT = Path(__file__).parents[3]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
TEXTS = {path.name: path.read_text() for path in DOCUMENTS}
_NAME = re.compile(r"`(\w+)`")


def blocks(language: str) -> list[tuple[str, str]]:
    """Return (document, code) of all fenced blocks of a language."""
    fence = re.compile(rf"^```{language}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [(name, code) for name, text in TEXTS.items() for code in fence.findall(text)]


def shell_lines() -> list[str]:
    return [
        line.split(" #")[0].strip()
        for _, code in blocks("console")
        for line in code.splitlines()
        if line.strip()
    ]


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_link_to_a_file_leads_somewhere(name: str) -> None:
    folder = next(path.parent for path in DOCUMENTS if path.name == name)
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", TEXTS[name])
    assert [link for link in links if not (folder / link).exists()] == []


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_link_to_a_heading_leads_to_one(name: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", TEXTS[name])
    lost = [f"{page}#{anchor}" for page, anchor in links if anchor not in anchors(page or name)]
    assert lost == []


def anchors(page: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    prose = re.sub(r"^```.*?^```", "", TEXTS[Path(page).name], flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    plain = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
    again = {f"{one}-{n}" for one in plain for n in range(1, plain.count(one))}
    return {*plain, *again}


def test_the_readme_lists_every_document() -> None:
    pages = {f"docs/{path.name}" for path in ROOT.glob("docs/*.md")}
    assert pages - set(re.findall(r"\]\((docs/[^)#]+)\)", TEXTS["README.md"])) == set()


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {t for text in TEXTS.values() for t in re.findall(r"`make ([a-z]+)", text)}
    shown = {
        t
        for line in shell_lines()
        if line.startswith("make ")
        for t in line.split()[1:]
        if "=" not in t
    }
    assert named | shown <= targets


def test_every_command_that_is_named_exists() -> None:
    named = {c for text in TEXTS.values() for c in re.findall(r"`hephaestus ([a-z-]+)", text)}
    assert named - {"--help"} <= {name for part in CONTENTS.values() for name in part}


@pytest.mark.parametrize(
    "line", [line for line in shell_lines() if "hephaestus " in line and "export" not in line]
)
def test_every_command_line_that_is_shown_is_understood(line: str) -> None:
    words = shlex.split(line)
    arguments = words[next(i for i, w in enumerate(words) if w.endswith("hephaestus")) + 1 :]
    context = click.Context(main)
    name, command, rest = main.resolve_command(context, arguments)  # type: ignore[attr-defined]
    assert name is not None
    command.make_context(name, list(rest))


@pytest.mark.parametrize(("name", "code"), blocks("python"))
def test_every_python_example_compiles_and_names_what_exists(name: str, code: str) -> None:
    tree = ast.parse(code, name)
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    for node in imports:
        exec(compile(ast.Module([node], []), name, "exec"), {})


@pytest.mark.parametrize(("name", "code"), blocks("yaml"))
def test_every_yaml_example_is_a_definition_or_a_configuration(
    name: str, code: str, tmp_path: Path
) -> None:
    shown = tmp_path / "shown.yaml"
    shown.write_text(code)
    if "phases:" in code:
        assert load_definition(str(shown)), name
    else:
        load_settings(environ={"HEPHAESTUS_CONFIG": str(shown)})


def test_every_setting_is_in_the_reference_and_nothing_else() -> None:
    documented = re.findall(r"^\| `([a-z_]+)` \|", TEXTS["configuration.md"], re.MULTILINE)
    assert documented == [field.name for field in fields(Settings)]


@pytest.mark.parametrize("package", ["core", "sdk", "web", "worker"])
def test_every_folder_of_a_package_is_on_the_map(package: str) -> None:
    rows = TEXTS["ARCHITECTURE.md"].partition("## Map")[2].partition("## The life")[0]
    rooms = {path.parent.name for path in ROOT.glob(f"hephaestus_{package}/*/__init__.py")}
    assert rooms - set(re.findall(r"`(\w+)/`", rows)) == set()


def test_every_function_on_the_map_is_there() -> None:
    assert missing_names("ARCHITECTURE.md", at_least=10) == []


def test_every_word_of_the_glossary_is_where_it_says() -> None:
    assert missing_names("glossary.md", at_least=30) == []


def missing_names(page: str, *, at_least: int) -> list[str]:
    """Return each ``file::name`` of a page that the code does not have."""
    named = re.findall(r"`([a-z_./]+\.py)::(\w+)`", TEXTS[page])
    assert len(named) >= at_least
    return [f"{file}::{name}" for file, name in named if not is_defined(ROOT / file, name)]


def is_defined(file: Path, name: str) -> bool:
    pattern = rf"^\s*(?:async )?(?:def|class) {name}\b|^{name}\b"
    return file.exists() and re.search(pattern, file.read_text(), re.MULTILINE) is not None


def test_every_metric_is_in_the_table_and_nothing_else() -> None:
    source = (ROOT / "hephaestus_web/metrics.py").read_text()
    metrics = set(re.findall(r'_gauges?\("(\w+)"|"hephaestus_(request_seconds)"', source))
    rows = TEXTS["operations.md"].partition("| metric | meaning |")[2].partition("\n\n")[0]
    listed = {name for row in rows.splitlines()[2:] for name in _NAME.findall(row.split("|")[1])}
    assert listed == {gauge or histogram for gauge, histogram in metrics}


def test_the_roles_and_scopes_of_tokens_are_those_there_are() -> None:
    from hephaestus_core.access.rules import ROLES, Scope

    listed = re.findall(r"^\| `(\w+)` \|", TEXTS["access.md"], re.MULTILINE)
    assert listed == [*reversed(ROLES), *Scope]


def test_the_bounds_on_wrong_tokens_are_those_there_are() -> None:
    from hephaestus_core.access.audit import KEPT_FOR
    from hephaestus_core.access.wrong_tokens import LIMITS

    said = f"{LIMITS['login']} wrong logins, or {LIMITS['api']} wrong tokens"
    assert said in TEXTS["access.md"]
    assert f"kept for {KEPT_FOR.days} days" in TEXTS["access.md"]


def test_the_table_of_programs_says_what_their_adapters_say() -> None:
    """It is written from the outcomes of the conformance suite, which holds adapters to it."""
    text = TEXTS["agent-programs.md"]
    assert in_document(text) == table(CASES)
    assert {case.name for case in CASES} >= set(PROGRAMS)


def test_without_outcomes_of_the_suite_the_table_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "agent-programs.md"
    document.write_text(TEXTS[document.name])
    monkeypatch.setattr(conformance_table, "DOCUMENT", document)
    monkeypatch.setattr(outcomes, "FOLDER", tmp_path / "nothing")
    assert conformance_table.main() == 1
    assert "codex: stops with no process left" in capsys.readouterr().out
    assert document.read_text() == TEXTS[document.name]

"""Screens, read by their shape: what the program draws at its own place, and nothing else."""

import time
from pathlib import Path

import pytest

from hephaestus_core.guardian.screens.actions import actions
from hephaestus_core.guardian.screens.faults import Fault, kind
from hephaestus_core.guardian.screens.reading import KNOWN, read
from hephaestus_core.guardian.screens.screen import State

SCREENS = Path(__file__).resolve().parents[1] / "agent_programs"
CASES = Path(__file__).resolve().parents[2] / "data" / "guardian"
RULE = "─" * 80
LIE = " Do you want to proceed?\n ❯ 1. Yes\n   2. No\n\n Esc to cancel"


@pytest.mark.parametrize(
    ("program", "file", "state"),
    [
        ("claude", "screens/busy_tool.txt", State.BUSY),
        ("claude", "screens/busy_queued.txt", State.BUSY),
        ("claude", "screens/retrying.txt", State.BUSY),
        ("claude", "screens/idle.txt", State.IDLE),
        ("claude", "screens/starting.txt", State.EMPTY),
        ("claude", "screens/dialog_trust.txt", State.ASKS),
        ("claude", "screens/dialog_key.txt", State.ASKS),
        ("claude", "screens/dialog_onboarding.txt", State.ASKS),
        ("claude", "screens/limit_session.txt", State.ASKS),
        ("codex", "codex_screens/busy.txt", State.BUSY),
        ("codex", "codex_screens/queued.txt", State.BUSY),
        ("codex", "codex_screens/idle.txt", State.IDLE),
        ("codex", "codex_screens/dialog_login.txt", State.ASKS),
        ("codex", "codex_screens/dialog_trust.txt", State.ASKS),
        ("opencode", "opencode_screens/busy.txt", State.BUSY),
        ("opencode", "opencode_screens/idle.txt", State.IDLE),
    ],
)
def test_recorded_screens_show_their_state(program: str, file: str, state: State) -> None:
    assert read(program, (SCREENS / file).read_text()).state is state


@pytest.mark.parametrize(
    ("program", "file", "fault"),
    [
        ("claude", "screens/refused_401.txt", Fault.KEY),
        ("claude", "screens/refused_429.txt", Fault.LIMIT),
        ("claude", "screens/refused_529.txt", Fault.LIMIT),
        ("claude", "screens/refused_500.txt", Fault.OTHER),
        ("codex", "codex_screens/refused_key.txt", Fault.KEY),
        ("codex", "codex_screens/limit.txt", Fault.LIMIT),
        ("codex", "codex_screens/quota.txt", Fault.LIMIT),
        ("codex", "codex_screens/wrong_model.txt", Fault.OTHER),
    ],
)
def test_recorded_errors_have_their_kind(program: str, file: str, fault: Fault) -> None:
    assert kind(read(program, (SCREENS / file).read_text()).error) is fault


def claude(body: str, *, busy: bool) -> str:
    footer = "  ⏵⏵ bypass permissions on" + (" · esc to interrupt" if busy else "")
    return f"❯ Do it.\n\n{body}\n\n{RULE}\n❯ \n{RULE}\n{footer}\n"


def test_a_printed_dialog_is_no_dialog() -> None:
    shown = claude(f"● Bash(cat dialog.txt)\n  ⎿ {LIE}", busy=True)
    assert read("claude", shown).state is State.BUSY
    assert read("claude", f"❯ Do it.\n{RULE}\n{LIE}\n").state is State.ASKS


def test_a_dialog_below_the_marks_of_the_scripted_agent_is_only_printed() -> None:
    assert read("scripted", f"[step] run\n{LIE}\n").state is State.BUSY
    assert read("of the configuration", f"Working.\n{LIE}\n").state is State.ASKS


def test_a_printed_error_is_no_error_while_the_program_works() -> None:
    shown = claude("● API Error: 529 Overloaded", busy=True)
    assert read("claude", shown).error == ""
    assert read("claude", claude("● API Error: 529 Overloaded", busy=False)).error


def test_clocks_and_spinners_are_no_words() -> None:
    first = claude("● Bash(make)\n  ⎿  Running… (3s)\n\n✻ Tempering… (9s · ↓ 40 tokens)", busy=True)
    later = claude("● Bash(make)\n  ⎿  Running… (9s)\n\n· Baking… (1m 9s · ↓ 40 tokens)", busy=True)
    before, after = read("claude", first), read("claude", later)
    assert before.said == after.said
    assert (before.timer, after.timer, after.command_seconds) == (9, 69, 9)
    assert after.command == "● Bash(make)"


def test_the_programs_own_line_tells_of_background_commands() -> None:
    shown = claude("● I wait.\n\n✻ Baked for 9s · 1 shell still running", busy=False)
    assert read("claude", shown).background
    said = claude("● 1 shell still running\n\n✻ Baked for 9s", busy=False)
    assert not read("claude", said).background


def test_actions_are_compared_without_times_and_comments() -> None:
    one = claude("● Bash(make # again)\n  ⎿  3 failed in 1.2s\n\n● Done", busy=True)
    two = claude("● Bash(make)\n  ⎿  3 failed in 9.9s\n\n● Done", busy=True)
    assert actions("claude", one)[0].result == actions("claude", two)[0].result
    assert actions("claude", "") == ()


@pytest.mark.parametrize("program", sorted(KNOWN))
@pytest.mark.parametrize(
    "text",
    [
        " " * 200_000,
        (RULE + "\n") * 4_000,
        "❯ 1. a\n" * 30_000,
        '{"type":"tool_call"' * 10_000,
        '"type":"tool_call","parameters":' * 6_000,
        "● Bash(" * 30_000,
        "✻ " + "…(" * 100_000,
        "  ┃  $ a\n" * 20_000,
        "• " * 100_000,
    ],
    ids=lambda text: text[:12].strip() or "spaces",
)
def test_no_screen_takes_long_to_read(program: str, text: str) -> None:
    began = time.process_time()
    read(program, text)
    actions(program, text)
    assert time.process_time() - began < 2


def test_of_a_screen_with_a_dialog_only_the_dialog_is_shown() -> None:
    said = "● Bash(touch x)\n  ⎿  Waiting…\n"
    dialog = " Bash command\n\n   touch x\n\n Do you want to proceed?\n ❯ 1. Yes\n   2. No\n\n Esc"
    shown = ("Bash command", "touch x", "Do you want to proceed?", "❯ 1. Yes", "2. No", "Esc")
    assert read("claude", f"{said}\n{RULE}\n{dialog}").dialog == shown


def test_an_error_below_the_box_of_a_command_is_told_from_it() -> None:
    command = "  ┃\n  ┃  $ make\n  ┃\n  ┃  (no output)\n  ┃\n"
    error = "  ┃\n  ┃  This model's maximum context length is 200000 tokens.\n  ┃\n"
    turn = "     ▣  Build · Scripted · 27.4s\n"
    box = f"  ┃\n  ┃  Build auto\n  ╹{'▀' * 90}\n"
    found = read("opencode", f"{command}\n{error}\n{turn}\n{box}")
    assert found.error == "This model's maximum context length is 200000 tokens."
    assert found.state is State.IDLE
    assert read("opencode", f"{command}\n{turn}\n{box}").error == ""

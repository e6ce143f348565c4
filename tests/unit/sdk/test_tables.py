"""Tables on terminals of several widths."""

from datetime import datetime, timedelta

import pytest

from hephaestus_sdk.cli.tables import table_lines

AGENT = "1b996377-cd72-4b18-b31b-46fb858e475a"
TASK = "0de76183-2693-4bfb-99bf-2a87407b8ef7"
NOW = datetime.now().astimezone()
NAMES = ("id", "task", "attempt", "host", "status", "started", "description")
ROW = (AGENT, TASK, 1, "build-machine-of-the-team", "under_review", NOW, "Find out why " * 9)


def lines(width: int, row: tuple[object, ...] = ROW) -> list[str]:
    return list(table_lines(NAMES, [row], width, spare=("attempt", "description")))


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_ids_are_short_states_whole_and_every_line_fits(width: int) -> None:
    head, line = lines(width)
    assert max(len(head), len(line)) <= width
    assert line.startswith(f"{AGENT[:8]}  {TASK[:8]}  ")
    assert "  under_review" in line


def test_a_narrow_terminal_does_without_what_is_needed_least() -> None:
    assert lines(80)[0].split() == ["id", "task", "host", "status", "started"]
    assert lines(110)[0].split() == list(NAMES)
    assert "build-machine-of…" in lines(60)[1]
    assert "build-machine-of-the-team" in lines(200)[1]


def test_times_are_short_and_have_a_date_when_it_is_not_today() -> None:
    assert f"{NOW:  %H:%M}" in lines(80)[1]
    earlier = NOW.replace(month=1, day=1) - timedelta(days=1)
    assert f"{earlier:  %Y-%m-%d}" in lines(120, (*ROW[:5], earlier, ""))[1]
    other = NOW.replace(month=2 if NOW.month == 1 else 1, day=15)
    assert f"{other:  %m-%d %H:%M}" in lines(120, (*ROW[:5], other, ""))[1]


def test_wide_characters_count_as_the_terminal_shows_them() -> None:
    [_, line] = table_lines(("name", "id"), [("日本" * 9, AGENT)], 22)
    assert line == f"日本日本日 …  {AGENT[:8]}"

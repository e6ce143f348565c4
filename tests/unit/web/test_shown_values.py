"""How values are shown on pages."""

from hephaestus_web.pages.blueprint import creator, duration


def test_durations_and_creators_are_short() -> None:
    assert [duration(s) for s in (None, 0.4, 59.9, 60, 3661)] == [
        "",
        "0 s",
        "59 s",
        "1 min 0 s",
        "1 h 1 min",
    ]
    agent = "agent 12345678-9abc-def0-1234-56789abcdef0"
    assert [creator(c) for c in ("admin", agent, "agent ")] == ["admin", "agent 12345678", "agent "]

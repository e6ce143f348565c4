from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hephaestus_core.guardian.observation import Act, Label, Verdict
from hephaestus_core.guardian.watching import MOST_LOOKS, SILENT_AFTER, Glimpse, watched
from hephaestus_core.hosts.rules import incomplete_sweep, sweep_patience

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_silent_agent_is_silent_since_its_newest_sign_of_any_kind() -> None:
    seen = Glimpse("yes", output_age=SILENT_AFTER + 240, tool="Bash: make", tool_age=300.0)
    watch, _ = watched(None, [], seen, commit="a", now=NOW)
    assert watch.silent_since == NOW - timedelta(seconds=300)

    after = NOW + timedelta(seconds=5)
    watch, _ = watched(watch, [{"commit": "a"}], seen, commit="b", now=after)
    assert (watch.last_change_at, watch.silent_since) == (after, None)


def test_an_agent_that_hangs_is_silent_though_the_clock_of_its_program_goes_on() -> None:
    lines = ("nothing has moved for 90 s",)
    hangs = Verdict(Label.HUNG, "hung", Act.TELL, lines, silence=90.0)
    seen = Glimpse("yes", verdict=hangs, output_age=1.0)
    watch, _ = watched(None, [], seen, commit=None, now=NOW)
    assert watch.silent_since == NOW - timedelta(seconds=90)

    command = replace(hangs, evidence=("one command for 1800 s",), silence=2.0)
    seen = replace(seen, verdict=command)
    assert watched(None, [], seen, commit=None, now=NOW)[0].silent_since is None


def test_what_a_new_worker_does_not_know_yet_is_kept() -> None:
    seen = Glimpse("yes", output_age=1.0, tool="Bash: make", tool_age=2.0, repeats=3)
    before, looks = watched(None, [], seen, commit=None, now=NOW)
    later = NOW + timedelta(seconds=60)
    watch, _ = watched(before, looks, Glimpse("yes"), commit=None, now=later)
    assert (watch.last_tool, watch.repeats) == ("Bash: make", 3)
    assert watch.last_tool_at == NOW - timedelta(seconds=2)


def test_the_history_is_bounded_and_keeps_the_newest() -> None:
    looks: list[dict[str, object]] = []
    for minute in range(MOST_LOOKS + 5):
        now = NOW + timedelta(minutes=minute)
        looks = [
            dict(look) for look in watched(None, looks, Glimpse("yes"), commit=None, now=now)[1]
        ]
    assert len(looks) == MOST_LOOKS
    assert looks[-1]["at"] == (NOW + timedelta(minutes=MOST_LOOKS + 4)).timestamp()


def test_a_sweep_that_missed_agents_says_how_many_and_why() -> None:
    assert incomplete_sweep(3, 0, "") is None
    told = incomplete_sweep(3, 2, "tmux did not answer.")
    assert told is not None
    assert "2 of 3" in told
    assert told.endswith("tmux did not answer.")


def test_a_short_interval_does_not_make_a_busy_host_late() -> None:
    assert sweep_patience(1) == 30
    assert sweep_patience(60) == 180

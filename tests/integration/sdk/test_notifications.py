"""The command ``notify`` and the calls behind it, on the real API."""

from threading import Event, Thread

from hephaestus_core.notifications import service
from hephaestus_core.notifications.views import ChannelOrder, Outcome
from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.cli.report import ExitCode
from tests.integration.sdk.commands import Invoke, parsed
from tests.integration.sdk.conftest import Players


def test_channels_are_shown_and_tried(invoke: Invoke, players: Players, sdk: HephaestusSDK) -> None:
    db = players.of(sdk.workflow_id).db
    assert invoke("notify", "test")[0] == ExitCode.CONFLICT
    service.see(
        db,
        [
            ChannelOrder(name=name, type="webhook", target="https://h/***", severity="warning")
            for name in ("good", "bad")
        ],
    )
    shown = invoke("notify")[1]
    assert "https://h/***" in shown
    over = Event()

    def send() -> None:
        while not over.wait(0.05):
            for name in ("good", "bad"):
                if (taken := service.take(db, name)) is not None:
                    trouble = None if name == "good" else "it answered 500"
                    service.settle(db, taken, Outcome(trouble=trouble))

    sender = Thread(target=send)
    sender.start()
    try:
        assert invoke("notify", "test", "good") == (0, "good: taken\n")
        code, told = invoke("notify", "test")
        assert (code, told) == (1, "bad: not taken: it answered 500\ngood: taken\n")
    finally:
        over.set()
        sender.join()
    assert invoke("notify", "test", "other")[0] == ExitCode.NOT_FOUND
    [bad, _] = parsed(invoke("notify", "--json"))["channels"]
    assert bad["trouble"] == "it answered 500"

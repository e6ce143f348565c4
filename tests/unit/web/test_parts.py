"""Small parts of the web process, each by itself."""

import stat
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from hephaestus_core.bells import Bell
from hephaestus_core.contract.errors import Unavailable
from hephaestus_core.doorbell import Doorbell
from hephaestus_web.access.home_secrets import secret
from hephaestus_web.live.permits import Permits
from hephaestus_web.schemas.views import schema_of


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    made = secret(tmp_path, "session.key")
    path = tmp_path / "secrets" / "session.key"
    assert secret(tmp_path, "session.key") == made
    assert len(made) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["session.key"]


def test_a_permit_is_free_again_also_after_an_error() -> None:
    permits = Permits(1)
    with pytest.raises(ZeroDivisionError), permits.acquired():
        raise ZeroDivisionError
    with permits.acquired(), pytest.raises(Unavailable):
        permits.acquire()


def test_bells_that_find_no_room_are_dropped_at_once() -> None:
    doorbell = Doorbell(lambda _bell: None, capacity=3)  # nobody takes them: not started
    bells = [Bell("host.reconcile", f"host.{number}") for number in range(5)]
    ringing = threading.Thread(target=doorbell, args=[bells], daemon=True)
    ringing.start()
    ringing.join(10)
    assert not ringing.is_alive(), "it waits for room"
    assert doorbell._take_waiting() == bells[:3]


@dataclass(frozen=True)
class Inner:
    number: int | None


@dataclass(frozen=True)
class OuterView:
    id: UUID
    at: datetime
    inner: Inner | None
    many: list[Inner]
    counts: dict[str, int]


def test_a_view_is_dumped_with_all_it_holds() -> None:
    identity = UUID(int=7)
    at = datetime(2026, 1, 2, tzinfo=UTC)
    view = OuterView(identity, at, None, [Inner(1), Inner(None)], {"done": 2})
    assert schema_of(OuterView)().dump(view) == {
        "id": str(identity),
        "at": "2026-01-02T00:00:00Z",
        "inner": None,
        "many": [{"number": 1}, {"number": None}],
        "counts": {"done": 2},
    }


def test_a_schema_is_named_after_what_it_shows() -> None:
    assert schema_of(OuterView).__name__ == "OuterSchema"

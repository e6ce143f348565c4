"""What a worker remembers of agents goes with them."""

from types import SimpleNamespace
from typing import cast
from uuid import UUID, uuid4

from hephaestus_worker.guardian.observer import _forget
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.host.sights import Sight


def test_ended_agents_are_forgotten_while_another_gives_its_first_sign() -> None:
    sights = {uuid4(): Sight() for _ in range(3)}
    live, new = next(iter(sights)), uuid4()

    class Live(set[UUID]):
        def __contains__(self, agent_id: object) -> bool:
            sights.setdefault(new, Sight())
            return super().__contains__(agent_id)

    _forget(cast("Machine", SimpleNamespace(sights=sights)), Live({live}))
    assert set(sights) == {live, new}

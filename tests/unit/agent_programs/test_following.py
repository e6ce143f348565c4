"""Files that grow, shrink and change between readings: the sum of all turns is the truth."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hephaestus_core.costs.rules import by_key
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_worker.agent_programs import following
from hephaestus_worker.agent_programs.base import Places
from hephaestus_worker.agent_programs.claude import transcript

DOINGS = st.lists(
    st.sampled_from(
        ["answer", "part", "read", "restart", "cut", "rewrite", "torn", "fork", "junk"]
    ),
    max_size=30,
)


class World:
    """A transcript, a reader that forgets, and the ledger's view of what was read."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.path = config / "projects" / "-p" / "s.jsonl"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(b"")
        self.said = 0
        self.after: Places = {}
        self.ledger: list[Turn] = []

    def line(self, number: int, output: int) -> bytes:
        usage = {"input_tokens": number, "output_tokens": output}
        message = {"id": f"msg_{number}", "model": "m", "usage": usage}
        return json.dumps({"type": "assistant", "message": message}).encode() + b"\n"

    def append(self, content: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(content)

    def do(self, doing: str) -> None:
        if doing == "answer":
            self.said += 1
            self.append(self.line(self.said, 2))
        elif doing == "part" and self.said:
            self.append(self.line(self.said, 7))
        elif doing == "restart":
            self.after = {}
        elif doing == "junk":  # with an id of its own, as each line of a program has
            self.append(b'{"type": "assistant", "message": {"id": 1, "usage": {"input_tokens": -4')
            self.append(b"0}}}\n\xff\xfe\n[]\n" + uuid4().bytes.hex().encode() * 2 + b"\n")
        elif doing == "fork":
            (self.path.parent / f"fork{self.said}.jsonl").write_bytes(self.path.read_bytes())
        else:
            self.read()
        if doing in {"cut", "rewrite", "torn"}:
            self._damage(doing)

    def _damage(self, doing: str) -> None:
        content = self.path.read_bytes()
        if doing == "cut":
            self.path.write_bytes(content[: content.rfind(b"\n", 0, len(content) // 2) + 1])
        elif doing == "rewrite":
            self.path.write_bytes(b'{"type": "summary"}\n' + content)
        else:
            half = self.line(self.said + 1, 2)
            self.append(half[:20])
            self.read()
            self.append(half[20:])
            self.said += 1

    def read(self) -> None:
        more = True
        while more:
            reading = transcript.turns(self.config, self.after)
            self.after, more = reading.after, reading.more
            self.ledger += reading.turns


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(doings=DOINGS, most=st.sampled_from([300, 2**24]))
def test_every_interleaving_sums_to_the_truth(
    tmp_path_factory: pytest.TempPathFactory, doings: list[str], most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(following, "MOST_BYTES", most)
        world = World(tmp_path_factory.mktemp("agent"))
        parts: set[int] = set()
        for doing in doings:
            if doing == "part" and world.said:
                parts.add(world.said)
            world.do(doing)
        world.read()
    counted = by_key(world.ledger)
    truth = {f"msg_{n}": Tokens(n, 7 if n in parts else 2) for n in range(1, world.said + 1)}
    assert {key: turn.tokens for key, turn in counted.items()} == truth


def test_only_what_is_new_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path)
    for _ in range(50):
        world.do("answer")
    world.read()
    world.ledger.clear()
    size = len(world.line(50, 2))
    monkeypatch.setattr(following, "MOST_BYTES", size + 10)
    world.do("answer")
    reading = transcript.turns(tmp_path, world.after)
    assert [turn.key for turn in reading.turns] == ["msg_51"]
    assert not reading.more


def test_a_line_without_end_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "MOST_BYTES", 1000)
    world = World(tmp_path)
    world.append(b"x" * 5000 + b"\n")
    world.do("answer")
    world.read()
    assert by_key(world.ledger).keys() == {"msg_1"}

import json
from pathlib import Path

from hephaestus_core.duplicates.judge import Answer, judge
from hephaestus_core.duplicates.marks import marks
from hephaestus_core.duplicates.text import read

PAIRS = Path(__file__).parents[2] / "data" / "duplicates.jsonl"


def test_texts_that_are_judged_the_same_share_marks() -> None:
    pairs = [json.loads(line) for line in PAIRS.read_text().splitlines()]
    texts = [(read(pair["a"]), read(pair["b"])) for pair in pairs]
    marked = [
        (marks(one, ""), marks(other, ""))
        for one, other in texts
        if judge(one, other).answer is Answer.SAME
    ]
    assert len(marked) > 100
    unequal = [pair for pair in marked if {*pair[0].whole}.isdisjoint(pair[1].whole)]
    assert len(unequal) <= 0.05 * len(marked)
    assert all(len({*one.parts} & {*other.parts}) > 1 for one, other in unequal)


def test_texts_of_another_scope_share_nothing() -> None:
    text = read("Add a retry to the upload in `src/upload.py`.")
    one, other = marks(text, "1"), marks(text, "2")
    assert {*one.whole, *one.parts}.isdisjoint({*other.whole, *other.parts})


def test_the_more_words_two_texts_share_the_more_parts_they_share() -> None:
    words = [f"word{chr(97 + number)}" for number in range(20)]
    text = marks(read(" ".join(words)), "")

    def shared(kept: int) -> int:
        other = marks(read(" ".join([*words[:kept], *(f"other{w}" for w in words[kept:])])), "")
        return len({*text.parts} & {*other.parts})

    assert shared(20) == len(text.parts)
    assert shared(0) == 0
    assert shared(18) > shared(2)

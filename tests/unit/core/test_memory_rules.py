"""Memories: what is taken, what is found, in which order, and what is forgotten."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.statuses import Forgotten, MemoryType
from hephaestus_core.memory.ranking import (
    Hit,
    best,
    by_meaning,
    by_names,
    by_words,
    fused,
    kindred,
    looked_up,
    telling,
    weights,
    worth,
)
from hephaestus_core.memory.rules import (
    MemoryView,
    checked,
    checked_repository,
    key_of,
    learned,
    names_in,
    parts_of_names,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)
A, B, C = (UUID(int=number) for number in (1, 2, 3))
MEMORY = MemoryView(
    id=A,
    type=MemoryType.DISCOVERY,
    text="Dates are stored in UTC.",
    also=[],
    tags=[],
    files=[],
    repository="/r",
    is_global=False,
    task_id=None,
    agent_id=None,
    commit=None,
    created_at=NOW,
    saved_at=NOW,
)


def test_the_repository_of_a_memory_is_that_of_workflows() -> None:
    assert (
        checked_repository(" https://ada:secret@git.example/a.git ") == "https://git.example/a.git"
    )
    assert checked_repository("git@git.example:a.git") == "git@git.example:a.git"
    for wrong in ("", " ", "x" * 601, "ada:secret@git.example/a", "ftp://ada:secret@git.example/a"):
        with pytest.raises(InvalidInput) as refused:
            checked_repository(wrong)
        assert refused.value.field == "repository"
        assert "secret" not in str(refused.value)


def test_a_memory_is_bounded_and_plain() -> None:
    order = checked("warning", "Colours \x1b[31m break it", tags=["CI", "ci", " "], files=["a.py"])
    assert (order.text, order.tags, order.files) == ("Colours ␛[31m break it", ["ci"], ["a.py"])
    for wrong in (
        {"type_": "gossip", "text": "x" * 20},
        {"type_": "warning", "text": "short"},
        {"type_": "warning", "text": "x" * 2001},
        {"type_": "warning", "text": "x" * 20, "tags": ["x"] * 11},
        {"type_": "warning", "text": "x" * 20, "files": ["x" * 301]},
    ):
        with pytest.raises(InvalidInput):
            checked(**wrong)  # type: ignore[arg-type]


def test_nothing_in_a_memory_is_hidden_from_people() -> None:
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "push to main")
    order = checked(
        "warning", f"\u202eMasts\u2066 break\u200b in {hidden}storms", files=[f"a{hidden}.py"]
    )
    assert (order.text, order.files) == ("Masts break in storms", ["a.py"])
    # What joins letters and emoji is seen.
    kept = "Emoji such as \U0001f469\u200d\U0001f4bb\ufe0f are kept"
    assert checked("warning", kept).text == kept


def test_learnings_become_memories_unless_they_say_nothing() -> None:
    found = learned(["none", "Tests need\n the \u202edatabase.", "x" * 5000])
    assert [each.text for each in found] == ["Tests need the database.", "x" * 2000]


def test_texts_that_differ_in_case_and_signs_alone_are_the_same() -> None:
    assert key_of("Run `make db` first!") == key_of("run make  db first")
    assert key_of("Run make db") != key_of("Run make db2")
    assert key_of("!!!") != key_of("???")


def test_names_are_kept_whole() -> None:
    found = names_in("See `src/Pages.py`, writePage() and E501 — not words.", ["docs/x.md"])
    assert found == ["docs/x.md", "src/pages.py", "writepage", "e501", "x.md", "pages.py"]


def test_what_shares_little_with_the_question_is_no_answer() -> None:
    shares = dict.fromkeys(("invoic", "export", "line", "page"), 0.0)
    hits = [Hit(A, ["page"]), Hit(B, ["invoic", "export"]), Hit(C, ["invoic", "export", "page"])]
    assert by_words(hits, weights(hits, shares, 1000)) == [C, B]
    # All of a short question is an answer.
    short = [Hit(A, ["page"])]
    assert by_words(short, weights(short, {"page": 0.0}, 1000)) == [A]
    # A word that many memories have says little beside a rare one.
    shares = {"test": 0.4, "fail": 0.4, "kerberos": 0.0, "ldap": 0.0}
    for terms, found in ((["test", "fail"], []), (["kerberos", "fail"], [A])):
        hits = [Hit(A, terms)]
        assert by_words(hits, weights(hits, shares, 1000)) == found


def test_everyday_words_and_the_words_of_long_memories_tell_little() -> None:
    shares = dict.fromkeys(("add", "page", "12", "kerberos", "ldap", "realm", "proxy"), 0.0)
    everyday = frozenset({"add", "page"})
    hits = [Hit(A, ["page", "12"]), Hit(B, ["kerberos", "ldap"])]
    assert by_words(hits, weights(hits, shares, 1000, everyday)) == [B]
    long = [replace(hits[1], size=200)]
    assert by_words(long, weights(long, shares, 1000, everyday)) == []
    assert list(telling(shares, everyday))[-2:] == ["page", "add"]


def test_another_word_of_the_same_subject_counts_a_little() -> None:
    shares = dict.fromkeys(("thumbnail", "kerberos"), 0.0)
    groups = [["imag", "thumbnail"], ["ldap", "realm"]]
    near = kindred(shares, groups)
    assert near == {"thumbnail": frozenset({"imag"})}
    hits = [Hit(A, ["kerberos", "imag"]), Hit(B, ["kerberos"]), Hit(C, ["imag"])]
    told = weights(hits, {**shares, "other": 0.0, "more": 0.0}, 1_000_000)
    assert by_words(hits, told, near) == [A]
    # The term itself and another word of its subject are one thing.
    both = [Hit(A, ["thumbnail", "imag"])]
    assert by_words(both, told, near) == []


def test_a_telling_name_is_enough() -> None:
    shares = {"src/pages.py": 0.0, "makefile": 0.4}
    hits = [Hit(A, ["makefile"]), Hit(B, ["src/pages.py"])]
    assert by_names(hits, weights(hits, shares, 1000)) == [B]


def test_words_within_names_are_found() -> None:
    found = parts_of_names("See OrderList and `apply_rules`.", ["cart/HTTPClient.py"])
    assert found == "cart HTTP Client py Order List `apply rules`"


def test_the_rarest_terms_are_looked_up_until_they_lead_to_many_rows() -> None:
    shares = telling({"the": 0.9, "test": 0.3, "kerberos": 0.0, "login": 0.01})
    assert list(shares) == ["kerberos", "login", "test", "the"]
    assert looked_up(shares, 100_000, most_rows=3000) == ["kerberos", "login"]
    assert looked_up(shares, 100, most_rows=3000) == ["kerberos", "login", "test", "the"]
    assert looked_up({"test": 0.8, "the": 0.9}, 100_000, most_rows=3000) == ["test"]
    # The rows of the second name would crowd out those of the first.
    assert looked_up({"a/x.py": 0.0, "x.py": 0.05}, 100_000, most_rows=1000) == ["a/x.py"]
    assert len(telling(dict.fromkeys(map(str, range(100)), 0.0))) == 24


def test_what_two_rankings_have_comes_before_the_first_of_one() -> None:
    scores = fused([[A, B], [C, B]])
    assert max(scores, key=lambda id_: scores[id_]) == B


def test_newer_and_better_rated_memories_come_first() -> None:
    old = replace(MEMORY, id=B, saved_at=NOW - timedelta(days=80))
    wrong = replace(MEMORY, id=C, wrong=1)
    found = best([wrong, old, MEMORY], dict.fromkeys((A, B, C), 1.0), NOW)
    assert [each.id for each in found] == [A, B, C]
    assert worth(replace(MEMORY, useful=3), NOW) > worth(MEMORY, NOW)
    assert worth(replace(MEMORY, useless=1), NOW) < worth(MEMORY, NOW)


def test_what_is_forgotten_is_found_no_more() -> None:
    gone = replace(MEMORY, id=B, forgotten_at=NOW, forgotten_because=Forgotten.UNUSED)
    assert best([gone, MEMORY], dict.fromkeys((A, B), 1.0), NOW) == [MEMORY]


def test_what_is_near_is_only_added_if_it_stands_out() -> None:
    assert by_meaning([(A, 0.9), (B, 0.6), (C, 0.4)], known=[]) == [A, B]
    assert by_meaning([(A, 0.9), (B, 0.6), (C, 0.4)], known=[C]) == [A, B, C]
    # An embedder for which any two texts are rather similar.
    others = [(UUID(int=number), 0.74) for number in range(4, 9)]
    assert by_meaning([(A, 0.9), (B, 0.8), *others], known=[]) == [A]

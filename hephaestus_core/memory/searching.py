"""The search for memories: rankings by words, names and meaning; joins the open transaction.

The database finds rows by the rarest terms of the question, through its indexes; the rules of
:mod:`hephaestus_core.memory.ranking` decide which of them answer it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from hephaestus_core.memory import ranking, store
from hephaestus_core.memory.everyday import EVERYDAY
from hephaestus_core.memory.kindred import GROUPS
from hephaestus_core.memory.rules import (
    COLLECTION,
    EVERYWHERE,
    MemoryView,
    names_in,
    parts_of_names,
)
from hephaestus_core.vectors.service import Vectors

#: Memories with their cosine similarities, nearest first.
Near = Sequence[tuple[UUID, float]]

#: Characters of a question that count.
_QUESTION: Final = 4000
#: Most rows that one ranking looks at, of which it returns the best.
_MOST_ROWS: Final = 1000
_MOST_HITS: Final = 100
#: Memories that are near to the question.
_MOST_NEAR: Final = 20
#: Most memories whose worth is compared.
_MOST_COMPARED: Final = 30

#: Those of a small table are counted, since ANALYZE may not have seen it yet.
_ROWS: Final = text("""
    SELECT greatest((SELECT reltuples FROM pg_class WHERE oid = 'memories'::regclass),
                    (SELECT count(*) FROM (SELECT FROM memories LIMIT 1000) few))
""")

#: Of each question; the everyday words, which are the same for all, stand in the first row.
_LEXEMES: Final = text("""
    WITH stemmed AS MATERIALIZED (
        SELECT tsvector_to_array(to_tsvector('english', written)) AS words
        FROM unnest(CAST(:groups AS text[])) AS written
    ), told AS MATERIALIZED (
        SELECT number, tsvector_to_array(to_tsvector('english', question)) AS asked
        FROM unnest(CAST(:questions AS text[])) WITH ORDINALITY AS given (question, number)
    )
    SELECT asked, ARRAY(SELECT array_to_string(words, ' ') FROM stemmed
                        WHERE words && asked) AS groups,
           CASE number WHEN 1 THEN tsvector_to_array(to_tsvector('english', :everyday)) END
               AS everyday
    FROM told ORDER BY number
""")

#: The share of rows that have a term, as ANALYZE has counted it; rare ones are missing.
_SHARES: Final = text("""
    SELECT elem, min(freq) AS share FROM (
        SELECT unnest(CAST(CAST(most_common_elems AS text) AS text[])) AS elem,
               unnest(most_common_elem_freqs) AS freq
        FROM pg_stats
        WHERE schemaname = current_schema() AND tablename = 'memories' AND attname = :column
    ) known WHERE elem = ANY(:terms) GROUP BY elem
""")

_BY_WORDS: Final = text("""
    WITH found AS MATERIALIZED (
        SELECT id, words FROM memories
        WHERE words @@ CAST(:query AS tsquery) AND (repository = :repository OR is_global)
          AND forgotten_at IS NULL
        LIMIT :most_rows
    )
    SELECT id, ARRAY(SELECT unnest(tsvector_to_array(words))
                     INTERSECT SELECT unnest(CAST(:terms AS text[]))) AS terms,
           length(words) AS size
    FROM (SELECT * FROM found ORDER BY ts_rank(words, CAST(:query AS tsquery)) DESC, id
          LIMIT :most_hits) shown
""")

_BY_NAMES: Final = text("""
    WITH found AS MATERIALIZED (
        SELECT id, names FROM memories
        WHERE names && CAST(:chosen AS text[]) AND (repository = :repository OR is_global)
          AND forgotten_at IS NULL
        LIMIT :most_rows
    )
    SELECT id, ARRAY(SELECT unnest(names)
                     INTERSECT SELECT unnest(CAST(:terms AS text[]))) AS terms,
           cardinality(names) AS size
    FROM found ORDER BY cardinality(ARRAY(SELECT unnest(names)
                     INTERSECT SELECT unnest(CAST(:terms AS text[])))) DESC, id
    LIMIT :most_hits
""")


@dataclass(frozen=True)
class Question:
    """What a question asks for: its terms, with the share of memories that have each."""

    words: Mapping[str, float]
    names: Mapping[str, float]
    groups: Sequence[Sequence[str]]
    """Terms of one subject, of which the question has some."""
    everyday: frozenset[str]


def near_to(by_meaning: Vectors | None, repository: str, question: str) -> Near:
    """Return the memories nearest to a question; it may not be called in a transaction.

    The default embedder knows words alone, which the search knows better: nothing is near then.
    """
    if by_meaning is None or not by_meaning.knows_meaning():
        return []
    vector = by_meaning.embed_query(question)
    if vector is None:
        return []
    return by_meaning.nearest(COLLECTION, [repository, EVERYWHERE], vector, _MOST_NEAR)


def search(
    session: Session,
    repository: str,
    question: str,
    *,
    now: datetime,
    limit: int,
    near: Near = (),
    asked: Question | None = None,
) -> list[MemoryView]:
    """Return the memories that answer a question, best first; none rather than noise.

    Args:
        repository: whose memories are searched, beside the global ones.
        question: words, names and paths, such as the text of a task.
        now: by the database's clock.
        limit: most memories.
        near: to the question, by :func:`near_to`; none: words and names alone lead to them.
        asked: the question as :func:`understood` returns it; None: it is read here.
    """
    rows = round(session.scalars(_ROWS).one())
    if rows == 0:
        return []
    if asked is None:
        [asked] = understood(session, [question])
    told = [
        _by_words(session, repository, asked, rows),
        _by_names(session, repository, asked, rows),
    ]
    told.append(ranking.by_meaning(near, {*told[0], *told[1]}))
    scores = ranking.fused(told)
    compared = sorted(scores, key=lambda id_: -scores[id_])[:_MOST_COMPARED]
    return ranking.best(store.views(session, compared), scores, now)[:limit]


def understood(session: Session, questions: Sequence[str]) -> list[Question]:
    """Return what each of several questions asks for, in as many statements as for one."""
    if not questions:
        return []
    asked = [question[:_QUESTION] for question in questions]
    whole = [f"{each} {parts_of_names(each)}" for each in asked]
    given = {"questions": whole, "everyday": EVERYDAY, "groups": list(GROUPS)}
    read = session.execute(_LEXEMES, given).all()
    names = [names_in(each) for each in asked]
    everyday = frozenset(read[0].everyday)
    words_known = _shares(session, "words", [row.asked for row in read])
    names_known = _shares(session, "names", names)
    return [
        Question(
            {term: words_known[term] for term in row.asked},
            {term: names_known[term] for term in named},
            [group.split() for group in row.groups],
            everyday,
        )
        for row, named in zip(read, names, strict=True)
    ]


def _by_words(session: Session, repository: str, asked: Question, rows: int) -> list[UUID]:
    everyday = asked.everyday
    terms = ranking.telling(asked.words, everyday)
    chosen = ranking.looked_up(terms, rows, most_rows=_MOST_ROWS)
    if not chosen:
        return []
    kindred = ranking.kindred(terms, asked.groups)
    known = {*terms, *chain.from_iterable(kindred.values())}
    wanted = {"query": _any_of(chosen), "terms": sorted(known)}
    hits = _hits(session, _BY_WORDS, repository, wanted)
    return ranking.by_words(hits, ranking.weights(hits, terms, rows, everyday), kindred)


def _by_names(session: Session, repository: str, asked: Question, rows: int) -> list[UUID]:
    terms = ranking.telling(asked.names)
    chosen = ranking.looked_up(terms, rows, most_rows=_MOST_ROWS)
    if not chosen:
        return []
    hits = _hits(session, _BY_NAMES, repository, {"chosen": chosen, "terms": list(terms)})
    return ranking.by_names(hits, ranking.weights(hits, terms, rows))


def _shares(session: Session, column: str, asked: Sequence[Sequence[str]]) -> Mapping[str, float]:
    shares = dict.fromkeys(chain.from_iterable(asked), 0.0)
    if shares:
        known = session.execute(_SHARES, {"column": column, "terms": list(shares)})
        shares.update({row.elem: row.share for row in known})
    return shares


def _hits(
    session: Session, statement: TextClause, repository: str, given: Mapping[str, object]
) -> list[ranking.Hit]:
    bounds = {"repository": repository, "most_rows": _MOST_ROWS, "most_hits": _MOST_HITS}
    found = session.execute(statement, {**given, **bounds})
    return [ranking.Hit(row.id, row.terms, row.size) for row in found]


def _any_of(lexemes: Sequence[str]) -> str:
    """Return a text-search query for any of the lexemes, each quoted."""
    escaped = (each.replace("\\", "\\\\").replace("'", "''") for each in lexemes)
    return " | ".join(f"'{each}'" for each in escaped)

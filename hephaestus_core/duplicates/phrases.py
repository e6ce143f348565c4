"""The phrases of a sentence, in an order of their own within each clause.

*Add logging for errors to the client* and *add logging to the client for errors* have the same
phrases; *add logging to errors for the client* has others.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hephaestus_core.duplicates import vocabulary as known
from hephaestus_core.duplicates.term import Kind, Term


@dataclass(slots=True)
class _Phrase:
    """What follows a link: its words, and its names, each in their order."""

    link: str
    words: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.link}:{''.join(self.words)} {' '.join(self.names)}"


def phrased(terms: list[Term]) -> Iterator[str]:
    """Yield the phrases of each clause, sorted unless two of them have the same link."""
    for clause in _clauses(terms):
        phrases = [phrase for phrase in _phrases(clause) if phrase.words or phrase.names]
        links = [phrase.link for phrase in phrases]
        written = map(str, phrases)
        yield from sorted(written) if len(set(links)) == len(links) else written


def _clauses(terms: list[Term]) -> Iterator[list[Term]]:
    clause: list[Term] = []
    for term in terms:
        if term.kind is Kind.LINK and term.raw in known.CLAUSE_LINKS:
            yield clause
            clause = [] if term.raw == "and" else [term]
        else:
            clause.append(term)
        if term.pause:
            yield clause
            clause = []
    yield clause


def _phrases(clause: list[Term]) -> Iterator[_Phrase]:
    phrase = _Phrase("")
    for term in clause:
        if term.kind is Kind.LINK:
            yield phrase
            link = known.LINK_KINDS.get(term.raw, term.text)
            phrase = _Phrase(link, words=[] if term.raw in known.LOST else [term.text])
        elif term.raw in known.ADVERBS:
            yield _Phrase(term.text, words=[term.text])
        elif term.kind is Kind.NAME:
            phrase.names.append(term.text)
        elif term.text != "use":
            phrase.words.append(term.text)
    yield phrase

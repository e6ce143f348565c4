"""The words that say little, the words that say the same, and the words that decide."""

from itertools import chain
from typing import Final

from hephaestus_core.duplicates.stems import stem


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, text.split()))


def _groups(*groups: str) -> dict[str, str]:
    """Return stem -> stem of the first word, for words that mean the same."""
    found: dict[str, str] = {}
    for group in groups:
        first, *others = group.split()
        found |= {stem(other): stem(first) for other in others}
    return found


#: Words without which an order stays the same.
DROPPED: Final = _words(
    "a an the please kindly that which who whose it its they them their this these those there "
    "is are was were be been being am do does did doing done has have had having get gets should "
    "must shall ought will would we you your our us i my also too additionally just currently "
    "properly correctly simply existing own corresponding respective appropriate itself themselves "
    "so thus therefore hence instead"
)

#: Of these, those behind which another part of the sentence begins.
VERBS_OF_STATE: Final = _words(
    "is are was were be been being do does did has have had get gets should must shall will would"
)

#: Words that link others. All but those of LOST stay, since another link may be other work.
LOST: Final = _words("in on at of for to by with and into onto as within across inside through via")
KEPT: Final = _words(
    "from when while because before after until since or but than insteadof without not "
    "optional only per between against during unless except under over above below morethan "
    "lessthan atmost atleast nextto why how whether"
)
LINKS: Final = LOST | KEPT
#: Links of one kind, by their first.
LINK_KINDS: Final = {
    link: links.split()[0]
    for links in ("in on at within across inside", "to into onto", "with by via through using")
    for link in links.split()
}
#: Links with which a clause of its own begins.
CLAUSE_LINKS: Final = _words("and or but when while because since until than why how whether")
#: Links that begin a part of a sentence which may stand at its beginning as well as at its end.
FRONTED: Final = _words(
    "in on at for when while because before after during within across inside unless to with from "
    "insteadof under over"
)

#: Names with capitals in them that are words all the same.
WELL_KNOWN: Final = _words(
    "github gitlab javascript typescript postgresql websocket mongodb mysql sqlite macos ios "
    "graphql openapi oauth"
)

MODALS: Final = _words("should must shall will")
AUXILIARIES: Final = _words("be get")

#: Meaning -> the phrases for it, divided by bars.
_PHRASES: Final = {
    "": "as well | at the moment | need to | needs to | has to | have to | had to | we have to | "
    "your task is to | the task is to | the goal is to | we need to | i want you to | we want to | "
    "you need to | be sure to | go ahead and | can you | could you | of course | in particular | "
    "above all | especially | particularly | at present | at this time | right now | used to",
    "optional": "need not | needs not | not need to | not have to | not required to | "
    "do not need to | does not need to | do not have to | does not have to | not need to be | "
    "need not be | not necessary to | does not need | do not need",
    "ensure": "make sure that | make sure | see to it that | ensure that",
    "to": "in order to | so as to",
    "and": "as well as | and also | and then also",
    "investigate": "find out | look into | figure out | check why | work out",
    "remove": "get rid of | take out | clean out",
    "can": "able to | be able to | is able to | are able to",
    "not": "no longer",
    "without": "with no",
    "from": "out of",
    "nextto": "next to | beside the",
    "insteadof": "instead of | rather than | in place of",
    "because": "because of | due to | owing to | given that | since it | since they",
    "when": "in case | as soon as | in the case that | in case of | each time",
    "morethan": "more than | larger than | greater than | longer than | bigger than | higher than",
    "lessthan": "less than | fewer than | smaller than | shorter than | lower than",
    "atmost": "at most | no more than | not more than | at the most | up to | no longer than | "
    "a maximum of | maximum of",
    "atleast": "at least | no less than | not less than | no fewer than | a minimum of | "
    "minimum of",
    "example": "for example | for instance | e.g. | such as",
    "return": "give back | reply with | respond with | answer with | send back",
    "setup": "set up",
    "readonly": "read only",
    "ui": "user interface",
    "e2e": "end to end",
    "pullrequest": "pull request | merge request",
    "pullrequests": "pull requests | merge requests",
}
PHRASES: Final = {
    tuple(phrase.split()): meant
    for meant, phrases in _PHRASES.items()
    for phrase in phrases.split("|")
}
LONGEST_PHRASE: Final = max(map(len, PHRASES))
PHRASE_STARTS: Final = frozenset(phrase[0] for phrase in PHRASES)

#: Words that mean the same wherever they stand.
SAME: Final = _groups(
    "all each every", "when if whenever once", "because since", "not never cannot no without",
    "show display", "return respond answer reply", "start begin", "error failure",
    "folder directory", "config configuration", "docs documentation", "repo repository",
    "db database", "env environment", "parameter param argument", "admin administrator",
    "app application", "dependency dep", "prod production", "dev development",
    "kubernetes k8s", "postgres postgresql", "javascript js", "typescript ts",
    "message msg", "image img", "fetch retrieve", "raise throw",
    "allow permit", "maximum max", "minimum min", "big large", "fast quick",
    "keep retain continue", "stop cease", "verify check", "email mail", "statistics stats",
    "whole entire complete", "missing absent", "e2e endtoend", "ui gui", "only solely",
    "optional unnecessary", "specification spec", "info information", "temp temporary tmp",
    "function func", "previous prior", "exclude omit", "contain include",
)  # fmt: skip

#: Actions that mean the same at the beginning of a clause.
ACTIONS: Final = _groups(
    "add create implement introduce write provide make", "fix repair correct resolve solve",
    "remove delete drop eliminate strip", "change update modify adjust edit alter",
    "upgrade bump", "refactor restructure", "replace swap substitute", "merge combine unify",
    "extract separate", "investigate analyze examine", "ensure guarantee", "fetch get load",
    "store save persist", "move relocate", "verify check", "improve enhance", "run execute",
    "convert transform", "increase raise", "reduce decrease lower", "document describe",
    "enable activate", "disable deactivate", "show display", "allow permit", "prevent forbid",
    "reject refuse", "keep retain",
)  # fmt: skip
ACTION_WORDS: Final = frozenset(ACTIONS.values()) | frozenset(ACTIONS) | _stems(
    "rename review test build migrate port translate validate log send hide cache split support "
    "extend encrypt set parse sort copy import export configure setup publish deploy rotate pin "
    "give read train compile benchmark warn use accept limit paginate rewrite clean list print "
    "scrape toggle report point skip trust render call apply"
)  # fmt: skip

#: Kinds of work on the same thing.
WORK: Final = {
    stem(word): kind
    for kind, words in {
        "tests": "test cover",
        "documentation": "document docs",
        "a repair": "fix",
        "an examination": "investigate review measure benchmark reproduce compare",
        "a removal": "remove",
        "something new": "add",
        "a renaming": "rename",
    }.items()
    for word in words.split()
}

_OPPOSED: Final = tuple(
    tuple(map(stem, pair.split()))
    for pair in (
        "add remove",
        "enable disable",
        "show hide",
        "allow prevent",
        "allow disallow",
        "increase reduce",
        "encrypt decrypt",
        "import export",
        "upgrade downgrade",
        "large small",
        "more less",
        "longer shorter",
        "larger smaller",
        "big small",
        "bigger smaller",
        "open closed",
        "light dark",
        "first last",
        "before after",
        "higher lower",
        "high low",
        "new old",
        "incoming outgoing",
        "up down",
        "left right",
        "public private",
        "start stop",
        "include exclude",
        "accept reject",
        "push pull",
        "lock unlock",
        "mount unmount",
        "install uninstall",
        "above below",
        "min max",
        "atmost atleast",
        "morethan lessthan",
        "success failure",
        "successful failed",
        "internal external",
        "ascending descending",
        "horizontal vertical",
        "input output",
        "client server",
        "frontend backend",
        "read write",
        "keep drop",
        "keep remove",
        "sync async",
        "paid unpaid",
        "used unused",
        "on off",
        "merge split",
        "server device",
        "with without",
        "keep stop",
        "pin unpin",
        "serialize deserialize",
        "compress decompress",
        "encode decode",
        "subscribe unsubscribe",
        "buy sell",
        "source target",
        "oldest newest",
        "online offline",
        "known unknown",
        "stable unstable",
        "sender recipient",
        "request response",
    )
)
#: Stem -> the stems of its opposites.
OPPOSITES: Final = {
    word: frozenset(other for pair in _OPPOSED if word in pair for other in pair if other != word)
    for word in frozenset(chain.from_iterable(_OPPOSED))
}

NEGATIONS: Final = frozenset(
    SAME.get(word, word) for word in _stems("not optional except unless none")
)
QUANTITIES: Final = _stems("all only any some both single most")

PLATFORMS: Final = _stems(
    "linux windows macos mac android ios ipados freebsd chrome firefox safari edge arm arm64 amd64 "
    "x86 riscv wasm python rust go golang java kotlin swift javascript typescript ruby php perl "
    "scala elixir c c++ c# react vue angular svelte jquery django flask rails spring postgres "
    "mysql mariadb sqlite oracle mongodb redis valkey kafka rabbitmq elasticsearch meilisearch "
    "aws gcp azure docker podman kubernetes terraform pulumi ansible github gitlab bitbucket "
    "jenkins npm yarn pnpm pip csv xlsx json yaml toml xml pdf html markdown mobile desktop web "
    "tablet english german french dutch spanish italian danish japanese chinese portuguese polish "
    "playwright cypress selenium"
)

_COUNTED: Final = "two three four five six seven eight nine ten eleven twelve"
NUMBERS: Final = {
    **{word: str(number) for number, word in enumerate(_COUNTED.split(), start=2)},
    "twenty": "20",
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
}
UNITS: Final = {
    unit: units.split()[0]
    for units in (
        "ms millisecond milliseconds msec", "s sec secs second seconds", "min mins minute minutes",
        "h hour hours hr hrs", "day days", "b byte bytes", "kb", "mb", "gb", "tb", "kib", "mib",
        "gib", "px pixel pixels", "%", "x",
    )
    for unit in units.split()
}  # fmt: skip

#: Words that say something else before a number.
BEFORE_NUMBERS: Final = {
    **dict.fromkeys(("over", "above", "exceeding", "beyond"), "morethan"),
    **dict.fromkeys(("maximum", "max"), "atmost"),
    **dict.fromkeys(("minimum", "min"), "atleast"),
}

#: Words with which the order of other words matters.
ORDERING: Final = _words(
    "then next finally afterwards first firstly second secondly third last lastly later earlier "
    "previous previously above below latter former following subsequently meanwhile "
    "step steps phase order respectively"
)
#: Words with which an enumeration has an order.
ENUMERATING: Final = ORDERING | _words(
    "sort sorted order index indexes rename replace swap prefer priority over before after by "
    "sequence arguments parameters tuple columns insteadof from into between"
)
#: Words that refer to the sentence before.
REFERRING: Final = _words(
    "it its this that these those they them their also too so such both otherwise instead there "
    "he she same else again besides moreover however still"
)

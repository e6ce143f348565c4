"""The words that say little, the words that link others, and the words that say the same."""

from itertools import product
from typing import Final

from hephaestus_core.duplicates.stems import stem


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def stems(text: str) -> frozenset[str]:
    """Return the stems of words."""
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
    "so thus therefore hence instead where thanks still now really actually"
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
    "insteadof without under over"
)

#: Dropped words that are names in capitals: *US addresses*, *9 AM*.
NAMES_IN_CAPITALS: Final = _words("US IT AM")
#: Names with capitals in them that are words all the same.
WELL_KNOWN: Final = _words(
    "github gitlab javascript typescript postgresql websocket mongodb mysql sqlite macos ios "
    "graphql openapi oauth"
)

MODALS: Final = _words("should must shall will")
AUXILIARIES: Final = _words("be get")

#: Meaning -> the phrases for it, divided by bars.
_PHRASES: Final = {
    "": "as well | at the moment | we have to | "
    "your task is to | the task is to | the goal is to | we need to | i want you to | we want to | "
    "you need to | be sure to | go ahead and | can you | could you | of course | in particular | "
    "above all | especially | particularly | at present | at this time | right now | used to | "
    "that occurs | which occurs | that happens | which happens | "
    "would you | i need you to | i would like you to | we would like you to | let us | "
    "it is necessary to | your job is to | thank you | could somebody | could someone | "
    "it would be nice to | it would be good to | it would be great to | in addition | from now on",
    "optional": "need not | needs not | not need to | not have to | not required to | "
    "do not need to | does not need to | do not have to | does not have to | not need to be | "
    "need not be | not necessary to | does not need | do not need",
    "must": "need to | needs to | has to | have to | had to | is to | are to",
    "ensure": "make sure that | make sure | see to it that | ensure that",
    "to": "in order to | so as to",
    "and": "as well as | and also | and then also",
    "investigate": "find out | look into | figure out | check why | work out | have a look at | "
    "take a look at",
    "broken": "not work | does not work | do not work | not working | is not working | "
    "are not working",
    "before": "prior to",
    "with": "together with | along with",
    "login": "log in | sign in",
    "logout": "log out | sign out",
    "signup": "sign up",
    "enable": "turn on | switch on",
    "disable": "turn off | switch off",
    "clean": "clean up | tidy up",
    "handle": "deal with | take care of | cope with",
    "immediately": "right away | straight away",
    "latest": "most recent | most up to date",
    "consecutive": "in a row",
    "regex": "regular expression",
    "regexes": "regular expressions",
    "filename": "file name",
    "filenames": "file names",
    "typo": "spelling mistake | spelling error",
    "typos": "spelling mistakes | spelling errors",
    "stale": "out of date",
    "missing": "not exist | does not exist | do not exist",
    "oom": "out of memory | run out of memory | runs out of memory",
    "speedup": "speed up | improve the performance of | improve performance of | "
    "improve the speed of",
    "typehint": "type hint | type annotation",
    "typehints": "type hints | type annotations",
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
    "problem": "bug where | issue where | problem where | bug that | issue that | problem that",
    "tests": "tests covering | tests that cover | tests to cover",
    "test": "test covering | test that covers | test to cover",
    "readonly": "read only",
    "ui": "user interface",
    "e2e": "end to end",
    "pullrequest": "pull request | merge request",
    "pullrequests": "pull requests | merge requests",
}
#: Verb -> the nouns that say the same with a verb that says little, and the links behind these.
_NOUNS: Final = {
    "support": ("support", "for"),
    "document": ("documentation docs", "for of about on"),
    "validate": ("validation", "for of"),
    "paginate": ("pagination", "for to"),
    "monitor": ("monitoring", "for of"),
    "cache": ("caching", "for to"),
}
_LIGHT_VERBS: Final = "add write create provide implement introduce"
PHRASES: Final = {
    tuple(phrase.split()): meant
    for meant, phrases in _PHRASES.items()
    for phrase in phrases.split("|")
} | {
    words: meant
    for meant, (nouns, links) in _NOUNS.items()
    for verb, noun, link in product(_LIGHT_VERBS.split(), nouns.split(), links.split())
    for words in ((verb, noun, link), (verb, "the", noun, link))
}
LONGEST_PHRASE: Final = max(map(len, PHRASES))
PHRASE_STARTS: Final = frozenset(phrase[0] for phrase in PHRASES)

#: Words that mean the same wherever they stand.
SAME: Final = _groups(
    "all each every", "everywhere throughout", "when if whenever once",
    "because since", "not never cannot no without",
    "show display", "return respond answer reply", "start begin", "error failure",
    "folder directory dir", "config configuration", "docs documentation", "repo repository",
    "db database", "env environment", "parameter param argument", "admin administrator",
    "app application", "dependency dep", "prod production", "dev development",
    "kubernetes k8s", "postgres postgresql", "javascript js", "typescript ts",
    "message msg", "image img", "fetch retrieve", "raise throw",
    "allow permit", "maximum max", "minimum min", "big large", "fast quick",
    "keep retain continue", "stop cease", "verify check", "email mail", "statistics stats",
    "whole entire complete", "missing absent", "e2e endtoend", "ui gui", "only solely",
    "optional unnecessary", "specification spec", "info information", "temp temporary tmp",
    "function func", "expire expiry expiration", "problem bug issue defect",
    "previous prior", "exclude omit", "contain include", "latest newest", "normal ordinary",
    "stay remain", "wrong incorrect erroneous", "immediately instantly", "regex regexp",
    "stale outdated obsolete", "sometimes occasionally sporadically intermittently",
    "roughly approximately", "someone somebody", "anyone anybody", "empty blank",
    "several multiple", "cmd command", "arg argument", "lib library",
    "typo misspelling", "auth authentication", "creds credentials",
)  # fmt: skip

#: Actions that mean the same at the beginning of a clause.
ACTIONS: Final = _groups(
    "add create implement introduce write provide make develop",
    "fix repair correct resolve solve mend rectify remedy",
    "remove delete drop eliminate strip erase wipe", "change update modify adjust edit alter",
    "upgrade bump", "setup configure", "refactor restructure reorganize", "merge combine unify",
    "extract separate", "investigate analyze examine inspect", "ensure guarantee", "fetch get load",
    "store save persist", "move relocate", "verify check", "improve enhance optimize",
    "run execute", "convert transform", "increase raise", "reduce decrease lower shrink",
    "document describe explain", "collect gather", "enable activate", "disable deactivate",
    "show display", "allow permit let", "prevent forbid disallow avoid", "reject refuse",
    "keep retain", "replace swap substitute", "generate produce",
    "simplify streamline", "reword rephrase", "reorder rearrange", "ignore skip", "restart reboot",
)  # fmt: skip
ACTION_WORDS: Final = frozenset(ACTIONS.values()) | frozenset(ACTIONS) | stems(
    "rename replace swap review test build migrate port translate validate log send hide cache "
    "split support extend encrypt set parse sort copy import export configure setup publish "
    "deploy rotate pin give read train compile benchmark warn use accept limit paginate rewrite "
    "clean list print scrape toggle report point skip trust render call apply "
    "speedup monitor paginate"
)  # fmt: skip

#: More actions, most of which are things as well: they count as actions at the beginning only.
OPENINGS: Final = ACTION_WORDS | stems(
    "restore refresh stop start grant revoke map compare install register schedule trigger monitor "
    "track measure record collect filter group count calculate compute round truncate format "
    "normalize sanitize escape encode decode compress resize upload download sync backup archive "
    "purge clear reset restart reload retry redirect route forward queue lock unlock attach detach "
    "connect open close embed inject wrap expose highlight order tag label mark flag unpin notify "
    "alert announce mock simulate profile trace debug reproduce audit scan inspect approve confirm "
    "sign decrypt hash expire invalidate deprecate restrict extend reorder rehearse handle draft "
    "define declare disallow unify simplify shorten clarify speed tune teach plan design evaluate"
)  # fmt: skip
#: Verbs that end what a sentence is about: *the chart on the page shows …*.
FINITE: Final = _words(
    "shows sends returns takes needs uses works fails crashes hangs contains begins starts makes "
    "gets gives asks points depends loses breaks throws raises goes comes becomes stays keeps runs "
    "answers accepts reads writes creates deletes adds removes expects says seems means happens"
)
#: Words that may stand anywhere in their clause.
ADVERBS: Final = _words("again afterwards automatically immediately directly manually live daily")
#: Words that say of what kind the name beside them is, by the signs that such a name has.
#: Words that say of what kind a name is, which stands before them or behind.
KINDS: Final = _words(
    "class function method field column table model module variable constant flag option setting "
    "parameter endpoint page package service component enum interface branch library bucket queue "
    "topic header job script command label role key test file folder directory"
)
#: Those of them without which a name says the same.
KINDS_OF_FUNCTIONS: Final = _words("function method")
#: What is built in the sense of compiling.
COMPILED: Final = _words(
    "docs documentation image images project package packages wheel wheels binary binaries release "
    "releases container containers code app application tests test artifact artifacts site"
)
KINDS_OF_NAMES: Final = {"file": "./", "script": "./", "endpoint": "/", "route": "/", "url": "/"}
#: Labels that say nothing of the work.
LABELS: Final = _words("task todo goal objective description summary title request")

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
    **dict.fromkeys(("under", "below"), "lessthan"),
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

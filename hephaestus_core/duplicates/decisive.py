"""The words with which a text asks for other work than one without them."""

from itertools import chain
from typing import Final

from hephaestus_core.duplicates.stems import stem
from hephaestus_core.duplicates.vocabulary import stems

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

NEGATIONS: Final = stems("not optional except unless none")
QUANTITIES: Final = stems("all only any some both single most")

PLATFORMS: Final = stems(
    "linux windows macos mac android ios ipados freebsd chrome firefox safari edge arm arm64 amd64 "
    "x86 riscv wasm python rust go golang java kotlin swift javascript typescript ruby php perl "
    "scala elixir c c++ c# react vue angular svelte jquery django flask rails spring postgres "
    "mysql mariadb sqlite oracle mongodb redis valkey kafka rabbitmq elasticsearch meilisearch "
    "aws gcp azure docker podman kubernetes terraform pulumi ansible github gitlab bitbucket "
    "jenkins npm yarn pnpm pip csv xlsx json yaml toml xml pdf html markdown mobile desktop web "
    "tablet english german french dutch spanish italian danish japanese chinese portuguese polish "
    "playwright cypress selenium"
)

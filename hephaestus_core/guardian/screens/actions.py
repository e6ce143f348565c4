"""The agent's actions on a screen: each call with its result, oldest first."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from hephaestus_core.guardian.screens.screen import bottom

_LONGEST: Final = 600
_COMMENT: Final = re.compile(r"\s+#[^'\"\n]{0,200}$")
_TIMES: Final = re.compile(
    r"\b\d{1,6}(?:\.\d{1,6})?\s?(?:ms|s|secs?|seconds|minutes)\b|\d\d:\d\d(?::\d\d)?"
)
_RUNS: Final = re.compile(r"Running…|\(ctrl\+b ")
_CLAUDE: Final = re.compile(r"^[●⏺ ] (?P<call>\w[\w.: -]{0,60}\(.*)")
_CLAUDE_END: Final = re.compile(r"^(?:[●⏺❯>·✢✳✶✻✽*] | {2}\w[^(]{0,80}\(ctrl\+o)")
_CODEX: Final = re.compile(
    r"^[•✔✗✘] (?P<call>(?:Ran|Exited|Explored|Edited|Added|Deleted|Called|Viewed|Searched"
    r"|Failed to apply)\b.*)"
)
_CODEX_END: Final = re.compile(r"^(?:[•◦■✔✗✘⚠›] |  Worked for |─)")
_OPENCODE: Final = re.compile(r"^ {2,5}[┃ ] {1,3}(?P<call>(?:\$|→|←|✱|⚙|%) .*)")
_OPENCODE_END: Final = re.compile(r"^ {3,6}(?:▣|\w)|^ {2}┃ {2}[⠀-⣿] ")
_COMMAND: Final = re.compile(r'"command":"(?P<command>(?:[^"\\]|\\.){0,600})"')
_DROID: Final = re.compile(
    r'"type":"tool_call".{0,400}?"parameters":(?P<call>.{0,2000}?),"timestamp"'
    r'|"type":"tool_result".{0,400}?"(?:value|error)":(?P<value>.{0,2000}?),"timestamp"'
)


@dataclass(frozen=True)
class Action:
    """One call and its result, without times and comments, bounded."""

    call: str
    result: str


@lru_cache(maxsize=512)
def actions(program: str, text: str) -> tuple[Action, ...]:
    """Return the actions that the screen shows whole; () for a program without a reader."""
    finder = _FINDERS.get(program)
    return tuple(finder(bottom(text))) if finder else ()


def _blocks(
    lines: Sequence[str], begin: re.Pattern[str], end: re.Pattern[str], result: str
) -> Iterator[Action]:
    call: list[str] = []
    output: list[str] = []
    for line in lines:
        starts = begin.match(line)
        if (starts or end.match(line)) and call:
            if not any(_RUNS.search(shown[:40]) for shown in output[:3]):
                yield _action(call, output)
            call, output = [], []
        if starts:
            call = [starts["call"]]
        elif call and not output and result not in line[:6]:
            call.append(line.strip())
        elif call:
            output.append(line.strip())


def _action(call: Sequence[str], output: Sequence[str]) -> Action:
    return Action(plain(" ".join(call)), plain("\n".join(output)))


def plain(text: str) -> str:
    """Return a call or a result without times and a comment at its end, bounded."""
    return _TIMES.sub("", _COMMENT.sub("", text[:_LONGEST].strip())).strip()


def _claude(lines: Sequence[str]) -> Iterator[Action]:
    return _blocks(lines, _CLAUDE, _CLAUDE_END, "⎿")


def _codex(lines: Sequence[str]) -> Iterator[Action]:
    return _blocks(lines, _CODEX, _CODEX_END, "└")


def _opencode(lines: Sequence[str]) -> Iterator[Action]:
    cut = [line[: line.find("     ", 12)] if line.find("     ", 12) > 0 else line for line in lines]
    for action in _blocks(cut, _OPENCODE, _OPENCODE_END, "\0"):
        first, _, rest = action.call.partition(" ┃")
        yield Action(first, " ".join(rest.replace("┃", " ").split()))


def _droid(lines: Sequence[str]) -> Iterator[Action]:
    call = None
    for found in _DROID.finditer("".join(lines)):
        if found["call"] is not None:
            command = _COMMAND.search(found["call"])
            call = command["command"] if command else found["call"]
        elif call is not None:
            yield Action(plain(call), plain(found["value"]))
            call = None


_FINDERS: Final[Mapping[str, Callable[[Sequence[str]], Iterator[Action]]]] = {
    "claude": _claude,
    "codex": _codex,
    "opencode": _opencode,
    "droid": _droid,
}

"""Claude Code's hooks: it notes its actions, its stops and its questions in a file of the agent.

A question for a permission is answered by a hook too, since nobody sits at the agent's terminal.

The hooks stand in the settings of the agent's own folder, beside those of the repository. They run
in the agent's sandbox, and what they write is the agent's word.
"""

import json
import re
import shlex
from pathlib import Path
from typing import Any, Final

from hephaestus_worker.agent_programs.base import Sign
from hephaestus_worker.agent_programs.records import part, text
from hephaestus_worker.agent_programs.signs import action, entry_of, new_lines, sign

_FILE: Final = "signs.jsonl"
#: The program's own log, of errors alone.
ERRORS: Final = "errors.log"

_KINDS: Final = {"Stop": "stopped", "PostToolUseFailure": "action_failed", "Notification": "asks"}
_ASKING: Final = {"AskUserQuestion", "ExitPlanMode"}
_QUESTIONS: Final = {"permission_prompt", "elicitation_dialog"}
#: Tools by which it would wait for a person at its terminal. It asks by `ask_person` instead.
DENIED: Final = ("AskUserQuestion", "EnterPlanMode", "ExitPlanMode")

# One write for each line, since tools that run side by side have their hooks at once. A line that
# was cut off still tells its event and its tool.
_NOTE: Final = (
    'line=$(head -c 4000 | tr -d "\\n\\r"); printf "%s\\n" "$line" >> "$CLAUDE_CONFIG_DIR/'
    f'{_FILE}" 2>/dev/null; exit 0'
)
_REFUSAL: Final = (
    "Nobody sits at this terminal who could permit this, so it is refused. Go on without it; if "
    "your task needs it, ask a person with the tool ask_person."
)
# The repository's settings and hooks have it ask in spite of --dangerously-skip-permissions.
_REFUSE: Final = "printf %s " + shlex.quote(
    json.dumps(
        {
            "hookSpecificOutput": {
                "hookEventName": "PermissionRequest",
                "decision": {"behavior": "deny", "message": _REFUSAL},
            }
        }
    )
)
_EVENT: Final = re.compile(rb'"hook_event_name":"(\w{1,40})"')
_TOOL: Final = re.compile(rb'"tool_name":"([\w.-]{1,200})"')
_INPUT: Final = b'"tool_input":'
# `API error (attempt 1/11): 401 401 {"type":"error",…`
_REFUSED: Final = re.compile(rb"API error \(attempt \d{1,3}/\d{1,3}\): (40[13]) (.{0,400})")
_MESSAGE: Final = re.compile(r'"message":"([^"\\]{1,200})"')


def settings() -> dict[str, Any]:
    """Return the hooks, as the program's settings name them."""
    noted = {name: [_runs(_NOTE)] for name in ("PreToolUse", *_KINDS)}
    return {**noted, "PermissionRequest": [_runs(_REFUSE)]}


def _runs(command: str) -> dict[str, Any]:
    return {"hooks": [{"type": "command", "command": command, "timeout": 10}]}


def signs(config: Path, read: dict[str, int]) -> list[Sign]:
    """Return what the hooks and the program's log of errors have noted since the last call."""
    noted = [found for line in new_lines(config, _FILE, read) if (found := _sign(line))]
    refused = [found for line in new_lines(config, ERRORS, read) if (found := _refusal(line))]
    return [*noted, *refused]


def _sign(line: bytes) -> Sign | None:
    entry = entry_of(line) or _cut_off(line)
    event, tool = text(entry, "hook_event_name"), text(entry, "tool_name")
    if event == "PreToolUse":
        asks = tool in _ASKING
        return sign("asks", tool) if asks else action(tool, entry.get("tool_input"))
    if event == "Notification":
        # It tells of much else, such as that it has been idle for a minute.
        asks = text(entry, "notification_type") in _QUESTIONS
        return sign("asks", text(entry, "message")) if asks else None
    if event == "PostToolUseFailure":
        return sign(
            "action_failed", f"{tool}: {text(entry, 'error')}", same=part(entry, "tool_input")
        )
    return sign("stopped", "") if event == "Stop" else None


def _cut_off(line: bytes) -> dict[str, Any]:
    """Return what a line without its end still tells."""
    event, tool = _EVENT.search(line), _TOOL.search(line)
    return {
        "hook_event_name": event[1].decode() if event else "",
        "tool_name": tool[1].decode() if tool else "",
        "tool_input": line.partition(_INPUT)[2].decode(errors="replace"),
    }


def _refusal(line: bytes) -> Sign | None:
    found = _REFUSED.search(line)
    if found is None:
        return None
    said = _MESSAGE.search(found[2].decode(errors="replace"))
    return sign("key_refused", f"{found[1].decode()} {said[1] if said else ''}")

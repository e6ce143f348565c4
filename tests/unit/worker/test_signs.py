import json
import subprocess
from pathlib import Path

from hephaestus_worker.agent_programs.base import Sign
from hephaestus_worker.agent_programs.claude import hooks
from hephaestus_worker.agent_programs.signs import MOST_BYTES, action, new_lines

DENIED_KEY = (
    '2026-11-29T07:49:44.322Z [ERROR] API error (attempt 1/11): 401 401 {"type":"error","error":'
    '{"type":"authentication_error","message":"Incorrect API key provided."}}\n'
)


def hook(event: str, **fields: object) -> str:
    return json.dumps({"hook_event_name": event, **fields}, separators=(",", ":")) + "\n"


def kinds(found: list[Sign]) -> list[str]:
    return [sign.kind for sign in found]


def test_each_line_is_read_once_and_only_when_it_is_whole(tmp_path: Path) -> None:
    file, read = tmp_path / "f", dict[str, int]()
    file.write_bytes(b"one\ntwo\nthr")
    assert list(new_lines(tmp_path, "f", read)) == [b"one", b"two"]
    assert list(new_lines(tmp_path, "f", read)) == []
    file.write_bytes(b"one\ntwo\nthree\n")
    assert list(new_lines(tmp_path, "f", read)) == [b"three"]
    file.write_bytes(b"anew\n")
    assert list(new_lines(tmp_path, "f", read)) == [b"anew"]


def test_of_a_flood_the_newest_lines_are_read(tmp_path: Path) -> None:
    read: dict[str, int] = {}
    (tmp_path / "f").write_bytes(b"x" * (2 * MOST_BYTES) + b"\nlast\n")
    assert list(new_lines(tmp_path, "f", read)) == [b"last"]
    (tmp_path / "g").write_bytes(b"y" * (2 * MOST_BYTES))
    assert list(new_lines(tmp_path, "g", read)) == []


def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret\n")
    (tmp_path / "f").symlink_to(tmp_path / "secret")
    assert list(new_lines(tmp_path, "f", {})) == []


def test_equal_actions_have_one_digest_and_others_do_not() -> None:
    first, again = action("Bash", {"command": "make"}), action("Bash", {"command": "make"})
    assert first == again == Sign("action", "Bash: make", first.digest)
    assert action("Bash", {"command": "make all"}).digest != first.digest


def test_hooks_tell_actions_stops_and_questions(tmp_path: Path) -> None:
    (tmp_path / "signs.jsonl").write_text(
        hook("PreToolUse", tool_name="Bash", tool_input={"command": "pytest -q"})
        + hook("PostToolUseFailure", tool_name="Bash", tool_input={}, error="Exit code 1")
        + hook("PreToolUse", tool_name="AskUserQuestion", tool_input={})
        + hook("Notification", notification_type="permission_prompt", message="It needs you")
        + hook("Notification", notification_type="idle_prompt", message="It waits")
        + hook("Stop")
        + "no JSON at all\n[1, 2]\n"
    )
    found = hooks.signs(tmp_path, {})
    assert kinds(found) == ["action", "action_failed", "asks", "asks", "stopped"]
    assert found[0].text == "Bash: pytest -q"
    assert found[3].text == "It needs you"


def test_a_line_that_was_cut_off_still_tells_its_action(tmp_path: Path) -> None:
    line = hook("PreToolUse", tool_name="Write", tool_input={"content": "x" * 9000})
    (tmp_path / "signs.jsonl").write_text(line[:4000] + "\n" + line[:4000] + "\n")
    first, second = hooks.signs(tmp_path, {})
    assert first == second
    assert first.text.startswith("Write: ")
    assert len(first.text) <= 200


def test_a_refused_key_is_told_at_the_first_refusal(tmp_path: Path) -> None:
    (tmp_path / hooks.ERRORS).write_text(DENIED_KEY + DENIED_KEY.replace("401 401", "529 529"))
    assert hooks.signs(tmp_path, {}) == [Sign("key_refused", "401 Incorrect API key provided.")]


def test_a_question_for_a_permission_is_refused_with_the_way_to_ask() -> None:
    [asked] = hooks.settings()["PermissionRequest"]
    [hook] = asked["hooks"]
    done = subprocess.run(["sh", "-c", hook["command"]], capture_output=True, check=True)
    decision = json.loads(done.stdout)["hookSpecificOutput"]["decision"]
    assert decision["behavior"] == "deny"
    assert "ask_person" in decision["message"]

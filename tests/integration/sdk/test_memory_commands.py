"""The command ``memories`` on the real API."""

import json
from pathlib import Path

from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.cli.report import ExitCode
from tests.integration.sdk.commands import ABSENT, Invoke, parsed

SHOP = "/srv/git/shop.git"
LOCK = "Migrations lock the orders table: run them at night."


def test_people_keep_memories_at_the_command_line(invoke: Invoke, sdk: HephaestusSDK) -> None:
    code, shown = invoke(
        "memories", "add", SHOP, LOCK, "--type", "warning", "--file", "orders/a.py"
    )
    assert code == 0
    memory = shown.strip()
    assert invoke("memories", "add", SHOP, LOCK, "--type", "warning")[1].strip() == memory
    listed = parsed(invoke("memories", "--repository", SHOP, "--json"))
    assert [one["id"] for one in listed] == [memory]
    assert LOCK in invoke("memories", "--type", "warning")[1]
    assert memory not in invoke("memories", "--type", "decision")[1]
    found = parsed(invoke("memories", "search", SHOP, "orders migrations lock", "--json"))
    assert [one["id"] for one in found] == [memory]
    assert invoke("memories", "search", SHOP, "zebras") == (0, "no memory bears on it\n")
    code, told = invoke("memories", "search", SHOP, "zebras " * 900)
    assert (code, told) == (
        1,
        "Error: what is asked for is too long to be sent; shorten the text\n",
    )
    assert parsed(invoke("memories", "search", "/elsewhere", "orders migrations", "--json")) == []
    assert invoke("memories", "--type", "decision") == (0, "there are none\n")
    assert invoke("memories", "edit", memory, "--global")[0] == 0
    told = invoke("memories", "show", memory)[1]
    assert f"- {LOCK}" in told
    assert f"repository: {SHOP} (told in all)" in told
    assert "files: orders/a.py" in told
    edited = invoke(
        "memories", "edit", memory, "--text", "Migrations of orders run at \x1b[1mnight."
    )
    assert edited[0] == 0
    assert "\x1b" not in edited[1]
    assert sdk.client.memory(memory).is_global
    assert invoke("memories", "delete", memory[:8])[0] == 0
    assert invoke("memories", "show", memory)[0] == ExitCode.NOT_FOUND
    assert invoke("memories", "delete", ABSENT)[0] == ExitCode.NOT_FOUND


def test_an_export_can_be_imported_and_a_second_time_adds_nothing(
    invoke: Invoke, sdk: HephaestusSDK, tmp_path: Path
) -> None:
    client = sdk.client
    first = client.add_memory(SHOP, "warning", LOCK, tags=["db"], files=["orders/a.py"])
    client.edit_memory(
        first.id, first.type, LOCK, tags=["db"], files=["orders/a.py"], is_global=True
    )
    client.add_memory("/srv/git/other.git", "decision", "Dates are stored in UTC — always.")
    file = tmp_path / "memories.jsonl"
    assert invoke("memories", "export", "--output", str(file))[0] == 0
    assert len(file.read_text().splitlines()) == 2
    assert invoke("memories", "import", str(file)) == (0, "0 added, 2 known before\n")
    for memory in client.memories():
        client.delete_memory(memory.id)
    assert invoke("memories", "import", str(file)) == (0, "2 added, 0 known before\n")
    again = {memory.text: memory for memory in client.memories()}
    assert (again[LOCK].is_global, again[LOCK].tags, again[LOCK].files) == (
        *(True, ("db",)),
        ("orders/a.py",),
    )
    assert "Dates are stored in UTC — always." in again
    elsewhere = ("memories", "import", str(file), "--repository", "/srv/git/third.git")
    assert invoke(*elsewhere)[0] == 0
    assert len(client.memories(repository="/srv/git/third.git")) == 2


def test_people_rate_and_restore_and_export_what_is_forgotten(
    invoke: Invoke, sdk: HephaestusSDK, tmp_path: Path
) -> None:
    memory = sdk.client.add_memory(SHOP, "warning", "The shop closes at nine, at six in winter.")
    told = invoke("memories", "rate", memory.id[:8], "useful")
    assert told == (0, "rated useful 1, useless 0, wrong 0; told to agents\n")
    assert invoke("memories", "rate", memory.id, "boring")[0] == ExitCode.BAD_INPUT
    sdk.client.rate_memory(memory.id, "wrong")
    # One token is one person: its two ratings count as one.
    assert parsed(invoke("memories", "--forgotten", "--json")) == []
    assert invoke("memories", "restore", memory.id)[0] == 0
    assert invoke("memories", "restore", ABSENT)[0] == ExitCode.NOT_FOUND
    file = tmp_path / "forgotten.jsonl"
    assert invoke("memories", "export", "--forgotten", "--output", str(file))[0] == 0
    assert file.read_text() == ""
    assert invoke("memories", "export", "--output", str(file))[0] == 0
    assert memory.text in file.read_text()


def test_faulty_lines_of_an_import_are_named(invoke: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "memories.jsonl"
    good = {"repository": SHOP, "type": "warning", "text": LOCK}
    bad = ("[1]", json.dumps({**good, "type": "rumour"}), "é" * 500_000, "{}")
    file.write_text("\n".join([json.dumps(good), *bad]))
    code, shown = invoke("memories", "import", str(file))
    assert code == ExitCode.BAD_INPUT
    assert "0 added, 1 known before" in shown or "1 added, 0 known before" in shown
    assert "faulty lines, which were left out: 4" in shown
    for words in ("line 2: The line is no JSON object", "line 3: ", "line 4: ", "line 5: "):
        assert words in shown


def test_a_memory_is_told_in_all_repositories_from_the_start(
    invoke: Invoke, sdk: HephaestusSDK
) -> None:
    told = "Our build servers have two cores: run tests one by one."
    memory = invoke("memories", "add", SHOP, told, "--global")[1].strip()
    assert sdk.client.memory(memory).is_global
    assert invoke("memories", "add", SHOP, told, "--global")[1].strip() == memory
    assert memory in {each.id for each in sdk.client.search_memories("/else", told)}

import pytest

from hephaestus_core.duplicates.text import read

TEXT = """# Store sessions in Redis

Sessions are kept in memory, so users are logged out on every deployment.

- Read the address from `REDIS_URL`
- Keep the expiry of 14 days
- Do not migrate existing sessions
"""


def _key(text: str) -> str:
    return read(text).exact_key


@pytest.mark.parametrize(
    "same",
    [
        TEXT.replace("# ", "## "),
        TEXT.replace("- ", "* "),
        TEXT.replace("`", ""),
        TEXT.replace("Do not", "**Do not**"),
        TEXT.replace("so users are", "so users\nare"),
        TEXT.replace("deployment.", "deployment"),
        TEXT.upper().replace("`REDIS_URL`", "REDIS_URL"),
        "\r\n".join(TEXT.splitlines()),
    ],
)
def test_layout_case_and_punctuation_leave_the_key(same: str) -> None:
    assert _key(same) == _key(TEXT)


def test_the_items_of_a_list_may_stand_in_another_order() -> None:
    head, items = TEXT.rsplit("\n\n", 1)
    turned = "\n".join(reversed(items.strip().splitlines()))

    assert _key(f"{head}\n\n{turned}") == _key(TEXT)
    assert _key("- Add A\n- Then remove B") != _key("- Then remove B\n- Add A")
    assert _key("1. Add A\n2. Remove B") != _key("1. Remove B\n2. Add A")
    assert _key("- API\n  - add A\n- UI\n  - add B") != _key("- API\n  - add B\n- UI\n  - add A")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fix src/*.py", "Fix src/.py"),
        ("Port it to C", "Port it to C++"),
        ("Run with --fast", "Run with fast"),
        ("Wait 1.5 s", "Wait 15 s"),
        ("Use `a < b`", "Use `a <= b`"),
        ("Fix f()", "Fix f"),
        ("Read README.md", "Read readme.md"),
        ("Set it to -1", "Set it to 1"),
        ("Add A to B", "Add B to A"),
        ("Fix `__init__`", "Fix `init`"),
    ],
)
def test_names_numbers_and_order_are_in_the_key(one: str, other: str) -> None:
    assert _key(one) != _key(other)


def test_code_keeps_its_case_and_its_signs() -> None:
    code = "Fix this:\n```python\nif a - b:\n    Run()\n```\n"

    assert _key(code) == _key(code.replace("```", "~~~"))
    assert _key(code) != _key(code.replace("Run", "run"))
    assert _key(code) != _key(code.replace("a - b", "a + b"))

import pytest

from hephaestus_core.duplicates.judge import WORDS_LIMIT, Answer, Verdict, judge
from hephaestus_core.duplicates.text import read


def _verdict(one: str, other: str) -> Verdict:
    return judge(read(one), read(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("In `a.py`, fix the sum.", "Fix the sum in a.py"),
        ("Add unit tests for the parser", "Please add parser unit tests."),
        ("Add logging for errors to the client", "Add logging to the client for errors"),
        ("The cells should be exported", "Export cells"),
        ("Don't retry for 30 seconds", "Do not retry for 30s."),
        ("If it fails, send a message", "Send a message when it fails"),
        ("Limit it to at most 10,000 rows", "Limit it to a maximum of 10000 rows"),
        ("Add A to the page. Remove B from the menu.", "Remove B from the menu. Add A to the page"),
        ("- Add A\n- Remove B", "1. Add A\n2. Remove B"),
        ("Disallow /cart, /login and /pay", "Disallow /pay, /cart and /login"),
        ("Create a new page for guests", "Add a page for guests"),
        ("Delete the call in `a.py`", "Remove the call from the file a.py"),
        ("Fix the bug where it crashes", "**Task:** Fix the issue that it crashes"),
        ("Send the mail again to guests", "Send the mail to guests again"),
        ("The chart on the page shows days", "The page chart shows days"),
        ("", ""),
    ],
)
def test_the_same_work_in_another_construction_is_the_same(one: str, other: str) -> None:
    assert _verdict(one, other).answer is Answer.SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Copy the rows of A to B", "Copy the rows of B to A"),
        ("Increase the limit by 10", "Increase the limit to 10"),
        ("Show it on the phone and hide it on the desk", "Show it on the desk, hide on the phone"),
        ("iOS 15 must not be supported", "iOS 15 need not be supported"),
        ("API:\n- add A\n\nUI:\n- add B", "API:\n- add B\n\nUI:\n- add A"),
        ("Add the table, then fill it", "Fill it, then add the table"),
        ("Fix A. Test it. Fix B.", "Fix A. Fix B. Test it."),
        ("Set A to WARN, and to DEBUG in B", "Set A to DEBUG, and to WARN in B"),
        ("Sort by name and age", "Sort by age and name"),
        ("Fix `user`", "Fix `users`"),
        ("Map `a.x` to `b` and `a.y` to `c`", "Map `a.x` to `a.y` and `b` to `c`"),
        ("Document the option of `a.sh` in B", "Document the option of B in `a.sh`"),
        ("Support US addresses", "Support addresses"),
        ("Fix the product page", "Fix the production page"),
        ("Print the invoice", "Show the invoice"),
        ("Fix the lexer and the parser tests", "Fix the parser and the lexer tests"),
    ],
)
def test_the_same_words_with_another_meaning_are_not_the_same(one: str, other: str) -> None:
    assert _verdict(one, other).answer is not Answer.SAME


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Wait 5 s in the loop", "Wait 7 s in the loop", "a number or version (5 and 7)"),
        ("Fix the sum in a/b.py", "Fix the sum in a/c.py", "a path or file (a/b.py and a/c.py)"),
        ("API-12: fix the sum", "API-21: fix the sum", "the ticket (API-12 and API-21)"),
        ("Enable gzip for files", "Disable gzip for files", "opposite (enabl and disabl)"),
        ("Log the request", "Do not log the request", "a negation (nothing and not)"),
        ("Port the tool to Rust", "Port the tool to Go", "the platform or language (rust and go)"),
        ("Test the parser of dates", "Document the parser of dates", "One asks for tests"),
        ("Fix the lexer.", "Fix the lexer. Remove the parser.", "One asks for a part of the other"),
    ],
)
def test_other_work_is_different_with_a_reason(one: str, other: str, reason: str) -> None:
    verdict = _verdict(one, other)

    assert verdict.answer is Answer.DIFFERENT
    assert reason in verdict.reason


def test_the_same_work_in_other_words_is_not_sure() -> None:
    verdict = _verdict("Fix typo in the manual", "The handbook has a spelling mistake, correct it")

    assert verdict.answer is Answer.UNSURE
    assert verdict.reason == "They differ in the wording."


@pytest.mark.parametrize(
    ("fault", "order"),
    [
        (
            "The watchdog is not fed while the flash is erased, so the board resets. Feed it.",
            "Feed the watchdog while the flash is erased, otherwise the board reboots",
        ),
        (
            "The tool prints a stack trace if its file does not exist. Print an error of one line.",
            "When its file is missing, the tool should print an error of one line.",
        ),
    ],
)
def test_a_fault_that_is_told_as_a_negation_is_not_surely_other_work(
    fault: str, order: str
) -> None:
    assert _verdict(fault, order).answer is Answer.UNSURE


def test_a_reason_is_short_whatever_a_text_has() -> None:
    name = "x1" * 5_000

    verdict = _verdict(f"Fix {name}a {name}b {name}c {name}d now", f"Fix {name}e now")

    assert len(verdict.reason) < 300


@pytest.mark.parametrize("word", ["'s", "(", "*", "`", "#", "a-", "not ", "and ", "1,", "- ", "> "])
def test_a_word_without_end_is_read(word: str) -> None:
    assert _verdict(word * 20_000, f"Fix {word * 20_000}").answer is not Answer.SAME


def test_a_long_text_is_the_same_as_one_with_the_same_key_only() -> None:
    long = "Fix the sum and the rest of it. " * (WORDS_LIMIT // 8)

    assert _verdict(long, long.replace(".", "!")).answer is Answer.SAME
    assert _verdict(f"In a, {long}", f"{long} in a").answer is not Answer.SAME
    assert _verdict(long * 2, f"{long * 2} now").reason == "A text is too long to be compared."

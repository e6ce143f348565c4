import pytest

from hephaestus_core.duplicates.judge import Answer, judge
from hephaestus_core.duplicates.text import read


def _answer(one: str, other: str) -> Answer:
    return judge(read(one), read(other)).answer


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Make the export work again", "Fix the export"),
        ("Please get the export to work on Safari", "Fix the export on Safari"),
        ("The export is broken. Please fix it!", "Fix the broken export"),
        ("The export does not work, so fix this", "Repair the export"),
        ("Guests should be able to pay by card", "Let guests pay by card"),
        ("It should be possible to cancel an order", "Make it possible to cancel an order"),
        ("As a guest, I want to cancel my order", "Allow guests to cancel their order"),
        ("Use `fetch` instead of `axios` in the cart", "Replace `axios` with `fetch` in the cart"),
        ("Switch from npm to pnpm", "Replace npm by pnpm"),
        ("Update Django to 4.2", "Upgrade Django to 4.2"),
        ("Port the tests from nose to pytest", "Convert the tests from nose to pytest"),
        ("Build a page for guests", "Create a page for guests"),
        ("Make the start page faster", "Speed up the start page"),
        ("Add support for SVG", "Support SVG"),
        ("Write documentation about the hooks", "Document the hooks"),
        ("Add the field born_at to the model Guest", "Add a born_at field to the Guest model"),
        ("Test sum_up()", "Test `sum_up`"),
        ("Printing by tray is broken. Fix it.", "Fix printing by tray"),
        ("Add a job that deletes old logs", "Add a job to delete old logs"),
        ("Ensure that all errors are logged", "All errors should be logged"),
        ("Make the image importer skip empty lines", "The image importer should skip empty lines"),
        ("Guests should be able to delete their data", "Allow guests to delete their data"),
        ("As a guest, I want to delete my data", "Allow guests to delete their data"),
        ("Cache the rates for one hour", "Cache the rates for 1 hour"),
        ("Replace `axios` throughout the cart", "Replace `axios` everywhere in the cart"),
        ("The list must not have gaps", "Ensure that the list doesn't have gaps"),
        ("Upgrade pip to 24 and run the tests", "Upgrade pip to 24, then run the tests"),
        ("Lock the row before the order is paid", "Before the order is paid, lock the row"),
        ("Split `a` without changing `b`", "Without changing `b`, split `a`"),
        ("Retry with backoff (max. 5 attempts)", "Retry with backoff, at most 5 attempts"),
        ("Collect the notes in `a.md`", "Gather the notes in `a.md`"),
        ("Add a dialog for guests", "Add a dialogue for guests"),
        ("The card must show the guest's name", "The card has to show the name of the guest"),
        ("Add the targets `build` and `test`", "Add the targets:\n1. build\n2. test"),
        (
            "Fix the crash that occurs when the list is empty",
            "Fix the crash when the list is empty",
        ),
    ],
)
def test_an_order_in_another_construction_is_the_same(one: str, other: str) -> None:
    assert _answer(one, other) is Answer.SAME
    assert _answer(other, one) is Answer.SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Make the export work without a login", "Fix the export without a login"),
        ("Make the export work", "Make the export"),
        ("Fix the bug that broken links are shown", "Fix the bug that links are shown"),
        ("Use `fetch` instead of `axios`", "Replace `fetch` with `axios`"),
        ("Switch from npm to pnpm", "Switch from pnpm to npm"),
        ("Guests should be able to pay", "Guests should pay"),
        ("Guests should be able to pay", "Guests should not be able to pay"),
        ("Build the docs", "Write the docs"),
        ("Port the tests from nose to pytest", "Port the tests from pytest to nose"),
        ("Enable logging to a file", "Disable logging to a file"),
        ("Validate the form", "Add validation messages for the form"),
        ("Add the field `a` to the model `b`", "Add the field `b` to the model `a`"),
        ("The guest list is full, fix it", "Fix the guest list"),
        ("Ensure that errors are not logged", "Log errors"),
        ("Ensure that the input is correct", "Correct the input"),
        ("Make the importer skip empty lines", "The importer should not skip empty lines"),
        ("Make the importer skip empty lines", "Make the exporter skip empty lines"),
        ("Make the importer not skip empty lines", "The importer should skip empty lines"),
        ("Guests should be able to add notes", "Guests should be able to delete notes"),
        ("Cache the rates for one hour", "Cache the rates for one day"),
        ("Show one report", "Show 10 reports"),
        ("Print the report, fix it", "Fix the report"),
        ("Upgrade pip, then run the tests", "Run the tests, then upgrade pip"),
        ("Lock the row before the order is paid", "Before the row is locked, pay the order"),
        ("Split `a` without changing `b`", "Without splitting `a`, change `b`"),
        ("Retry, at most 5 times", "Retry, max. 6 times"),
        ("The card must show the guest's name", "The card has to show the name of the host"),
        ("Add the target `build`", "Add the target `test`"),
    ],
)
def test_another_order_in_a_like_construction_is_not_the_same(one: str, other: str) -> None:
    assert _answer(one, other) is not Answer.SAME
    assert _answer(other, one) is not Answer.SAME

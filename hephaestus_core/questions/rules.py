"""Pure rules of questions: their bounds, the choice of an answer, and the words for agents."""

from collections.abc import Sequence
from typing import Final

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.texts import TEXT_LIMIT, plain_text, plain_texts

QUESTION_LIMIT: Final = 4000
OPTION_LIMIT: Final = 500
#: Leaves room for the beginning of the question in the message with the answer.
ANSWER_LIMIT: Final = TEXT_LIMIT - 1000
MOST_OPTIONS: Final = 10
#: Most open questions of one task: people are not to be flooded.
MOST_OPEN: Final = 5


def checked_question(question: str) -> str:
    """Return the question as it is stored.

    Raises:
        InvalidInput: it is empty or too long.
    """
    return plain_text(question, "question", limit=QUESTION_LIMIT, required=True).strip()


def checked_options(options: Sequence[str]) -> list[str]:
    """Return the options as they are stored.

    Raises:
        InvalidInput: one is empty, too long or there twice, there is only one, or too many.
    """
    found = [" ".join(each.split()) for each in plain_texts(options, "options", most=MOST_OPTIONS)]
    if any(not each or len(each) > OPTION_LIMIT for each in found):
        raise InvalidInput(f"An option has 1 to {OPTION_LIMIT} characters.", field="options")
    if len(found) == 1 or len(set(found)) < len(found):
        raise InvalidInput("Give two or more different options, or none.", field="options")
    return found


def chosen(options: Sequence[str], answer: str | None, option: int | None) -> str:
    """Return the answer in words.

    Args:
        options: of the question.
        answer: in words; any are taken, whatever the options.
        option: or the number of an option, from 1.

    Raises:
        InvalidInput: both or none of them is given, there is no such option, or the answer is empty
            or too long.
    """
    if (answer is None) == (option is None):
        raise InvalidInput("Give an answer in words or the number of an option.", field="answer")
    if option is None:
        return plain_text(answer, "answer", limit=ANSWER_LIMIT, required=True).strip()
    if not 1 <= option <= len(options):
        has = f"{len(options)} options" if options else "no options; answer in words"
        raise InvalidInput(f"There is no option {option}; the question has {has}.", field="option")
    return options[option - 1]


def outcome_told(question: str, answer: str | None) -> str:
    """Return the message with which an agent at work gets the answer; None: nobody answered."""
    if answer is not None:
        return f"{answer}\n\nThis answers your question: {_beginning(question)}"
    return (
        "Nobody answered your question in time: decide yourself and say why in your summary. "
        f"The question was: {_beginning(question)}"
    )


def _beginning(question: str) -> str:
    line = " ".join(question.split())
    return f"“{line if len(line) <= 300 else line[:299] + '…'}”"  # noqa: PLR2004 - enough to know it by

"""Events of messages, memories and questions."""

from typing import Final

from hephaestus_core.contract import event_fields as f

MESSAGE_SENT: Final = (
    "message.sent",
    "A message waits for an agent.",
    f.MESSAGE,
    f.text("sender", "Its author."),
)
MESSAGE_DELIVERED: Final = (
    "message.delivered",
    "An agent has a message.",
    f.MESSAGE,
    f.text("how", "asked: by its own tool; pasted: into its session."),
)
MESSAGE_LEFT: Final = (
    "message.left",
    "A program did not accept a message; the message waits until the agent fetches it.",
    f.MESSAGE,
    f.Field("pastes", "number", "Number of tries."),
)
MESSAGES_LOOPED: Final = (
    "messages.looped",
    "Two agents answer each other again and again; what they write waits in the mailbox.",
    f.MESSAGE,
    f.Field("other_agent_id", "id", "The agent that the message is for."),
)
MEMORY_SAVED: Final = (
    "memory.saved",
    "Something was learned about a repository, for later agents.",
    *f.LEARNED,
)
MEMORY_RATED: Final = (
    "memory.rated",
    "An agent has rated a memory that it was given, or a person has rated one.",
    f.MEMORY,
    f.text("rating", "The word: useful, useless or wrong."),
    f.text("person", "Who has rated it, if it was a person.", optional=True),
)
MEMORY_EDITED: Final = (
    "memory.edited",
    "Somebody has changed what a memory says, or where it is found.",
    f.MEMORY,
)
MEMORY_FORGOTTEN: Final = (
    "memory.forgotten",
    "A memory is told no more; it can be restored for a while.",
    f.MEMORY,
    f.text("because", "Why: unused or wrong."),
    f.text("text", "The first 500 characters of it."),
)
MEMORY_RESTORED: Final = (
    "memory.restored",
    "A forgotten memory is told again, because a person restored it or it was said again.",
    f.MEMORY,
)
MEMORY_DELETED: Final = (
    "memory.deleted",
    "Somebody has deleted a memory, or it was forgotten long ago.",
    f.MEMORY,
    f.text("because", "Why it was forgotten, if it was.", optional=True),
    f.text("text", "The first 500 characters of it, if it was forgotten.", optional=True),
)
QUESTION_ASKED: Final = (
    "question.asked",
    "An agent has asked a person a question.",
    *f.ASKED,
)
QUESTION_ANSWERED: Final = (
    "question.answered",
    "A person has answered a question.",
    f.QUESTION,
    f.text("answer", "The first 500 characters of it."),
    f.text("answered_by", "Who has answered."),
)
QUESTION_EXPIRED: Final = (
    "question.expired",
    "Nobody has answered a question in time; its agent decides by itself.",
    f.QUESTION,
)
QUESTION_CANCELLED: Final = (
    "question.cancelled",
    "The task of a question has ended before a person answered.",
    f.QUESTION,
)

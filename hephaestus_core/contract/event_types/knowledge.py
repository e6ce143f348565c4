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
    "An agent has rated a memory that it was given.",
    f.MEMORY,
    f.text("rating", "The word: useful, useless or wrong."),
)
MEMORY_EDITED: Final = (
    "memory.edited",
    "Somebody has changed what a memory says, or where it is found.",
    f.MEMORY,
)
MEMORY_DELETED: Final = ("memory.deleted", "Somebody has deleted a memory.", f.MEMORY)
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

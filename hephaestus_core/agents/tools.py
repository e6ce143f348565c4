"""The registry of agents' tools; prompts and the MCP server are built from it."""

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Effect(Enum):
    """The effect of a tool, by which clients decide whether to ask before a call."""

    READS = "changes nothing"
    ADDS = "adds something; a second call adds once more"
    SETS = "changes something; a second call changes nothing more"
    ENDS = "ends or deletes something; a second call changes nothing more"


@dataclass(frozen=True)
class Tool:
    """A tool by its name on the wire, with one line on its use."""

    name: str
    title: str
    summary: str
    effect: Effect


TOOLS: Final = (
    Tool(
        "get_my_task",
        "Read own task",
        "Read your own task again: description, done definition, phase.",
        Effect.READS,
    ),
    Tool(
        "update_task_status",
        "Report on own task",
        "Report your own task done or failed, with a summary.",
        Effect.SETS,
    ),
    Tool(
        "create_task",
        "Create a task",
        "Create a task in any phase for work you discovered. It starts from your saved work.",
        Effect.ADDS,
    ),
    Tool(
        "get_tasks",
        "List tasks",
        "List this workflow's tasks; check it before you create one, to avoid duplicates.",
        Effect.READS,
    ),
    Tool(
        "get_task",
        "Read a task",
        "Read one task of this workflow: attempts, children, and the prompt of its agent.",
        Effect.READS,
    ),
    Tool(
        "get_workflow",
        "Read own workflow",
        "Read your workflow: its goal, its phases and the progress of each.",
        Effect.READS,
    ),
    Tool(
        "get_agent_status",
        "List agents",
        "List the live agents of this workflow.",
        Effect.READS,
    ),
    Tool(
        "record_facts",
        "Record facts",
        "Record how this repository is set up, tested and checked, for all later agents.",
        Effect.SETS,
    ),
    Tool(
        "save_memory",
        "Save a memory",
        "Save what later agents on this repository should know: an error and its fix, a decision.",
        Effect.SETS,
    ),
    # SETS, since the memories count as used afterwards.
    Tool(
        "find_memories",
        "Find memories",
        "Find what earlier agents have learned about this repository.",
        Effect.SETS,
    ),
    Tool(
        "rate_memory",
        "Rate a memory",
        "Say whether a memory helped or is wrong; one that is wrong for two agents is forgotten.",
        Effect.SETS,
    ),
    Tool("send_message", "Write to an agent", "Send a message to one agent.", Effect.ADDS),
    Tool(
        "broadcast_message",
        "Write to all agents",
        "Send a message to all other agents of this workflow, or to those of one phase.",
        Effect.ADDS,
    ),
    # SETS, since the messages count as delivered afterwards.
    Tool(
        "get_messages",
        "Read messages",
        "Read your unread messages; also earlier ones, and the receipts of those you sent.",
        Effect.SETS,
    ),
    Tool(
        "ask_person",
        "Ask a person",
        "Ask a person what only a person can decide. You go on meanwhile, or end until the answer "
        "with `wait`; without one in time you decide yourself.",
        Effect.ADDS,
    ),
    Tool(
        "submit_result",
        "Submit a result",
        "Submit the result of the whole workflow, with evidence; another agent judges it.",
        Effect.ADDS,
    ),
    Tool(
        "submit_result_validation",
        "Judge a result",
        "Submit your judgement of the result that you review.",
        Effect.SETS,
    ),
    Tool(
        "give_task_review",
        "Judge a task's work",
        "Give your verdict on the work that you review.",
        Effect.SETS,
    ),
    Tool(
        "get_workflow_results",
        "List results",
        "List the results submitted so far, with their reviews.",
        Effect.READS,
    ),
    Tool(
        "get_result_file",
        "Read a file of a result",
        "Read a text file that was handed in with a result of this workflow.",
        Effect.READS,
    ),
    Tool(
        "get_merges",
        "List merges",
        "List the merges of this workflow, with their conflicts and the commits of both sides.",
        Effect.READS,
    ),
    Tool("health_check", "Check the server", "Check that the server answers.", Effect.READS),
)

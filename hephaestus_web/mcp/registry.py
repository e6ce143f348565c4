"""The registry of all tools: function, effect, and caller.

The tools of agents are in the core's registry, from which prompts are written. The tools of people
are here; each needs the access of the REST route of the same use case.
"""

import inspect
from collections.abc import Iterator, Mapping
from typing import Final

from hephaestus_core.agents.tools import TOOLS, Effect
from hephaestus_web.mcp import agent_tools
from hephaestus_web.mcp import people_tools as people
from hephaestus_web.mcp.catalogue import Catalogue, Offer, ToolFunction, offer

#: The functions of the tools in the core's registry.
FUNCTIONS: Final[Mapping[str, ToolFunction]] = {
    function.__name__: function
    for function in (
        agent_tools.tasks.get_my_task,
        agent_tools.tasks.get_tasks,
        agent_tools.tasks.get_task,
        agent_tools.tasks.get_workflow,
        agent_tools.tasks.create_task,
        agent_tools.tasks.update_task_status,
        agent_tools.facts.record_facts,
        agent_tools.memories.save_memory,
        agent_tools.memories.find_memories,
        agent_tools.memories.rate_memory,
        agent_tools.agents.get_agent_status,
        agent_tools.agents.send_message,
        agent_tools.agents.broadcast_message,
        agent_tools.agents.get_messages,
        agent_tools.agents.health_check,
        agent_tools.questions.ask_person,
        agent_tools.results.submit_result,
        agent_tools.results.submit_result_validation,
        agent_tools.results.get_workflow_results,
        agent_tools.results.get_result_file,
        agent_tools.reviews.give_task_review,
        agent_tools.merges.get_merges,
    )
}

#: Function, title, effect, and the route whose access it needs. The description is the docstring.
_PEOPLES: Final[tuple[tuple[ToolFunction, str, Effect, str], ...]] = (
    (
        people.workflows.list_workflow_definitions,
        "List workflow definitions",
        Effect.READS,
        "definitions.list_definitions",
    ),
    (
        people.workflows.start_workflow,
        "Start a workflow",
        Effect.ADDS,
        "workflows.start_workflow",
    ),
    (people.workflows.list_workflows, "List workflows", Effect.READS, "workflows.list_workflows"),
    (people.workflows.get_workflow, "Read a workflow", Effect.READS, "workflows.get_workflow"),
    (people.waiting.watch_workflow, "Watch a workflow", Effect.READS, "events.list_events"),
    (
        people.workflows.get_workflow_summary,
        "Read a workflow's summary",
        Effect.READS,
        "workflows.summarize_workflow",
    ),
    (
        people.workflows.get_workflow_diff,
        "Read a workflow's changes",
        Effect.READS,
        "workflows.get_workflow_diff",
    ),
    (
        people.workflows.get_workflow_files,
        "List a workflow's files",
        Effect.READS,
        "workflows.get_workflow_files",
    ),
    (
        people.workflows.get_workflow_results,
        "List a workflow's results",
        Effect.READS,
        "workflows.list_workflow_results",
    ),
    (
        people.workflows.approve_workflow,
        "Approve a workflow's delivery",
        Effect.SETS,
        "workflows.approve_workflow",
    ),
    (
        people.workflows.send_back_workflow,
        "Send a workflow's work back",
        Effect.ADDS,
        "workflows.send_back_workflow",
    ),
    (
        people.standing.get_coherence,
        "Read how agents get along",
        Effect.READS,
        "workflows.get_coherence",
    ),
    (people.standing.get_diagnoses, "List diagnoses", Effect.READS, "workflows.list_diagnoses"),
    (people.standing.change_limits, "Change limits", Effect.SETS, "workflows.change_limits"),
    (people.costs.get_costs, "Read the costs", Effect.READS, "costs.get_costs"),
    (people.costs.get_budgets, "List budgets", Effect.READS, "budgets.list_budgets"),
    (people.costs.set_budget, "Set a budget", Effect.SETS, "budgets.set_budget"),
    (people.costs.raise_budget, "Raise a budget", Effect.SETS, "budgets.raise_budget"),
    (people.costs.remove_budget, "Remove a budget", Effect.ENDS, "budgets.remove_budget"),
    (people.workflows.stop_workflow, "Stop a workflow", Effect.ENDS, "workflows.stop_workflow"),
    (people.tasks.create_task, "Create a task", Effect.ADDS, "tasks.create_task"),
    (people.tasks.get_tasks, "List tasks", Effect.READS, "tasks.list_tasks"),
    (people.tasks.get_task, "Read a task", Effect.READS, "tasks.get_task"),
    (people.tasks.get_task_diff, "Read a task's changes", Effect.READS, "tasks.get_task_diff"),
    (
        people.tasks.get_task_commits,
        "List a task's commits",
        Effect.READS,
        "tasks.get_task_commits",
    ),
    (people.waiting.wait_for_task, "Wait for a task", Effect.READS, "tasks.get_task"),
    (people.tasks.cancel_task, "Cancel a task", Effect.ENDS, "tasks.cancel_task"),
    (people.tasks.restart_task, "Restart a task", Effect.SETS, "tasks.restart_task"),
    (people.tasks.bump_task, "Start a task at once", Effect.SETS, "tasks.bump_task"),
    (people.tasks.not_duplicate, "Let a duplicate run", Effect.SETS, "tasks.not_duplicate"),
    (
        people.tasks.is_duplicate,
        "Withdraw a task as a duplicate",
        Effect.ENDS,
        "tasks.is_duplicate",
    ),
    (people.reviews.list_reviews, "List reviews", Effect.READS, "reviews.list_reviews"),
    (people.reviews.review_task, "Judge a task's work", Effect.SETS, "tasks.review_task"),
    (people.reviews.judge_result, "Judge a result", Effect.SETS, "results.judge_result"),
    (people.tasks.get_queue, "Read the queue", Effect.READS, "queue.get_queue"),
    (people.agents.get_agent_status, "List agents", Effect.READS, "agents.list_agents"),
    (people.agents.get_agent_output, "Read an agent's output", Effect.READS, "agents.get_output"),
    (people.agents.send_message, "Write to an agent", Effect.ADDS, "agents.message_agent"),
    (
        people.agents.broadcast_message,
        "Write to all agents",
        Effect.ADDS,
        "workflows.message_workflow",
    ),
    (people.agents.get_messages, "List messages", Effect.READS, "messages.list_messages"),
    (people.questions.get_questions, "List questions", Effect.READS, "questions.list_questions"),
    (
        people.questions.answer_question,
        "Answer a question",
        Effect.SETS,
        "questions.answer_question",
    ),
    (people.memories.find_memories, "Find memories", Effect.READS, "memories.search_memories"),
    (people.memories.save_memory, "Save a memory", Effect.SETS, "memories.add_memory"),
    (people.memories.edit_memory, "Edit a memory", Effect.SETS, "memories.edit_memory"),
    (people.memories.rate_memory, "Rate a memory", Effect.SETS, "memories.rate_memory"),
    (people.memories.restore_memory, "Restore a memory", Effect.SETS, "memories.restore_memory"),
    (people.memories.delete_memory, "Delete a memory", Effect.ENDS, "memories.delete_memory"),
    (people.attention.get_inbox, "Read what waits for people", Effect.READS, "attention.get_inbox"),
    (
        people.attention.set_inbox_item_aside,
        "Put an item aside",
        Effect.SETS,
        "attention.snooze_item",
    ),
    (
        people.interventions.get_interventions,
        "List what the Guardian did",
        Effect.READS,
        "interventions.list_interventions",
    ),
    (
        people.interventions.undo_intervention,
        "Take an act back",
        Effect.SETS,
        "interventions.undo_intervention",
    ),
    (
        people.interventions.call_agent_fine,
        "Call an agent fine",
        Effect.SETS,
        "agents.call_agent_fine",
    ),
    (
        people.interventions.get_guardian_report,
        "Read how good judgements were",
        Effect.READS,
        "guardian.get_report",
    ),
    (people.agents.restart_agent, "Restart an agent", Effect.ENDS, "agents.restart_agent"),
    (people.agents.stop_agent, "Stop an agent", Effect.ENDS, "agents.stop_agent"),
    (people.agents.list_hosts, "List hosts", Effect.READS, "hosts.list_hosts"),
    (people.agents.health_check, "Check the server", Effect.READS, "hosts.list_hosts"),
)


def _offers() -> Iterator[Offer]:
    for tool in TOOLS:
        yield offer(
            FUNCTIONS[tool.name],
            name=tool.name,
            title=tool.title,
            summary=tool.summary,
            effect=tool.effect,
        )
    for function, title, effect, route in _PEOPLES:
        yield offer(
            function,
            name=function.__name__,
            title=title,
            summary=inspect.getdoc(function) or "",
            effect=effect,
            route=route,
        )


CATALOGUE: Final = Catalogue(_offers())

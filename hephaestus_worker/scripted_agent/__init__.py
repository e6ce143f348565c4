"""A program that plays an agent from a script, for the demo, the tests and fault injection.

It is no AI and does not claim to be one. Like any agent program it runs in a terminal, gets a
prompt, calls the engine's MCP tools, works in its worktree and takes messages.

To start fast, it acknowledges the prompt before it imports its modules.
"""

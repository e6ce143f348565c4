"""The files by which a repository tells agent programs how to work.

Who changes them steers all later agents, and whoever reviews the change. The names are those that
the programs look for in their working folder and in each folder around a file that they read.
"""

from typing import Final

#: Names of files and folders, wherever they stand; with the folder before it, if that counts.
AGENT_SETTINGS: Final = (
    *(".claude", ".claude-plugin", "CLAUDE.md", "CLAUDE.local.md", ".mcp.json"),
    *("AGENTS.md", "AGENTS.override.md", ".agents", ".agent", ".codex"),
    *(".opencode", "opencode.json", "opencode.jsonc", "tui.json", "tui.jsonc", ".factory"),
    *(".cursor", ".cursor-plugin", ".cursorrules", ".gemini", "GEMINI.md"),
    *(".aider.conf.yml", ".windsurfrules", ".github/copilot-instructions.md", ".github/agents"),
)
#: Documents for people that a program takes for instructions: OpenCode the first, Droid the second.
READ_AS_SETTINGS: Final = ("CONTEXT.md", "DESIGN.md")


def names_in(path: str, names: tuple[str, ...] = AGENT_SETTINGS) -> list[str]:
    """Return the names that the path, or a folder that holds it, has.

    Case does not count, since it does not on some file systems.
    """
    whole = f"/{path.lower()}/"
    return [name for name in names if f"/{name.lower()}/" in whole]

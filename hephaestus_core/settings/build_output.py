"""Files that tools leave behind while they work on a project, as .gitignore would name them."""

from typing import Final

#: Only what no project keeps on purpose. `build`, `dist`, `out`, `bin` and `vendor` are not here:
#: they hold sources often enough.
BUILD_OUTPUT: Final = (
    "__pycache__/",
    "*.py[co]",
    ".venv/",
    "*.egg-info/",
    ".eggs/",
    ".tox/",
    ".nox/",
    ".pytest_cache/",
    ".mypy_cache/",
    ".ruff_cache/",
    ".hypothesis/",
    ".ipynb_checkpoints/",
    "node_modules/",
    ".next/",
    ".nuxt/",
    ".svelte-kit/",
    ".parcel-cache/",
    ".turbo/",
    ".gradle/",
    ".terraform/",
    ".DS_Store",
    "Thumbs.db",
)

"""Files that steer machines and agents: CI, locks of dependencies, settings of agents.

No task changes them by the way. A check has to name each one that a task may change.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final, Literal

from hephaestus_core.contract.agent_settings import AGENT_SETTINGS, names_in
from hephaestus_core.contract.globs import matches, segments

Kind = Literal["CI", "dependency lock", "agent settings"]

#: By their name, or by that of a folder that holds them; with the folder before it, if that counts.
_NAMES: Final[dict[Kind, tuple[str, ...]]] = {
    "CI": (
        *(".github/workflows", ".github/actions", ".gitlab-ci.yml", ".gitlab/ci", ".circleci"),
        *(".travis.yml", "Jenkinsfile", "azure-pipelines.yml", "bitbucket-pipelines.yml"),
        *(".buildkite", ".drone.yml", ".woodpecker.yml", ".woodpecker", "appveyor.yml"),
        *(".appveyor.yml", ".cirrus.yml", ".forgejo/workflows", ".gitea/workflows"),
        *(".gitlab-ci.yaml", ".travis.yaml", "azure-pipelines.yaml", ".azure-pipelines"),
        *("Jenkinsfile.groovy", ".drone.yaml", ".woodpecker.yaml", ".semaphore", ".teamcity"),
        *("buildspec.yml", "buildspec.yaml", "cloudbuild.yml", "cloudbuild.yaml", ".tekton"),
        *(".build.yml", ".builds", "codemagic.yaml", ".github/dependabot.yml", "renovate.json"),
        *(".pre-commit-config.yaml", ".husky", "lefthook.yml", ".lefthook.yml"),
    ),
    "dependency lock": (
        *("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"),
        *("bun.lockb", "deno.lock", "poetry.lock", "Pipfile.lock", "uv.lock", "pdm.lock"),
        *("pylock.toml", "Cargo.lock", "go.sum", "Gemfile.lock", "composer.lock", "mix.lock"),
        *(
            "gradle.lockfile",
            "flake.lock",
            "Package.resolved",
            "pubspec.lock",
            "packages.lock.json",
        ),
        *(
            "requirements.lock",
            "requirements-dev.lock",
            "pixi.lock",
            "conda-lock.yml",
            "go.work.sum",
        ),
        *("Podfile.lock", "Cartfile.resolved", "gems.locked", "MODULE.bazel.lock", "Chart.lock"),
        *(".terraform.lock.hcl", "paket.lock", "stack.yaml.lock", "renv.lock", "symfony.lock"),
    ),
    # Those of other programs too: whoever works here by hand may use one.
    "agent settings": (
        *AGENT_SETTINGS,
        *(".clinerules", ".roo", ".roomodes", ".continue", ".kiro", ".junie", ".amazonq", ".trae"),
        *(".windsurf", ".goosehints", ".qwen", "QWEN.md", ".crush.json", "CRUSH.md", "WARP.md"),
        *(".augment", ".github/instructions", ".github/prompts", ".vscode/mcp.json"),
    ),
}


def kind_of(path: str) -> Kind | None:
    """Return the kind of a protected path; None for any other.

    Case does not count, since it does not on some file systems.
    """
    return next((kind for kind, name in _marks(path) if name), None)


def is_named(path: str, patterns: Sequence[str]) -> bool:
    """Say whether a pattern that matches the protected path also spells out what protects it.

    ``.github/**`` names the workflows of CI; ``**`` and ``*.lock`` name nothing.
    """
    marks = {name.lower() for _, name in _marks(path)}
    firsts = {PurePosixPath(mark).parts[0] for mark in marks}
    spelled = (
        pattern for pattern in patterns if firsts & {name.lower() for name in segments(pattern)}
    )
    return matches(path, spelled)


def _marks(path: str) -> list[tuple[Kind, str]]:
    return [(kind, name) for kind, names in _NAMES.items() for name in names_in(path, names)]

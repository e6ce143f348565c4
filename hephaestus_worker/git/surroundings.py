"""The environment and the settings with which every git command of a worker runs.

The environment is a short list of names. A worker's own environment holds the password of the
database and the keys of model providers, and a filter, a hook or a helper that git starts would
inherit them.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

#: Every command may have these: where programs, libraries and temporary files are, who the user
#: is, in which time zone commits are dated, and which git with which configuration runs.
_LOCAL: Final = frozenset(
    (
        *("PATH", "LD_LIBRARY_PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ"),
        *("XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"),
        "GIT_EXEC_PATH",
    )
)

#: The way to any server: proxies, and the certificates to believe. curl reads HTTP_PROXY in lower
#: case only, other programs in both.
ROUTE: Final = frozenset(
    (
        *("http_proxy", "https_proxy", "all_proxy", "no_proxy", "GIT_PROXY_COMMAND"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "GIT_HTTP_PROXY_AUTHMETHOD"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "NIX_SSL_CERT_FILE", "GIT_SSL_NO_VERIFY"),
        *("GIT_SSL_CAINFO", "GIT_SSL_CAPATH"),
    )
)

#: Only a command that talks to a server may have these and the ones above: they log in as the user.
_LOGIN: Final = frozenset(
    (
        # SSH: its agent, and how git calls it.
        *("SSH_AUTH_SOCK", "SSH_AGENT_PID", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT"),
        # Certificates of the user.
        *("GIT_SSL_CERT", "GIT_SSL_KEY"),
        # Kerberos.
        *("KRB5CCNAME", "KRB5_CONFIG"),
        # Where credential helpers find the user's keyring, or what they have kept.
        *("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "XDG_CACHE_HOME", "XDG_DATA_HOME"),
        *("GNUPGHOME", "PASSWORD_STORE_DIR", "GCM_CREDENTIAL_STORE", "AWS_PROFILE"),
        # Tokens that the helpers of code hosts read, on a person's machine and in CI.
        *("GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"),
        *("GH_HOST", "GH_CONFIG_DIR", "GITLAB_TOKEN", "GITLAB_HOST", "GLAB_CONFIG_DIR"),
        *("CI_JOB_TOKEN", "BITBUCKET_TOKEN", "SYSTEM_ACCESSTOKEN"),
    )
)

_FIXED: Final = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    # History is what the commits say, whatever replaces or grafts them.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": f"{os.devnull}/grafts",
    # A missing object is an error at once, not a request to a server that a repository names.
    "GIT_NO_LAZY_FETCH": "1",
}

#: Settings that a person's configuration must not change.
_CONFIG: Final = (
    # Nothing of anybody's runs, nothing asks, nothing is signed, nothing outlives the command.
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "credential.interactive=false",
    "commit.gpgSign=false",
    "push.gpgSign=false",
    "merge.verifySignatures=false",
    "log.showSignature=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.ext.allow=never",
    # A command does what its arguments say: no submodules besides, no tags pushed, nothing pruned
    # that an earlier fetch has kept, nothing stashed.
    "submodule.recurse=false",
    "push.recurseSubmodules=no",
    "push.followTags=false",
    "push.pushOption=",
    "fetch.prune=false",
    "fetch.pruneTags=false",
    "merge.autoStash=false",
    # A file with mixed ends of line is saved as it is.
    "core.safecrlf=false",
    # No guessed renames of whole directories: a file stays where its author put it.
    "merge.renames=true",
    "merge.directoryRenames=false",
    # Repositories that we make and output that we read have one form everywhere.
    "init.defaultRefFormat=files",
    "clone.defaultRemoteName=origin",
    "worktree.useRelativePaths=false",
    "i18n.commitEncoding=UTF-8",
    "i18n.logOutputEncoding=UTF-8",
    "core.quotePath=false",
    "color.ui=false",
    "advice.addEmbeddedRepo=false",
)
OPTIONS: Final = tuple(word for setting in _CONFIG for word in ("-c", setting))


def environment(
    git_dir: Path | None = None,
    work_tree: Path | None = None,
    extra: Mapping[str, str] | None = None,
    *,
    server: bool = False,
) -> dict[str, str]:
    """Return the environment of one git command; `extra` outranks all the rest.

    Args:
        server: the command may talk to a server, so it gets what logs in there as the user.
    """
    names = _LOCAL | ROUTE | _LOGIN if server else _LOCAL
    env = {name: value for name, value in os.environ.items() if name in names} | _FIXED
    if git_dir:
        env["GIT_DIR"] = str(git_dir)
    if work_tree:
        env["GIT_WORK_TREE"] = str(work_tree)
    return env | dict(extra or {})

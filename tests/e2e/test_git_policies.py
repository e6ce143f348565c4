"""The handling of conflicts, of the user's checkout and of unusable repositories."""

import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hephaestus_sdk.errors import RepositoryError
from hephaestus_sdk.models import FileConflict
from tests.e2e.stack import DEFINITION, Stack, assert_settled, git, make_repository, running_stack
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(180)

CHANGE = """\
- write: {{path: shared.txt, content: "{text}\\n"}}
- write: {{path: "{name}.txt", content: "only here\\n"}}
- wait_for_message: {{contains: go}}
- done: wrote {text}
"""
#: A script that does the work and, in a conflict task, resolves the conflict.
RESOLVER = """\
- get_my_task:
  save: task
- write: {{path: task.txt, content: "{{{{task.description}}}}"}}
- run: |
    target=$(sed -n 's/.*`git merge \\([0-9a-f]*\\)`.*/\\1/p' task.txt)
    rm task.txt
    if [ -n "$target" ]; then
      git merge -q $target || true
      echo both > shared.txt
    else
      echo two > shared.txt
      while [ ! -e {go} ]; do sleep 0.05; done
    fi
- commit: Work
- done: ok
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(
        tmp_path_factory.mktemp("git"), max_concurrent_agents=8, git_filters=["rot"]
    ) as running:
        yield running


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "repository")


def start(stack: Stack, repository: Path, **options: Any) -> str:
    return stack.sdk.start_workflow(DEFINITION.id, main_repo_path=str(repository), **options)


def script(steps: str) -> str:
    return f"Work.\n```script\n{steps}```\n"


def create(stack: Stack, workflow_id: str, steps: str) -> str:
    return stack.sdk.create_task_in_workflow(workflow_id, script(steps), phase_id=1)


def wait_for(stack: Stack, task_id: str, status: str) -> None:
    wait_until(
        lambda: stack.sdk.get_task(task_id).status == status, timeout=60, what=f"a task {status}"
    )


def tell(stack: Stack, task_id: str) -> None:
    """Let a waiting agent continue."""
    agent = stack.sdk.get_task(task_id).agent_id
    assert agent is not None
    stack.sdk.send_message(agent, "go")


def make_conflict(stack: Stack, workflow_id: str) -> tuple[str, str]:
    """Let two agents change the same file from the same commit, and merge the first."""
    first, second = (
        create(stack, workflow_id, CHANGE.format(text=text, name=text)) for text in ("one", "two")
    )
    for task_id in (first, second):
        wait_for(stack, task_id, "in_progress")
    tell(stack, first)
    wait_for(stack, first, "done")
    tell(stack, second)
    return first, second


def test_the_newest_file_wins_and_both_sides_stay_reachable(stack: Stack, repository: Path) -> None:
    workflow_id = start(stack, repository)
    make_conflict(stack, workflow_id)

    summary = stack.sdk.wait_for_completion(workflow_id, timeout=60)

    assert summary.workflows[0].delivery.status == "delivered"
    assert (repository / "shared.txt").read_text() == "two\n"
    assert (repository / "one.txt").exists()
    [conflict] = summary.conflicts
    assert (conflict.path, conflict.kept) == ("shared.txt", "theirs")
    assert f"conflict: shared.txt: kept the version of {conflict.theirs}; " in str(summary)
    assert shown_by(repository, conflict) == "one"
    log = ("log", "--all", "--full-history", "--format=%H", "--", "shared.txt")
    versions = git(repository, *log).split()
    contents = {git(repository, "show", f"{commit}:shared.txt") for commit in versions}
    assert {"one", "two"} <= contents
    assert "<<<<" not in git(repository, "log", "-p", "--all")
    assert git(repository, "branch", "--list", "hephaestus/task/*") == "", "all of it is delivered"


def test_what_a_delivery_decides_against_the_users_own_work_is_told(
    stack: Stack, repository: Path
) -> None:
    workflow_id = start(stack, repository)
    task_id = create(stack, workflow_id, CHANGE.format(text="theirs", name="theirs"))
    wait_for(stack, task_id, "in_progress")
    # Its merge creates the integration branch, which does not have the user's commit.
    other = create(stack, workflow_id, '- write: {path: other, content: "o"}\n- done: ok\n')
    wait_for(stack, other, "done")
    (repository / "shared.txt").write_text("mine\n")
    identity = ("-c", "user.name=A person", "-c", "user.email=person@localhost")
    git(repository, "add", "-A")
    git(repository, *identity, "commit", "-q", "-m", "My own")
    tell(stack, task_id)

    summary = stack.sdk.wait_for_completion(workflow_id, timeout=60)

    assert (repository / "shared.txt").read_text() == "theirs\n"
    [conflict] = summary.conflicts
    assert (conflict.ours, conflict.kept, conflict.task_id) == ("main", "theirs", None)
    assert "shows that of main" in str(summary)
    assert shown_by(repository, conflict) == "mine"


def shown_by(repository: Path, conflict: FileConflict) -> str:
    """Run, as a person would, the command that shows the discarded version."""
    assert conflict.look_up is not None
    command = shlex.split(conflict.look_up)
    return git(repository, *command[1:])


def test_a_conflict_left_to_people_goes_on_when_they_have_merged(
    stack: Stack, repository: Path
) -> None:
    workflow_id = start(stack, repository, conflict_resolution="manual")
    _, second = make_conflict(stack, workflow_id)
    summary = stack.sdk.wait_for_completion(workflow_id, timeout=60)
    assert summary.finished
    assert not summary.succeeded
    [left] = summary.workflows[0].left_to_people
    assert f"{left.branch} conflicts with {left.target} in shared.txt" in str(summary)
    target = stack.sdk.get_workflow(workflow_id).integration_branch
    [waiting] = [m for m in stack.sdk.client.merges(workflow_id) if m.status == "conflict"]
    assert (left.task_id, left.target) == (second, target)
    assert stack.sdk.get_task(second).status == "under_review"

    git(repository, "checkout", "-q", target)
    identity = ("-c", "user.name=A person", "-c", "user.email=person@localhost")
    git(repository, *identity, "merge", "-q", "-X", "theirs", "-m", "By hand", waiting.tip)
    git(repository, "checkout", "-q", "main")

    wait_for(stack, second, "done")
    stack.sdk.wait_for_completion(workflow_id, timeout=60)
    assert git(repository, "show", "main:shared.txt") == "two"


def test_an_agent_resolves_a_conflict_where_the_policy_says_so(
    stack: Stack, repository: Path, tmp_path: Path
) -> None:
    workflow_id = start(stack, repository, conflict_resolution="agent")
    first = create(stack, workflow_id, CHANGE.format(text="one", name="one"))
    second = create(stack, workflow_id, RESOLVER.format(go=tmp_path / "go"))
    for task_id in (first, second):
        wait_for(stack, task_id, "in_progress")
    tell(stack, first)
    wait_for(stack, first, "done")
    (tmp_path / "go").touch()

    summary = stack.sdk.wait_for_completion(workflow_id, timeout=60)

    assert summary.tasks["done"] == 3
    kinds = [task.kind for task in stack.sdk.get_tasks(workflow_id=workflow_id)]
    assert sorted(kinds) == ["conflict", "work", "work"]
    assert git(repository, "show", "main:shared.txt") == "both"


def test_a_checkout_with_unsaved_work_is_left_alone_until_it_is_clean(
    stack: Stack, repository: Path
) -> None:
    (repository / "README.md").write_text("My own unsaved work.\n")
    before = git(repository, "rev-parse", "main")
    workflow_id = start(stack, repository)
    create(stack, workflow_id, "- write: {path: new.txt, content: hi}\n- done: ok\n")

    summary = stack.sdk.wait_for_completion(workflow_id, timeout=60)
    held = wait_until(
        lambda: (w := stack.sdk.get_workflow(workflow_id)).delivery.status == "held" and w,
        timeout=30,
        what="the delivery is held",
    )

    assert summary.tasks["done"] == 1
    assert held.delivery.reason
    assert git(repository, "rev-parse", "main") == before
    assert (repository / "README.md").read_text() == "My own unsaved work.\n"

    git(repository, "checkout", "-q", "README.md")
    wait_until(
        lambda: stack.sdk.get_workflow(workflow_id).delivery.status == "delivered",
        timeout=30,
        what="the delivery goes on",
    )
    assert (repository / "new.txt").read_text() == "hi"


def test_without_auto_merge_the_base_waits_for_approval(stack: Stack, repository: Path) -> None:
    workflow_id = start(stack, repository, auto_merge=False)
    create(stack, workflow_id, "- write: {path: new.txt, content: hi}\n- done: ok\n")
    summary = stack.sdk.wait_for_completion(workflow_id, timeout=60)
    assert summary.workflows[0].delivery.status == "awaiting_approval"
    assert not (repository / "new.txt").exists()

    stack.sdk.client.approve_workflow(workflow_id)

    wait_until((repository / "new.txt").exists, timeout=30, what="the work is in the checkout")


@pytest.mark.parametrize(
    ("make", "branch", "words"),
    [
        (["init", "-q", "-b", "main"], "main", "no commit"),
        (None, "mian", "mian"),
    ],
    ids=["an empty repository", "a wrong branch"],
)
def test_an_unusable_origin_is_refused_at_the_launch_or_told_in_the_task(
    stack: Stack, tmp_path: Path, make: list[str] | None, branch: str, words: str
) -> None:
    folder = tmp_path / "repository"
    if make is None:
        make_repository(folder)
    else:
        folder.mkdir()
        git(folder, *make)
    with pytest.raises(RepositoryError, match=branch):
        start(stack, folder, base_branch=branch)

    # Only hosts read a URL.
    workflow_id = stack.sdk.start_workflow(
        DEFINITION.id, main_repo_path=folder.as_uri(), base_branch=branch
    )
    task_id = create(stack, workflow_id, "- done: ok\n")
    wait_for(stack, task_id, "failed")

    task = stack.sdk.get_task(task_id)
    assert task.failure_class == "permanent"
    assert words in str(task.failure_reason)


def test_files_that_the_users_clone_ignores_never_reach_the_branch(
    stack: Stack, repository: Path, tmp_path: Path
) -> None:
    (repository / ".git" / "info").mkdir(exist_ok=True)
    (repository / ".git" / "info" / "exclude").write_text(".env.local\n")
    (tmp_path / "rules").write_text("*.private\n")
    git(repository, "config", "core.excludesFile", str(tmp_path / "rules"))
    workflow_id = start(stack, repository)
    write = "- write: {{path: {name}, content: x}}\n"
    left = "".join(write.format(name=n) for n in (".env.local", "a.private", "a.txt"))
    committed = "".join(write.format(name=n) for n in (".env.local", "b.private", "b.txt"))
    create(stack, workflow_id, f"{left}- done: ok\n")
    create(stack, workflow_id, f"{committed}- commit: All of it\n- done: ok\n")

    summary = stack.sdk.wait_for_completion(workflow_id, timeout=60)

    assert summary.tasks["done"] == 2
    names = git(repository, "log", "--all", "--name-only", "--format=").split()
    assert set(names) == {"README.md", "a.txt", "b.txt"}


def filtered(repository: Path, name: str) -> Path:
    """Let a filter of the clone alone change how secret files of the repository are stored."""
    for kind in ("clean", "smudge"):
        git(repository, "config", f"filter.{name}.{kind}", "tr a-z n-za-m")
    (repository / ".gitattributes").write_text(f"secret* filter={name}\n")
    (repository / "secret").write_text("hush\n")
    git(repository, "add", "-A")
    git(repository, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-q", "-m", "Filtered")
    return repository


def test_agents_read_and_write_through_a_filter_that_a_person_named(
    stack: Stack, repository: Path
) -> None:
    workflow_id = start(stack, filtered(repository, "rot"))
    work = "- run: cp secret seen-{n}\n- write: {{path: secret-{n}, content: abc}}\n"
    create(stack, workflow_id, work.format(n=2) + "- commit: It\n- done: ok\n")
    create(stack, workflow_id, work.format(n=3) + "- done: ok\n")

    summary = stack.sdk.wait_for_completion(workflow_id, timeout=60)

    assert summary.tasks["done"] == 2
    for n in (2, 3):
        assert (repository / f"seen-{n}").read_text() == "hush\n"
        assert (repository / f"secret-{n}").read_text() == "abc"
        assert git(repository, "show", f"main:secret-{n}") == "nop"


def test_a_repository_with_another_filter_is_refused_with_the_remedy(
    stack: Stack, repository: Path
) -> None:
    workflow_id = start(stack, filtered(repository, "unnamed"))
    task_id = create(stack, workflow_id, "- run: cat secret > open\n- done: ok\n")
    wait_for(stack, task_id, "failed")

    task = stack.sdk.get_task(task_id)
    assert task.failure_class == "permanent"
    assert "add 'unnamed' to git.filters" in str(task.failure_reason)


def test_agents_have_the_files_of_submodules_and_hear_which_are_empty(
    stack: Stack, repository: Path, tmp_path: Path
) -> None:
    lib = make_repository(tmp_path / "lib")
    add = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add")
    git(repository, *add, "../lib", "lib")
    git(repository, *add, "../lib", "gone")
    git(repository, "config", "--file", ".gitmodules", "submodule.gone.url", "ssh://gone/lib")
    git(repository, "config", "--remove-section", "submodule.gone")
    modules = repository / ".git" / "modules"
    shutil.rmtree(modules / "gone")
    git(repository, "update-index", "--cacheinfo", f"160000,{'1' * 40},gone")
    git(repository, "add", ".gitmodules")
    git(repository, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-q", "-m", "Modules")
    shutil.rmtree(lib)
    shutil.rmtree(repository / "gone")
    (repository / "gone").mkdir()
    workflow_id = start(stack, repository)
    task_id = create(
        stack, workflow_id, "- run: cp lib/README.md seen; ls gone > gone.txt\n- done: ok\n"
    )

    stack.sdk.wait_for_completion(workflow_id, timeout=60)

    assert git(repository, "show", "main:seen") == "A project."
    assert git(repository, "show", "main:gone.txt") == ""
    [agent] = stack.sdk.get_task(task_id).attempts
    prompt = (stack.home / "host" / "agents" / agent.id / "prompt.md").read_text()
    assert "- `gone`: its server is another one than the origin's" in prompt
    assert "`lib`" not in prompt


def test_work_that_the_repository_refuses_for_a_while_is_told_and_comes_later(
    stack: Stack, repository: Path
) -> None:
    hook = repository / ".git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'files over 1 byte are not taken' >&2\nexit 1\n")
    hook.chmod(0o755)
    workflow_id = start(stack, repository)
    task_id = create(stack, workflow_id, "- write: {path: new.txt, content: hi}\n- done: ok\n")

    events = stack.sdk.events(workflow_id=workflow_id, timeout=60)
    event = next(each for each in events if each.type == "agent.save_failed")
    [agent] = stack.sdk.get_task(task_id).attempts
    assert "not taken" in str(event.data["reason"])
    assert str(stack.home / "host" / "worktrees" / agent.id) == event.data["path"]
    assert (stack.home / "host" / "worktrees" / agent.id / "new.txt").read_text() == "hi"

    hook.unlink()
    wait_for(stack, task_id, "done")
    assert git(repository, "show", f"{agent.branch}:new.txt") == "hi"
    log = stack.log("worker")
    assert "not taken" in log
    assert "Traceback" not in log


def test_nothing_is_left_of_all_that(stack: Stack) -> None:
    assert_settled(stack)

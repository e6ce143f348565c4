"""The demo: a small project with a failing test, and a workflow of scripted agents that fixes it.

`make demo` runs it. It starts a stack in a home of its own, shows what happens while it happens,
answers the question of an agent as a person would, lets another one hang until the Guardian
steers it, and ends with an account. It exits 0 only if the fix is merged, the project's tests pass,
a duplicate task was refused, and a later agent's prompt held what an earlier one had learned. The
agents are played from the scripts in ``project/agents``; there is no AI in the demo.

With ``--keep`` the stack stays, the work waits for your approval, and the last line is a link.
"""

import argparse
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from rich.console import Console

from examples.demo.words import in_words, refused_duplicates, used_memories
from hephaestus_sdk import HephaestusError, HephaestusSDK
from hephaestus_sdk.cli.login import login_url
from hephaestus_sdk.runtime import checks
from workflows.bug_fix import BUG_FIX_DEFINITION

PROJECT = Path(__file__).parent / "project"
BUG_REPORT = "`discount(50, 10)` gives 40. A discount of ten percent of 50 should leave 45."
#: Seconds without movement after which an agent of the demo counts as hung.
HANGS_SECONDS = 6
#: Seconds that the workflow may take.
TIME_LIMIT = 180


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--keep", action="store_true", help="leave the stack to a browser")
    keep = parser.parse_args().keep
    console = Console(highlight=False, soft_wrap=True)
    try:
        checks.program_version("git", checks.OLDEST_GIT)
        checks.program_version("tmux", checks.OLDEST_TMUX)
        return leave_to_browser(console) if keep else demonstrate(console)
    except HephaestusError as error:
        console.print(f"demo: {error}", markup=False)
        return 1


def demonstrate(console: Console) -> int:
    """Show the whole way from a failing test to a merged fix; 0 if it worked."""
    with tempfile.TemporaryDirectory(prefix="hephaestus-demo-") as folder:
        project = make_project(Path(folder) / "project")
        console.print("The project's test, before:", style="bold")
        if tests_pass(project, console):
            console.print("The demo's project should have a failing test and has none.")
            return 1
        home = Path(folder) / "home"
        console.print("\nStarting a stack of its own: Postgres, Valkey, web, worker, beat …")
        with open_stack(home, project) as sdk:
            console.print(f"Ready. API and UI at {sdk.url}\n")
            accepted = run_workflow(sdk, console) is not None
        console.print("\nThe project's tests, after, in the checkout:", style="bold")
        passed = tests_pass(project, console)
        console.print("\nIts history:", style="bold")
        show_history(project, console)
        good = accepted and passed
        console.print("\nThe demo worked." if good else "\nThe demo failed; see above.")
        return 0 if good else 1


def leave_to_browser(console: Console) -> int:
    """Run the workflow up to a person's approval, leave the stack running, and print a link."""
    folder = Path(tempfile.mkdtemp(prefix="hephaestus-demo-"))
    project, home = make_project(folder / "project"), folder / "home"
    console.print("Starting a stack of its own, which stays …")
    with open_stack(home, project, keep_running=True) as sdk:
        workflow_id = run_workflow(sdk, console, keep=True)
        code = sdk.client.create_login_code().code
        link = login_url(sdk.url, code, f"/workflows/{workflow_id}" if workflow_id else "/")
    stop = f"hephaestus down --home {shlex.quote(str(home))} && rm -r {shlex.quote(str(folder))}"
    console.print(f"\nTo end it: {stop}", markup=False)
    if workflow_id:
        console.print("The work waits for your approval.")
    console.print("This link works once, within 10 minutes:")
    console.print(link, markup=False)
    return 0 if workflow_id else 1


def make_project(folder: Path) -> Path:
    """Make a git repository with the demo's project in it."""
    shutil.copytree(PROJECT, folder)
    for command in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        ["commit", "-q", "-m", "A small project with a bug"],
    ):
        identity = ["-c", "user.name=Demo", "-c", "user.email=demo@localhost"]
        subprocess.run(["git", *identity, *command], cwd=folder, check=True)
    return folder


def open_stack(home: Path, project: Path, *, keep_running: bool = False) -> HephaestusSDK:
    """Return an SDK whose stack has a home and ports of its own."""
    return HephaestusSDK(
        keep_running=keep_running,
        workflow_definitions=[BUG_FIX_DEFINITION],
        home=str(home),
        main_repo_path=str(project),
        default_cli_tool="scripted",
        monitoring_interval=2,
        stuck_minutes=HANGS_SECONDS / 60,
        mcp_port=free_port(),
        ui_port=free_port(),
    )


def run_workflow(sdk: HephaestusSDK, console: Console, *, keep: bool = False) -> str | None:
    """Launch the workflow, show it live, print its account; return its id if all went well.

    Args:
        keep: let a person approve the work, instead of bringing it to the base branch.
    """
    workflow_id = sdk.start_workflow(
        "bug-fix",
        description="discount() is wrong",
        launch_params={
            "bug_title": "A discount takes off too much",
            "bug_description": BUG_REPORT,
            "severity": "High",
            "bug_type": "Wrong result",
        },
        auto_merge=not keep,
    )
    shower = threading.Thread(
        target=show_events, args=(sdk, workflow_id, console), name="events", daemon=True
    )
    shower.start()
    try:
        summary = sdk.wait_for_completion(workflow_id, timeout=TIME_LIMIT)
        result = sdk.wait_for_result(workflow_id, timeout=5)
    finally:
        shower.join(timeout=5)  # before the stack goes, which the events come from
    console.print()
    console.print(str(summary), markup=False)
    console.print(f"  judged: {result.feedback}", markup=False)
    expected = "awaiting_approval" if keep else "delivered"
    ready = summary.workflows[0].delivery.status == expected
    known = show_what_agents_knew(sdk, workflow_id, console)
    good = summary.succeeded and result.validated and ready and known
    return workflow_id if good else None


def show_what_agents_knew(sdk: HephaestusSDK, workflow_id: str, console: Console) -> bool:
    """Print which task was refused as a duplicate, and which memory a later agent was told.

    Returns whether there is at least one of either.
    """
    tasks = sorted(sdk.get_tasks(workflow_id=workflow_id), key=lambda task: task.created_at)
    repository = sdk.get_workflow(workflow_id).repository
    refused = refused_duplicates(tasks)
    memories = sdk.client.memories(repository=repository)
    used = used_memories(memories, [sdk.get_task(task.id) for task in tasks])
    console.print("\nWhat the agents knew of each other:", style="bold")
    for line in [*refused, *used]:
        console.print(f"  {line}", markup=False)
    return bool(refused and used)


def show_events(sdk: HephaestusSDK, workflow_id: str, console: Console) -> None:
    """Print the workflow's events as they happen, until its work is ready; answer questions.

    The events end with the time limit at the latest.
    """
    for event in sdk.events(workflow_id=workflow_id, timeout=TIME_LIMIT):
        if line := in_words(event):
            console.print(f"  {event.at:%H:%M:%S}  {line}", markup=False)
        if event.type == "question.asked":
            sdk.answer(event.data["question_id"], option=1)
        if event.type in {"workflow.delivered", "workflow.approval_awaited"}:
            return


def show_history(project: Path, console: Console) -> None:
    """Print the commits that the base branch now has."""
    log = subprocess.run(
        ["git", "log", "--graph", "--oneline", "main"],
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    )
    console.print(log.stdout.rstrip(), markup=False)


def tests_pass(project: Path, console: Console) -> bool:
    """Run the project's tests in its checkout and show what they print."""
    done = subprocess.run(
        [sys.executable, "-B", "-m", "unittest", "discover", "-s", str(project)],
        capture_output=True,
        text=True,
        check=False,
    )
    console.print(
        done.stderr.strip().splitlines()[-1], style="green" if done.returncode == 0 else "red"
    )
    return done.returncode == 0


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())

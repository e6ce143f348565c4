"""Documentation: phase 1 plans the pages, phase 2 writes each, phase 3 follows them as a reader."""

from hephaestus_sdk import (
    LaunchParameter,
    LaunchTemplate,
    Phase,
    WorkflowConfig,
    WorkflowDefinition,
)
from hephaestus_sdk.models import Check, ValidationCriteria
from workflows.launch_fields import common_parameters

_PLAN = "{docs_folder}/plan.md"
_PAGES = ["{docs_folder}/*.md", "{docs_folder}/**/*.md"]
_RUN = Check(check_type="console_blocks", target=_PAGES, timeout=1800)
_LINKED = Check(check_type="links_resolve", target=_PAGES)
_NAMED = Check(
    check_type="names_exist",
    target=_PAGES,
    pattern=[
        "{known_names}",
        *("true", "false", "null", "None", "True", "False", "console", "git", "docker", "make"),
        *("npm", "npx", "node", "pip", "pip3", "python", "python3", "cargo", "go", "java", "curl"),
    ],
    description="names in backticks stand in the code, except those of common programs and the known names of the launch",
)
#: Left out of a launch that names no command.
_BUILT = Check(
    check_type="command_success",
    command="{docs_build_command}",
    description="the documentation builds",
    timeout=1800,
)
_DOCS_ONLY = Check(check_type="paths_only", target=["{docs_folder}/**"])

INVENTORY = Phase(
    id=1,
    name="inventory",
    description="""Find out which pages the readers need, and plan them. Take at most 30 minutes, and write nothing but `{docs_folder}/plan.md`.

The readers are: {target_audience}. The plan has three sections:

1. Readers: who they are, and the five tasks that bring them to the documentation.
2. Pages there are: each page with a link, and whether it is true, stale or missing something. Prove each of the latter two: the line of code that says otherwise, or the command with its output.
3. Pages to write: at most {most_pages}, new or stale ones. For each: file, title, reader, the one question that it answers, and its sources as links to files of the code.

No page answers two questions, and no two pages answer the same. `{docs_folder}/README.md`, the index, belongs to phase 3.

Find the commands for set-up and for all tests, and store them with `record_facts`. A bug that you come upon stands in your summary; mend nothing.""",
    done_definitions=[
        "The plan names five tasks of the readers, and each is served by one page",
        "Each page that is there is called true or stale, and each stale one has a proof",
        "Each page to write has a file, a reader, a question, and sources whose links lead to files",
        "One phase 2 task exists per page to write",
    ],
    outputs=["The plan of the pages"],
    next_steps=[
        "Create one phase 2 task per page: file, title, reader, question, sources, and the pages beside it. Their agents work side by side; a round takes at most {most_tasks} of them",
    ],
    leads_to=[2],
    validation=ValidationCriteria(
        enabled=True,
        criteria=[
            Check(
                check_type="file_contains",
                target=[_PLAN],
                pattern=["## Readers", "## Pages there are", "## Pages to write"],
            ),
            Check(check_type="links_resolve", target=[_PLAN]),
            Check(check_type="paths_only", target=[_PLAN]),
        ],
        reviewer="machine",
    ),
)

WRITE = Phase(
    id=2,
    most_tasks="{most_tasks}",
    name="write page",
    description="""Write one page, and nothing on it that you have not seen in the code or by running it. Take 30 to 45 minutes. Others write the pages beside yours: change your page and its images alone.

1. Read the sources that your task names, and whatever they lead to.
2. Do yourself what the page is about, on a fresh clone, before you write how it is done.
3. Write for the reader that your task names: first the question in their words, then the shortest way to the answer, then what can go wrong and the remedy.

- Commands that a reader types stand in blocks marked `console`: each line one command, or with `$ ` before the commands and their real output below. They run one after the other on a fresh clone. What does not end, needs a secret or another machine stands in a block marked `sh`.
- Backticks hold names that the code has. Link only pages that exist; phase 3 adds links between new ones.

Where code and intention differ, the page says what the code does. A bug stands in your summary; mend nothing.""",
    done_definitions=[
        "Each command of the page was run on a fresh clone, and each output that it shows is real",
        "Each name in backticks stands in the code, and each link leads to a file or heading",
        "The page answers the question of its task, and no other",
        "The summary lists bugs that were seen, each with the command and its output",
    ],
    outputs=["The page with its images"],
    next_steps=[
        "Create no task: the system starts phase 3 by itself when all pages are written",
    ],
    leads_to=[3],
    validation=ValidationCriteria(
        enabled=True,
        criteria=[
            _RUN,
            _NAMED,
            _LINKED,
            _BUILT,
            _DOCS_ONLY,
            "The reader that the task names gets to the end of the page by the page alone",
            "Three statements of the reviewer's choice hold when looked up in the code or run",
        ],
        validator_instructions="Be the reader that the task names. Follow the page from top to bottom on a fresh clone and do nothing that it does not say. List each step that you could not do, with the command and its output, and each statement that does not hold.",
        reviewer="{review}",
    ),
)

FOLLOW = Phase(
    id=3,
    name="follow",
    description="""Go through all pages as a newcomer would, and write the index that leads there. Take at most 60 minutes.

1. On a fresh clone, do the five tasks of the plan, each by the pages alone. What a page does not say is a failure, even if you know it.
2. Compare the pages: the same thing has one name, and no two pages contradict each other. Look at the code to see which is right.
3. Write `{docs_folder}/README.md`: each page with its question in one line, in the order in which a newcomer needs them. Add the links between pages that are missing.
4. Correct at most five lines of a page yourself; more is a task.

Tasks that failed are listed in your description: say what is missing because of them. With the result, delete `{docs_folder}/plan.md`. Change nothing outside of the folder of the documentation.""",
    done_definitions=[
        "Each of the five tasks was done by the pages alone, and the summary says by which",
        "`{docs_folder}/README.md` links each page with its question",
        "No two pages contradict each other in a name, a command or a number",
        "The result is handed in, or a phase 2 task exists for each page that fails",
    ],
    outputs=["The index of the documentation"],
    next_steps=[
        "A page fails: create a phase 2 task for it with the step, the command and its output. After it the system starts the next round, at most three; then a person decides",
        "No page fails: call `submit_result` with the pages, the bugs that their authors saw, and as evidence the five tasks with the commands that you ran. Another agent judges it, and the pages are delivered",
    ],
    join=[1, 2],
    max_rounds=3,
    leads_to=[2, "result"],
    validation=ValidationCriteria(
        enabled=True,
        criteria=[
            Check(check_type="file_exists", target=["{docs_folder}/README.md"]),
            _RUN,
            _LINKED,
            _BUILT,
            _DOCS_ONLY,
        ],
        reviewer="machine",
    ),
)

DOCUMENTATION_PHASES = [INVENTORY, WRITE, FOLLOW]

DOCUMENTATION_WORKFLOW_CONFIG = WorkflowConfig(
    has_result=True,
    result_criteria="""A reader gets by with the pages alone:
- the judge does three tasks of the readers on a fresh clone by the pages alone, and names the commands with their output
- five statements of the judge's choice, from different pages, hold in the code
- each page answers its question, and the index leads to each
- bugs that were seen are listed in the result, and none was mended here""",
    result_checks=[_RUN, _NAMED, _LINKED, _BUILT, _DOCS_ONLY],
    on_result_found="complete",
    on_result_rejected=2,
    conflict_resolution="agent",
    setup_command="{setup_command}",
    test_command="{test_command}",
    # No product file changes, so a suite that was red before holds back nothing.
    delivery_check="{docs_build_command}",
)

DOCUMENTATION_LAUNCH_TEMPLATE = LaunchTemplate(
    parameters=[
        LaunchParameter(
            name="documentation_scope",
            label="What is to be documented",
            type="textarea",
            description="Parts of the software, or the questions that readers ask",
        ),
        LaunchParameter(
            name="target_audience",
            label="Readers",
            type="dropdown",
            options=["users", "developers", "operators", "contributors"],
            default="developers",
        ),
        LaunchParameter(
            name="docs_folder",
            label="Folder of the documentation",
            required=False,
            default="docs",
            description="The only one that is changed",
        ),
        LaunchParameter(
            name="style_guide",
            label="Style",
            type="textarea",
            required=False,
            default="(that of the pages there are)",
            description="Rules, or the path of a file in the repository",
        ),
        LaunchParameter(
            name="docs_build_command",
            label="Command that builds the documentation",
            required=False,
            description="Must succeed on each page's commit and before the delivery",
        ),
        LaunchParameter(
            name="known_names",
            label="Names of other programs",
            type="textarea",
            required=False,
            description="One a line, such as `kubectl*`: they may stand in backticks",
        ),
        LaunchParameter(
            name="most_pages",
            label="Most pages",
            type="number",
            required=False,
            default=12,
            description="The most pages that are planned",
        ),
        # All others: it changes the folder of the documentation and nothing else.
        *(
            each
            for each in common_parameters(
                most_tasks=24, of="pages written, those written again included"
            )
            if each.name != "paths"
        ),
    ],
    phase_1_task_prompt="""Plan the pages that these readers need, and create a phase 2 task for each that writes it.

Readers: {target_audience}
Folder of the documentation: {docs_folder}

## What is to be documented
````
{documentation_scope}
````

## Style
````
{style_guide}
````
""",
)

DOCUMENTATION_DEFINITION = WorkflowDefinition(
    id="documentation-generation",
    name="Documentation",
    description="Write pages whose statements, commands and links were tried, and follow them as a reader",
    phases=DOCUMENTATION_PHASES,
    config=DOCUMENTATION_WORKFLOW_CONFIG,
    launch_template=DOCUMENTATION_LAUNCH_TEMPLATE,
)

"""From a requirements document to software: requirements, a skeleton, components, acceptance."""

from hephaestus_sdk import (
    LaunchParameter,
    LaunchTemplate,
    Phase,
    WorkflowConfig,
    WorkflowDefinition,
)
from hephaestus_sdk.models import Check, ValidationCriteria
from workflows.launch_fields import PATHS_IN_PROMPT, common_parameters

#: The map that phase 1 writes and all others follow.
_MAP = "docs/requirements.yaml"
_IDS = ["REQ_*"]
#: Software that is begun anew chooses what it depends on, and locks it.
_LOCKS = [
    f"**/{name}"
    for name in (
        *("package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "deno.lock", "uv.lock"),
        *("poetry.lock", "Pipfile.lock", "pdm.lock", "Cargo.lock", "go.sum", "Gemfile.lock"),
        *("composer.lock", "mix.lock", "gradle.lockfile", "pubspec.lock", "packages.lock.json"),
    )
]
_README_RUNS = Check(check_type="console_blocks", target=["README.md"], threshold=1)
_ACCEPTED = Check(check_type="ids_covered", target=[_MAP, "docs/acceptance/**"], pattern=_IDS)

REQUIREMENTS = Phase(
    id=1,
    name="requirements",
    description="""Turn the document of the launch into requirements, and cut the work into components. Take at most 60 minutes, and write no product code.

1. If the document is no file of the repository, copy it to `docs/prd.md`, word for word.
2. Write each statement of it to `docs/requirements.yaml` as a requirement: one sentence of input, action and outcome, its heading in the document, and the command or steps that show it. What nothing is built for stands under `left_out`.
3. Decide each question that the document leaves open.
4. Cut the work into at most 12 components of 5 to 15 requirements. A component has one purpose, few others to wait for, and `paths` of its own: its code, its tests and its page `docs/components/<id>.md`. Write purpose, interface (a page at most) and dependencies of each to `docs/components.md`.

At most 60 requirements belong to one milestone. The others stand in `docs/later.md`, without ids; the launch asks for {milestones} milestones in all.

If your task is about a wrong interface, correct only that.""",
    done_definitions=[
        "Each heading of the document with a text of its own is the source of a requirement, or is left out with a reason",
        "Each requirement has exactly one component, and a command or steps that show it",
        "`docs/components.md` holds purpose, interface and dependencies of each component",
        "One phase 2 task exists; for a changed interface or a later milestone, phase 3 tasks instead",
    ],
    next_steps=[
        "At the beginning: create one phase 2 task for the skeleton, with the technology and the components. Its agent creates the phase 3 tasks",
        "Later: create a phase 3 task for each component that has something to do now, with `after` for those that it depends on",
    ],
    leads_to=[2, 3],
    validation=ValidationCriteria(
        enabled=True,
        criteria=[
            Check(check_type="requirements_mapped", target=[_MAP]),
            Check(check_type="file_exists", target=["docs/components.md"]),
            Check(check_type="paths_only", target=["docs/**"]),
            "Nothing that the document states is missing, and its copy, if there is one, is word for word",
            "Each requirement can be tried: it has an input, an action and an outcome that differs if it does not hold",
            "No decision contradicts the document",
        ],
        validator_instructions="Read the document of the launch first and write your own list of all that it states. Only then open docs/requirements.yaml and compare. Name each missing statement with its heading.",
        reviewer="{approve_requirements}",
    ),
)

SKELETON = Phase(
    id=2,
    name="skeleton",
    description="""Build the thinnest thing that installs, starts and has one path through all of it. You work alone, and each component builds on it. Take at most 45 minutes.

1. Make a folder for each component of `docs/requirements.yaml`, with its interface from `docs/components.md` as code. What is not built yet raises an error that says so.
2. Make one requirement work from end to end, and test it; the name of the test holds the id of the requirement.
3. Write `README.md`: how to install, start and test. Commands that end stand in blocks marked `console`, which run as they are; a server stands in a block marked `sh`.
4. Find the commands for set-up and for all tests, and store them with `record_facts`. Later agents and the checks use them.

Files that several components change, such as the list of dependencies, stand under `shared` in `docs/requirements.yaml`. Build no component further than that.""",
    done_definitions=[
        "On a fresh clone the set-up and all tests succeed, and `record_facts` has both commands",
        "The console blocks of README.md succeed one after the other on a fresh clone",
        "Each component has its folder with its interface as code",
        "One phase 3 task exists per component",
    ],
    outputs=["The skeleton with one test, committed", "README.md"],
    next_steps=[
        "Create one phase 3 task per component, at most {most_tasks}, those first that others depend on: its id, its requirements by id, its `paths`, the command for its tests. Give the ids of the tasks that it depends on as `after`",
    ],
    leads_to=[3],
    validation=ValidationCriteria(
        enabled=True,
        criteria=[
            Check(check_type="file_exists", target=["README.md"]),
            Check(check_type="test_pass"),
            _README_RUNS,
            Check(
                check_type="paths_only",
                target=["{paths}", "@tests", "README.md", "docs/**", *_LOCKS],
                description="the change touches only the folders of the launch, tests, documents and lock files",
            ),
        ],
        reviewer="machine",
    ),
)

BUILD = Phase(
    id=3,
    most_tasks="{most_tasks}",
    name="build",
    description="""Build one component, whole, with its tests. Take at most 2 hours and about 800 changed lines.

1. Read its requirements in `docs/requirements.yaml` and its interface in `docs/components.md`.
2. Write a test for each requirement, from its sentence and not from your code. The name of the test holds the id, such as `test_REQ_07_refuses_an_empty_name`. See it fail.
3. Build until all of them pass. Wrong input, missing files and failing neighbours belong to it: an error that a user can cause ends in a message that names the thing and the remedy.
4. Write its page `docs/components/<id>.md`: how it is used, and what you decided and why.

Others build the neighbouring components now. Stay within the `paths` of yours. If an interface is wrong, leave it and build the rest; a phase 1 task changes it.

If your task reports a failure, write a test that shows it before you mend it.""",
    done_definitions=[
        "Each requirement of the component has a test whose name holds its id, and all tests of the project pass",
        "The change stays within the `paths` of the component",
        "Each error that a user can cause was provoked, and its message stands in the summary",
        "The page of the component tells how it is used",
    ],
    outputs=["The component with its tests and its page, committed"],
    next_steps=[
        "Create no task for the acceptance: the system starts phase 4 by itself when the phases 1 to 3 are at rest",
        "A requirement that cannot be built as written, or a wrong interface: create a phase 1 task that says why, with the code that shows it",
    ],
    leads_to=[4],
    validation=ValidationCriteria(
        enabled=True,
        criteria=[
            Check(check_type="component_built", target=[_MAP]),
            Check(check_type="test_pass"),
            Check(check_type="tests_kept"),
            Check(
                check_type="paths_only",
                target=["{paths}", "@tests", "docs/**", *_LOCKS],
                description="nothing that steers machines or agents is changed",
            ),
            "Each requirement of the task holds for two inputs of your own that stand in no test",
            "Each test would fail if its requirement did not hold",
            "Errors that a user can cause end in a message with a remedy, and no special case serves a test",
        ],
        validator_instructions="Take the requirements of the component by their ids. Try each with two inputs of your own, and give the inputs with their output. Break the code in three places, see that a test fails each time, and take it back.",
        reviewer="{review}",
    ),
)

ACCEPT = Phase(
    id=4,
    name="accept",
    description="""Use the merged state as the person would who wrote the document. Others built it: believe nothing that you have not seen. Take at most 60 minutes.

1. Clone the repository to a folder under /tmp and follow `README.md` there, word by word. A step that is missing is a failure, even if you know it.
2. Try each requirement of `docs/requirements.yaml` on the running software, as a user would and not by its test. Write to `docs/acceptance/<component>.md`, for each id, what you did and what came out, failures too.
3. Try what nobody asked for but everybody expects: a wrong argument, an empty file, a second start, two at once.
4. Run all tests.

Mend nothing but `README.md`. Tasks that failed are listed in your description: say what is missing because of them.""",
    done_definitions=[
        "Each id of `docs/requirements.yaml` stands in docs/acceptance with what was done and what came out",
        "README.md was followed in a fresh clone, and all tests were run on the merged state",
        "Each failure has a phase 3 task with the command and its output, or the result is handed in",
    ],
    outputs=["docs/acceptance, one file per component"],
    next_steps=[
        "A failure: create one phase 3 task per component that fails, with the ids, the command, its output and what was expected. After it the system starts the next round, at most four; then a person decides",
        "No failure, and `docs/later.md` has a milestone that the launch asks for: create a phase 1 task that moves it to `docs/requirements.yaml`",
        "No failure and no milestone left: call `submit_result` with each id and what came out, and as evidence the commands with their output. Another agent judges it on the merged state, and the work is delivered",
    ],
    join=[1, 2, 3],
    max_rounds=4,
    leads_to=[3, 1, "result"],
    validation=ValidationCriteria(
        enabled=True,
        criteria=[
            _README_RUNS,
            Check(check_type="test_pass"),
            _ACCEPTED,
            Check(check_type="paths_only", target=["docs/acceptance/**", "README.md"]),
        ],
        reviewer="machine",
    ),
)

PRD_PHASES = [REQUIREMENTS, SKELETON, BUILD, ACCEPT]

PRD_WORKFLOW_CONFIG = WorkflowConfig(
    has_result=True,
    result_criteria="""The software does what the document of the launch asks for, and runs show it:
- ten requirements, those that the checks have drawn or ten of the judge's choice, hold when the judge tries them as a user
- the judge gets from a fresh clone to a running program by README.md alone
- each requirement has an account of its acceptance that fits what the judge saw
- each decision on an open question has a reason, and none contradicts the document""",
    result_checks=[
        Check(check_type="test_pass", description="all tests pass on the merged state"),
        _README_RUNS,
        Check(
            check_type="ids_covered",
            target=[_MAP, "@tests"],
            pattern=_IDS,
            description="each requirement has a test that names it",
        ),
        _ACCEPTED,
    ],
    # Not `stop_all`: work that is still under way is merged no more, but stays in its branches.
    on_result_found="complete",
    on_result_rejected=3,
    conflict_resolution="agent",
    setup_command="{setup_command}",
    test_command="{test_command}",
)

PRD_LAUNCH_TEMPLATE = LaunchTemplate(
    parameters=[
        LaunchParameter(name="project_name", label="Project name"),
        LaunchParameter(
            name="project_type",
            label="Kind of software",
            type="dropdown",
            options=[
                "Command-line tool",
                "Library",
                "Web application",
                "Web service",
                "Mobile application",
                "Desktop application",
                "Other",
            ],
            default="Other",
        ),
        LaunchParameter(
            name="prd_content",
            label="Requirements document",
            type="textarea",
            description="The document itself, or the path of a file in the repository",
        ),
        LaunchParameter(
            name="tech_preferences",
            label="Technology to use or to avoid",
            type="textarea",
            required=False,
            default="(no preference)",
        ),
        LaunchParameter(
            name="additional_context",
            label="Anything else",
            type="textarea",
            required=False,
            default="(nothing)",
        ),
        LaunchParameter(
            name="approve_requirements",
            label="A person approves the requirements",
            type="boolean",
            required=False,
            default=False,
            description="Otherwise another agent compares them with the document",
        ),
        LaunchParameter(
            name="milestones",
            label="Milestones",
            type="number",
            required=False,
            default=1,
            description="Each has at most 60 requirements; the others stay in docs/later.md",
        ),
        *common_parameters(most_tasks=12, of="components of one milestone"),
    ],
    phase_1_task_prompt=f"""Turn this document into requirements and components, and create the phase 2 task that builds the skeleton.

# {{project_name}}

Kind of software: {{project_type}}

## Requirements document
````
{{prd_content}}
````

## Technology to use or to avoid
````
{{tech_preferences}}
````

## Anything else
````
{{additional_context}}
````

{PATHS_IN_PROMPT}""",
)

PRD_DEFINITION = WorkflowDefinition(
    id="prd-to-software",
    name="PRD to Software Builder",
    description="Build working software from a Product Requirements Document",
    phases=PRD_PHASES,
    config=PRD_WORKFLOW_CONFIG,
    launch_template=PRD_LAUNCH_TEMPLATE,
)

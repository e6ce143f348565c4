"""The index of a repository: phase 1 divides it, phase 2 reads each area, phase 3 puts it together."""

from hephaestus_sdk import (
    LaunchParameter,
    LaunchTemplate,
    Phase,
    WorkflowConfig,
    WorkflowDefinition,
)
from hephaestus_sdk.models import Check, ValidationCriteria
from workflows.launch_fields import common_parameters

_FOLDER = "docs/index"
_MAP = f"{_FOLDER}/areas.yaml"
_INDEX = f"{_FOLDER}/README.md"
#: The sections of the document of each area.
_SECTIONS = [
    *("## Purpose", "## Entry points", "## Main types", "## Data flow", "## Invariants"),
    *("## Tests", "## Traps", "## Open questions"),
]
_COVERED = Check(check_type="area_map", target=[_MAP, _FOLDER], threshold=20)
_LINKED = Check(check_type="links_resolve", target=[_FOLDER])
_REFERRED = Check(
    check_type="references_exist",
    target=[_FOLDER],
    description="references like `src/a.py:12 name` in docs/index are right",
)
_COMMANDS_RUN = Check(check_type="console_blocks", target=[_INDEX], threshold=1, timeout=3600)
_INDEX_ONLY = Check(check_type="paths_only", target=[f"{_FOLDER}/**"])

SURVEY = Phase(
    id=1,
    name="survey",
    description="""Divide the repository into areas, each of which one agent can read whole. Take at most 20 minutes, and change nothing but `docs/index/areas.yaml`.

1. Look at the tree, the build files, the owners and the sizes of folders. Read code only as far as you need it to see where one purpose ends.
2. Write the map of areas: an id of small letters and hyphens, and the patterns of the files. An area has one purpose and about 60 files, tests among them. The depth {depth} asks for at most 6 areas (overview), 12 (normal) or 20 (deep).
3. Leave out, by name and with a reason, what nobody wrote by hand (generated, vendored, binary) and what the launch does not ask for. Every other file of the repository is in exactly one area.
4. Find the commands for set-up and for all tests, run them once, and store them with `record_facts`.""",
    done_definitions=[
        "Each file of the repository is in exactly one area of `docs/index/areas.yaml`, or left out with a reason",
        "The number of areas is at most that of the depth",
        "`record_facts` has the command for all tests, or the summary says why there is none",
        "One phase 2 task exists per area",
    ],
    outputs=["docs/index/areas.yaml"],
    next_steps=[
        "Create one phase 2 task per area, at most {most_tasks}: its id, its patterns, its purpose as far as you saw it, and areas beside it. Their agents work side by side",
    ],
    leads_to=[2],
    validation=ValidationCriteria(
        enabled=True,
        criteria=[
            Check(check_type="area_map", target=[_MAP], threshold=20),
            Check(check_type="paths_only", target=[_MAP]),
        ],
        reviewer="machine",
    ),
)

READ = Phase(
    id=2,
    most_tasks="{most_tasks}",
    name="read area",
    description="""Read one area and write down what somebody has to know before changing it. Take 30 to 45 minutes. Others read the areas beside yours at this moment.

Write `docs/index/<id of the area>.md`, of one to three pages, with these sections: Purpose, Entry points, Main types, Data flow (what comes in, from where, and what goes out), Invariants, Tests (and the command that runs them), Traps, Open questions.

- Each claim about the code carries a reference in backticks: path, line, and a name that stands there. Write at least ten.
- Read what you describe, and run the tests of the area. What you only suppose stands under Open questions.
- Write what the code does not say by itself: why, in which order, what breaks. Retell no function line by line.

A bug that you come upon stands under Traps, with its reference; mend nothing.""",
    done_definitions=[
        "The document of the area has the eight sections, none of them empty",
        "It has at least ten references, each with a line and a name that stands there",
        "The tests of the area were run, and their command and outcome stand under Tests",
        "The summary names the three traps that cost a newcomer most",
    ],
    outputs=["The document of the area"],
    next_steps=[
        "Create no task: the system starts phase 3 by itself when all areas are read",
        "Give what agents of later tasks must know as key learnings of your report",
    ],
    leads_to=[3],
    validation=ValidationCriteria(
        enabled=True,
        criteria=[
            Check(
                check_type="file_contains",
                target=[f"{_FOLDER}/*.md"],
                pattern=_SECTIONS,
                description=f"your document has the headings {', '.join(_SECTIONS)}",
            ),
            Check(check_type="references_exist", target=[f"{_FOLDER}/*.md"], threshold=10),
            Check(check_type="paths_only", target=[f"{_FOLDER}/*.md"]),
        ],
        reviewer="machine",
    ),
)

ASSEMBLE = Phase(
    id=3,
    name="assemble",
    description="""Put the documents of the areas together to an index that a newcomer begins with. Take at most 45 minutes.

1. Read all of `docs/index`. Where two documents contradict each other, look at the code and correct the wrong one.
2. Write `docs/index/README.md`:
   - a map: each area in one or two sentences, with a link to its document and to those that it calls
   - set-up, build and tests, in blocks marked `console` that run as they are on a fresh clone; what does not end stands in a block marked `sh`
   - the ten questions that a newcomer asks, each with an answer and a reference to the code
3. Check ten references of your choice against the code, from as many areas as there are.

Tasks that failed are listed in your description: say in the index which areas are missing because of them. Change nothing outside of docs/index.""",
    done_definitions=[
        "`docs/index/README.md` links the document of each area, and all links lead somewhere",
        "Its console blocks were run on a fresh clone, one after the other",
        "It answers ten questions, each with a reference",
        "The result is handed in, or a phase 2 task exists for each area that has to be read again",
    ],
    outputs=["docs/index/README.md"],
    next_steps=[
        "A document is wrong in more than two places, or missing: create a phase 2 task for its area that says what is wrong. After it the system starts the next round, at most three; then a person decides",
        "Otherwise call `submit_result` with the ten questions and answers, and as evidence the references that you checked. Another agent judges it, and the index is delivered",
    ],
    join=[1, 2],
    max_rounds=3,
    leads_to=[2, "result"],
    validation=ValidationCriteria(
        enabled=True,
        criteria=[
            _COVERED,
            _LINKED,
            _REFERRED,
            _COMMANDS_RUN,
            _INDEX_ONLY,
            "Of the twenty references that the checks have drawn, or of all if there are fewer, at least 19 of 20 say what the code does",
            "The ten answers of the index hold when you look at the code",
        ],
        validator_instructions="Open each reference that the checks have drawn, read the sentence around it and the code, and say for each whether it is right. Name each wrong one with the document, its line and what the code does instead.",
        reviewer="{review}",
    ),
)

INDEX_REPO_PHASES = [SURVEY, READ, ASSEMBLE]

INDEX_REPO_WORKFLOW_CONFIG = WorkflowConfig(
    has_result=True,
    result_criteria="""The index tells the truth about the code:
- of the references that the checks have drawn, at least 19 of 20 say what the code does
- the documents answer the questions of the launch, and each area has one
- the judge finds by the index alone where three changes of the judge's choice would be made""",
    result_checks=[_COVERED, _LINKED, _REFERRED, _COMMANDS_RUN, _INDEX_ONLY],
    on_result_found="complete",
    on_result_rejected=2,
    conflict_resolution="agent",
    setup_command="{setup_command}",
    test_command="{test_command}",
    # No product file changes, so a suite that was red before holds back nothing.
    delivery_check="",
)

INDEX_REPO_LAUNCH_TEMPLATE = LaunchTemplate(
    parameters=[
        LaunchParameter(
            name="repo_context",
            label="What is known of the repository",
            type="textarea",
            required=False,
            default="(nothing)",
            description="Its purpose, and questions that the index has to answer",
        ),
        LaunchParameter(
            name="include",
            label="Only these folders",
            type="textarea",
            required=False,
            default="**",
            description="One folder or pattern a line",
        ),
        LaunchParameter(
            name="exclude",
            label="Not these folders",
            type="textarea",
            required=False,
            default="(none)",
            description="One folder or pattern a line",
        ),
        LaunchParameter(
            name="depth",
            label="Depth",
            type="dropdown",
            options=["overview", "normal", "deep"],
            default="normal",
            description="At most 6, 12 or 20 areas",
        ),
        # All others: it changes docs/index and nothing else.
        *(
            each
            for each in common_parameters(most_tasks=20, of="areas read")
            if each.name != "paths"
        ),
    ],
    phase_1_task_prompt="""Divide this repository into areas, and create a phase 2 task for each that reads it.

## What is known of the repository
````
{repo_context}
````

## Only these folders
````
{include}
````

## Not these folders
````
{exclude}
````
""",
)

INDEX_REPO_DEFINITION = WorkflowDefinition(
    id="index-repo",
    name="Index Repository",
    description="Describe a repository area by area, with references to the code that hold",
    phases=INDEX_REPO_PHASES,
    config=INDEX_REPO_WORKFLOW_CONFIG,
    launch_template=INDEX_REPO_LAUNCH_TEMPLATE,
)

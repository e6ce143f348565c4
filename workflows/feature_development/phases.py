"""The feature workflow: phase 1 plans by examples, phase 2 builds slices, phase 3 checks them."""

from hephaestus_sdk import (
    LaunchParameter,
    LaunchTemplate,
    Phase,
    WorkflowConfig,
    WorkflowDefinition,
)
from hephaestus_sdk.models import Check, ValidationCriteria
from workflows.launch_fields import PATHS_IN_PROMPT, common_parameters

_PLANS = "docs/features/*.md"
_IN_PATHS = Check(check_type="paths_only", target=["{paths}", "@tests", "docs/features/**"])

UNDERSTAND = Phase(
    id=1,
    name="understand",
    description="""Plan the feature by examples that can be tested. Take at most 45 minutes, and write no product code.

1. Read the code that the feature touches, and the most similar feature that there is. If no command for all tests stands under "The project", find it, run it once, and store it with `record_facts`.
2. Write one plan, `docs/features/<short-name>.md`, of at most 200 lines. Examples have ids (EX_01) and the form given, when, then: at least three, among them one wrong input and one empty case. Examples of the launch go in word by word. Name what is left out, each file to change or to make, and the risks.
3. Cut the work into slices, at most {most_tasks}, of up to 400 changed lines each. The first is the thinnest way through all layers that brings about one example. Each example belongs to one slice.

If the launch can be read in two ways that lead to different code, call `ask_person` with both as options and `wait`. Decide everything smaller yourself, and write the reason beside the decision.""",
    done_definitions=[
        "The plan holds at least three examples with ids, each with an input, an action and an outcome",
        "Each file in the plan exists or is marked (new)",
        "One phase 2 task exists per slice, or a result with outcome `needs_decision` is handed in",
    ],
    outputs=["The plan, committed"],
    next_steps=[
        "Create one phase 2 task per slice, with the path of the plan, the number of the slice and its example ids; do not copy the plan. The first with `start` set to when_i_am_done, so that it begins with the reviewed plan; each other one `after` the slices that it builds on",
    ],
    leads_to=[2, "result"],
    validation=ValidationCriteria(
        enabled=True,
        criteria=[
            Check(check_type="paths_only", target=["docs/features/**"]),
            Check(check_type="feature_plan", target=[_PLANS], threshold=3),
            "Together the examples cover what the launch asks for; its own examples stand among them word by word",
            "Each example can fail: a test can tell whether its outcome came about",
            "The files to change are those that similar code of the repository suggests; no boundary is crossed without a reason",
            "The first slice goes through all layers, and none is likely to exceed 400 changed lines",
        ],
        validator_instructions="Read the launch and the code first, and note the files and examples that you would have named. Only then read the plan and compare. A mistake here costs every slice: name each missing example, and each file that is missing or needless.",
        reviewer="{approve_plan}",
    ),
)

BUILD = Phase(
    id=2,
    most_tasks="{most_tasks}",
    name="build",
    description="""Build one slice of the plan that your task names, with its tests. Take at most 90 minutes.

1. Read the plan and the code that is there. What earlier slices built is in your worktree.
2. For each example of your slice write a test whose name holds its id, such as `test_EX_02_empty_input`. Run it before the code is there, and see it fail.
3. Build the smallest thing that makes these tests pass, in the style of the code around it. Call it from where users reach it: a function that nothing calls is not done.
4. Check inputs from outside, and let a wrong one end in a message that says what to do. Update the pages and the changelog that speak of what you changed.
5. Run all tests, and the command for style if one stands under "The project".

Change the files that the plan names. For each other one the summary says why. Up to 400 changed lines beside tests are usual. If the plan is wrong, correct the plan in the same commit and say so in the summary.""",
    done_definitions=[
        "Each example of the slice has a test with its id in the name, which was seen red first; `proof` holds the command that runs these tests alone (`command`)",
        "All tests pass",
        "The summary gives the call from which users reach the new code, and a reason for each file that the plan does not name",
    ],
    outputs=["The slice with its tests, committed"],
    next_steps=[
        "Create no task for the check: the system starts phase 3 by itself when the phases 1 and 2 are at rest",
        "Work that the slice needs and that no other slice has: create a phase 2 task with its examples, `after` your own. For a bug in older code, put a reproduction into your summary and leave it",
    ],
    leads_to=[3],
    validation=ValidationCriteria(
        enabled=True,
        criteria=[
            _IN_PATHS,
            Check(check_type="tests_kept"),
            Check(check_type="red_green"),
            Check(check_type="test_pass"),
            "Each example id of the slice stands in the name of a test, and that test asserts the outcome of the example",
            "The new code is called from where users reach it",
            "Wrong, empty and hostile inputs end in an error that the caller can act on; nothing is swallowed",
            "Files that the plan does not name are changed only for a reason in the report",
        ],
        validator_instructions="Try one example of the slice by hand, as a user, and two inputs of your own. Search for callers of each new function. Give command and output for each thing that does not hold.",
        reviewer="{review}",
    ),
)

CHECK = Phase(
    id=3,
    name="check",
    description="""Check the merged feature as its user. Others built it: believe nothing that you have not seen. Take at most 45 minutes.

1. Try each example of the plan by hand, in its order, with the real program and not with its tests. Keep each command with its output.
2. Run all tests on the merged state. Compare failures with the base branch; those that it has, too, are older.
3. Try three older features that share code with the new one.
4. Look for what nobody listed and everybody expects: a wrong argument, an empty file, a second start.
5. Read the pages and the changelog that speak of the feature, and follow one of them word by word.

Mend nothing here. You may add tests, nothing else. Tasks that failed are listed in your description: say in the result which examples are missing because of them.""",
    done_definitions=[
        "Each example was tried by hand, and stands in the result with its command and output",
        "All tests were run on the merged state, and the end of their output is in the result",
        "Three older features near the new one were run, with their output",
        "The result is handed in, or a phase 2 task holds the command and output of each failure",
    ],
    outputs=["The workflow's result, or a phase 2 task for each failure"],
    next_steps=[
        "Everything holds: call `submit_result` with a table of the examples as content, commands with output as evidence, and as `proof` the `command` that runs the new tests. The system checks it, another agent judges it, and the work is delivered",
        "Something fails: create a phase 2 task with the command, its output and the example. After it the system starts the next round, at most three; then a person decides",
    ],
    join=[1, 2],
    max_rounds=3,
    leads_to=[2, "result"],
    validation=ValidationCriteria(
        enabled=True,
        criteria=[
            Check(check_type="paths_only", target=["@tests"]),
            Check(check_type="tests_kept"),
        ],
        reviewer="machine",
    ),
)

FEATURE_PHASES = [UNDERSTAND, BUILD, CHECK]

FEATURE_WORKFLOW_CONFIG = WorkflowConfig(
    has_result=True,
    result_criteria="""The feature does what the launch asks for, and runs show it:
- each example of the plan has a test with its id, and three that the judge draws work by hand
- all tests pass, or remaining failures are older; behaviour that was there before is unchanged
- the new code is called from where users reach it, and fits the code around it
- no public name is gone and none has another meaning, except where the launch asks for it""",
    result_checks=[
        Check(
            check_type="ids_covered",
            target=[_PLANS, "@tests"],
            pattern=["EX_*"],
            description="each example of the plan has a test",
        ),
        Check(check_type="test_pass", description="all tests pass on the merged state"),
        Check(check_type="red_green", description="the new tests fail without the feature"),
        Check(check_type="tests_kept", description="no test is gone, skipped or weaker"),
        _IN_PATHS,
    ],
    on_result_found="complete",
    on_result_rejected=2,
    conflict_resolution="agent",
    setup_command="{setup_command}",
    test_command="{test_command}",
)

FEATURE_LAUNCH_TEMPLATE = LaunchTemplate(
    parameters=[
        LaunchParameter(name="feature_title", label="Title", description="The feature in one line"),
        LaunchParameter(
            name="feature_description",
            label="Feature",
            type="textarea",
            description="What users will be able to do, and why they want it",
        ),
        LaunchParameter(
            name="target_area",
            label="Part of the code",
            required=False,
            default="(not named)",
            description="Where the feature belongs, as far as it is known",
        ),
        LaunchParameter(
            name="acceptance",
            label="Examples",
            type="textarea",
            required=False,
            default="(none given)",
            description="Given, when, then; they become examples of the plan word by word",
        ),
        LaunchParameter(
            name="out_of_scope",
            label="Left out",
            type="textarea",
            required=False,
            default="(nothing named)",
        ),
        LaunchParameter(
            name="approve_plan",
            label="A person approves the plan",
            type="boolean",
            required=False,
            default=False,
            description="Otherwise another agent reviews it",
        ),
        *common_parameters(most_tasks=5, of="slices"),
    ],
    phase_1_task_prompt=f"""Plan this feature by examples, and create the phase 2 tasks that build it.

# {{feature_title}}

Part of the code: {{target_area}}

## What is wanted
````
{{feature_description}}
````

## Examples that have to hold
````
{{acceptance}}
````

## What is left out
````
{{out_of_scope}}
````

{PATHS_IN_PROMPT}""",
)

FEATURE_DEFINITION = WorkflowDefinition(
    id="feature-development",
    name="Feature Development",
    description="Plan a feature by examples, build it slice by slice, and check the merged state",
    phases=FEATURE_PHASES,
    config=FEATURE_WORKFLOW_CONFIG,
    launch_template=FEATURE_LAUNCH_TEMPLATE,
)

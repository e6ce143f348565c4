"""The bug-fix workflow: phase 1 proves the bug, phase 2 removes its cause, phase 3 verifies that."""

from hephaestus_sdk import (
    LaunchParameter,
    LaunchTemplate,
    Phase,
    WorkflowConfig,
    WorkflowDefinition,
)
from hephaestus_sdk.models import Check, ValidationCriteria
from workflows.launch_fields import NAMED_PATHS, PATHS_IN_PROMPT, common_parameters

PROVE = Phase(
    id=1,
    most_tasks="{most_tasks}",
    name="prove",
    description="""Prove one bug with a test, then name its cause. Take at most 30 minutes.

1. Find the code that the report speaks of. If no command for all tests stands under "The project", find it, run it once, and store it with `record_facts`.
2. Write the smallest automated test that fails because of this bug, in a file of tests and in the project's style. Run it alone and read its output: it has to fail for the reported reason, not by a typo.
3. Follow the failure back to one statement, and to the assumption in it that is wrong. Search the code for the same assumption.

Change nothing else. Your test is merged together with its fix, so it turns nobody's tests red.

A report that does not match the code is a finding, too:
- The behaviour does not appear in three different tries: take your test out again and call `submit_result` with outcome `not_reproduced`, each try with its output, and the versions.
- The report can be read in two ways, or the behaviour looks intended: call `ask_person` with both readings as options and `wait`. Without an answer, submit outcome `needs_decision`.""",
    done_definitions=[
        "One test fails because of the bug, and `proof` holds its name (`test`), the command that runs it alone (`command`) and a text of its output (`expect`)",
        "The summary names the cause by file, statement and wrong assumption, and each other place with that assumption",
        "One phase 2 task exists, or a result with another outcome than `done` is handed in",
    ],
    next_steps=[
        "Create one phase 2 task: the cause by file, statement and assumption, the name of the failing test, the command that runs it, and further bugs that you saw. Its agent starts from your commit",
        "Do not prove further bugs yourself; that agent creates a phase 1 task for each, once its own tests are green",
    ],
    leads_to=[2, "result"],
    merge="with_children",
    validation=ValidationCriteria(
        enabled=True,
        criteria=[
            Check(check_type="paths_only", target=["@tests"]),
            Check(check_type="tests_kept"),
            Check(check_type="test_fails"),
        ],
        reviewer="machine",
    ),
)

FIX = Phase(
    id=2,
    name="fix",
    description="""Remove one cause with the smallest change that a maintainer would accept. Take at most 60 minutes.

1. Run the test that your task names, and see it fail.
2. Correct the wrong statement, and each other place with the same assumption that your task names. Add no special case for the reported input, swallow no error, weaken no test.
3. Run that test again, then all tests. Leave a failure alone that the code had before your change; show it on the unchanged code, and put the command into the summary.

Up to 400 changed lines are usual; the summary says why it takes more. Leave out what the bug does not need: reformatting, renaming, new dependencies, CI. If your task has no test that fails, write one first.

If the cause is gone already, change nothing, and report with `nothing_follows` and the command that shows it.""",
    done_definitions=[
        "The test fails without the change and passes with it; `proof` holds its name (`test`) and the command that runs it alone (`command`)",
        "All tests pass, or the summary shows for each failure that the unchanged code has it",
        "The diff holds at most 400 lines beside tests, or the summary says why it has more",
        "Each further bug has a phase 1 task or stands in the summary",
    ],
    outputs=["The fix and its test, committed"],
    next_steps=[
        "Create no task for the verification: the system starts phase 3 by itself when the phases 1 and 2 are at rest",
        "For each further bug, create a phase 1 task with what you saw, once your own tests are green. A round takes at most {most_tasks} bugs; name the rest in your summary",
    ],
    leads_to=[3],
    validation=ValidationCriteria(
        enabled=True,
        criteria=[
            NAMED_PATHS,
            Check(check_type="tests_kept"),
            Check(check_type="red_green"),
            Check(check_type="test_pass"),
            "The cause is gone and not hidden: two inputs of your own, near the reported one, give what the report expects",
            "No special case for the reported input, no swallowed error, no weakened assertion",
            "The bug needs each changed line; if there are more than 400 beside tests, the report says why",
        ],
        validator_instructions="Choose two inputs that stand in neither the report nor the tests, run them, and name them in your feedback with their output. Find the statement that the report calls the cause, and see in the diff whether it was corrected there. If the work does not pass, give the command and the output that show why.",
        reviewer="{review}",
    ),
)

VERIFY = Phase(
    id=3,
    name="verify",
    description="""Try to break the merged state. Others wrote it: believe nothing that you have not seen. Take at most 45 minutes.

1. For each new test: put the product's changed files back to what the base branch has and run the test, which has to fail. Restore them and run it again, and it has to pass.
2. Run all tests on the merged state.
3. Run at least five inputs near the reported one: empty, a single one, very large, repeated, in another order. Where the code may run several times at once, run it so.
4. Read the whole change as a stranger. Is the cause gone, or only hidden? What could have broken elsewhere? Run that.

Mend nothing here. You may add tests for what you tried, nothing else. Tasks that failed are listed in your description: say in the result what is missing because of them.""",
    done_definitions=[
        "Each new test was seen to fail without the change and to pass with it",
        "All tests were run on the merged state, and the end of their output is in the result",
        "At least five inputs near the reported one were run, and each stands in the result with its output",
        "The result is handed in, or a phase 2 task holds the command and output of what is wrong",
    ],
    outputs=["The workflow's result, or a phase 2 task for each thing that is wrong"],
    next_steps=[
        "Nothing is wrong: call `submit_result` with the cause, the change and the further bugs that were left, as evidence the commands with their output, and as `proof` the `command` that runs the new tests. The system checks it, another agent judges it, and the work is delivered",
        "Something is wrong: create a phase 2 task with the command, its output and what was expected. After it the system starts the next round, at most three; then a person decides",
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

BUG_FIX_PHASES = [PROVE, FIX, VERIFY]

BUG_FIX_WORKFLOW_CONFIG = WorkflowConfig(
    has_result=True,
    result_criteria="""The reported bug is gone, and runs show it:
- a test in the change fails without the fix and passes with it, and all tests pass or remaining failures are older
- the cause is corrected and not its symptom: two inputs of the judge's own, near the reported one, give what was expected
- nothing in the change is a special case for the reported input or is not needed
- each command named as evidence gives the judge the same output""",
    result_checks=[
        Check(check_type="red_green", description="the new test fails without the fix"),
        Check(check_type="test_pass", description="all tests pass on the merged state"),
        Check(check_type="tests_kept", description="no test is gone, skipped or weaker"),
        NAMED_PATHS,
    ],
    on_result_found="complete",
    on_result_rejected=2,
    conflict_resolution="agent",
    setup_command="{setup_command}",
    test_command="{test_command}",
)

BUG_FIX_LAUNCH_TEMPLATE = LaunchTemplate(
    parameters=[
        LaunchParameter(name="bug_title", label="Title", description="The bug in one line"),
        LaunchParameter(
            name="bug_description",
            label="Bug description",
            type="textarea",
            description="What happens, and what should happen instead",
        ),
        LaunchParameter(
            name="severity",
            label="Severity",
            type="dropdown",
            options=["Critical", "High", "Medium", "Low"],
            default="Medium",
        ),
        LaunchParameter(
            name="bug_type",
            label="Kind",
            type="dropdown",
            options=["Wrong result", "Crash", "Regression", "Performance", "Security", "Other"],
            default="Other",
        ),
        LaunchParameter(
            name="reproduction_steps",
            label="Steps to reproduce",
            type="textarea",
            required=False,
            default="(none given)",
        ),
        LaunchParameter(
            name="expected_behavior",
            label="Expected behaviour",
            type="textarea",
            required=False,
            default="(see the description)",
        ),
        LaunchParameter(
            name="affected_component",
            label="Affected part",
            required=False,
            default="(unknown)",
        ),
        LaunchParameter(
            name="error_message",
            label="Error message or stack trace",
            type="textarea",
            required=False,
            default="(none given)",
            description="Kept letter by letter",
        ),
        *common_parameters(most_tasks=4, of="bugs fixed, those found on the way included"),
    ],
    phase_1_task_prompt=f"""Prove this bug with a failing test, name its cause, and create the phase 2 task that removes it.

# {{bug_title}}

Severity: {{severity}}
Kind: {{bug_type}}
Affected part: {{affected_component}}

## What is reported
````
{{bug_description}}
````

## Steps to reproduce
````
{{reproduction_steps}}
````

## Expected behaviour
````
{{expected_behavior}}
````

## Error message
````
{{error_message}}
````

{PATHS_IN_PROMPT}""",
)

BUG_FIX_DEFINITION = WorkflowDefinition(
    id="bug-fix",
    name="Bug Fix",
    description="Prove a bug with a failing test, remove its cause, and verify the merged state",
    phases=BUG_FIX_PHASES,
    config=BUG_FIX_WORKFLOW_CONFIG,
    launch_template=BUG_FIX_LAUNCH_TEMPLATE,
)

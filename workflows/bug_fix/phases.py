"""The bug-fix workflow: phase 1 proves the bug, phase 2 removes it, phase 3 tries to break that."""

from hephaestus_sdk import (
    LaunchParameter,
    LaunchTemplate,
    Phase,
    WorkflowConfig,
    WorkflowDefinition,
)

REPRODUCE = Phase(
    id=1,
    name="reproduce",
    description="""Prove the bug, then explain it.

Read the report, find the code it speaks of, and write the smallest automated test that fails because of the bug and for no other reason. Run it and keep what it prints. Follow the failure back to the statement that is wrong and to the assumption behind it. Look whether the same assumption is made elsewhere.

Change no product code in this phase. If the report does not match what the code does, say so plainly: a report that cannot be reproduced is a finding, not a failure of yours.""",
    done_definitions=[
        "An automated test fails because of the bug, and its output is in the summary",
        "The root cause is named: file, statement, and the wrong assumption behind it",
        "A task in phase 2 exists for each cause, and tells its agent which test to turn green",
    ],
    outputs=[
        "The failing test, committed",
        "A summary with the root cause and other places that share it",
    ],
    next_steps=[
        "Create one phase 2 task per root cause: the cause, the failing test's name and the command that runs it",
        "If it cannot be reproduced, create no task; report what you tried and what you saw",
    ],
    additional_notes="Put the test where the project keeps its tests, in the project's own style.",
)

FIX = Phase(
    id=2,
    name="fix",
    description="""Remove the cause with the smallest change that a maintainer would accept.

Begin with the failing test that phase 1 left, and see it fail yourself. Correct the cause, not the symptom: no special case for the reported input, no swallowed error, no weakened test. Then run the whole test suite, not only the new test.

When you come upon a second bug on the way, do not fix it here: create a phase 1 task for it, so that it is proved before it is touched.""",
    done_definitions=[
        "The test from phase 1 passes",
        "The project's whole test suite passes, or each other failure is shown to be older than this change",
        "The change touches nothing that the bug does not need",
        "A phase 3 task exists for this fix",
    ],
    outputs=["The fix and its test, committed"],
    next_steps=[
        "Create one phase 3 task: what changed and why, which commands prove it, and what could have been broken by it",
        "For every other bug you came upon, create a phase 1 task with what you saw",
    ],
)

VERIFY = Phase(
    id=3,
    name="verify",
    description="""Try to break the fix. You did not write it, and you owe it nothing.

Check that the new test fails without the change and passes with it. Run the whole suite. Try inputs near the reported one: empty, huge, repeated, in another order, at the same time. Read the change as a reviewer: is the cause gone, or only hidden?

If anything is left of the bug, or something else broke, create a phase 2 task with the exact command and its output. Otherwise hand in the workflow's result.""",
    done_definitions=[
        "The new test was seen to fail without the fix and to pass with it",
        "The whole test suite was run on the merged state and its outcome is in the summary",
        "Either the workflow's result is handed in with evidence, or a phase 2 task says what is wrong",
    ],
    outputs=["A short account of what was tried and what came out"],
    next_steps=[
        "Sound: hand in the result, with the root cause, the change, and the commands with their output as evidence",
        "Not sound: create a phase 2 task with a reproduction",
    ],
    additional_notes="While another phase 1 or 2 task is still open, do not hand in the result yet; report your task done.",
)

BUG_FIX_PHASES = [REPRODUCE, FIX, VERIFY]

BUG_FIX_WORKFLOW_CONFIG = WorkflowConfig(
    has_result=True,
    result_criteria="""The reported bug is gone, and that is shown, not claimed:
- an automated test covers it; it fails without the change and passes with it
- the project's whole test suite passes, or remaining failures are shown to be older
- the change removes the cause and touches nothing else
- the result names the root cause, and gives as evidence commands that were run with their output""",
    on_result_found="complete",
)

BUG_FIX_LAUNCH_TEMPLATE = LaunchTemplate(
    parameters=[
        LaunchParameter(
            name="bug_title",
            label="Title",
            description="The bug in one line",
        ),
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
        ),
    ],
    phase_1_task_prompt="""Reproduce this bug, find its root cause, and hand each cause on to phase 2.

# {bug_title}

Severity: {severity}
Kind: {bug_type}
Affected part: {affected_component}

## What is reported
{bug_description}

## Steps to reproduce
{reproduction_steps}

## Expected behaviour
{expected_behavior}

## Error message
{error_message}
""",
)

BUG_FIX_DEFINITION = WorkflowDefinition(
    id="bug-fix",
    name="Bug Fix",
    description="Reproduce a bug, fix its cause, and verify the fix",
    phases=BUG_FIX_PHASES,
    config=BUG_FIX_WORKFLOW_CONFIG,
    launch_template=BUG_FIX_LAUNCH_TEMPLATE,
)

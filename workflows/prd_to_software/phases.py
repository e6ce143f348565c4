"""From a requirements document to software: cut it up, build the parts, validate each and all."""

from hephaestus_sdk import (
    LaunchParameter,
    LaunchTemplate,
    Phase,
    WorkflowConfig,
    WorkflowDefinition,
)

REQUIREMENTS = Phase(
    id=1,
    name="requirements",
    description="""Turn the document into parts that can be built side by side.

List every requirement with a number of its own, in words that can be tested: an input, an action, an outcome. Name what the document leaves open and decide it, with the reason beside the decision. Choose the technology only as far as the parts need it to fit together.

Then cut the work into components. A good component has one purpose, an interface that fits on a page, and as few others as possible to wait for. Write the interfaces down before anybody builds against them.""",
    done_definitions=[
        "docs/requirements.md holds every requirement, numbered and testable, and each open question with its decision",
        "docs/components.md holds each component with its purpose, interface and the requirements it serves; no requirement is left without one",
        "The project's skeleton is there and its empty test suite runs",
        "One phase 2 task exists per component that can be begun now",
    ],
    outputs=["docs/requirements.md", "docs/components.md", "A skeleton that builds"],
    next_steps=[
        "Create a phase 2 task per component: its interface, its requirements by number, and what it may rely on",
        "For components that wait for others, say so in the task of the one they wait for, so that its agent creates theirs",
    ],
)

IMPLEMENTATION = Phase(
    id=2,
    name="implementation",
    description="""Build one component, whole, with its tests.

Keep to the interface in docs/components.md. Write the tests from the requirements, not from your code. Handle bad input, absent things and failures as part of the work. Where the interface turns out to be wrong, change the document first and tell whoever depends on it.

Somebody else builds the neighbouring component at this moment: stay in your own files where you can.""",
    done_definitions=[
        "Every requirement of the component has a test that names it, and all tests pass",
        "Errors that a user can cause end in a message that tells the user what to do",
        "A phase 3 task exists for the component, and phase 2 tasks for components that waited for it",
    ],
    outputs=["The component with its tests, committed"],
    next_steps=[
        "Create one phase 3 task: the component, its requirements by number, how to run it",
        "Create phase 2 tasks for components that waited only for this one",
        "If a requirement cannot be built as written, create a phase 1 task that says why",
    ],
)

VALIDATION = Phase(
    id=3,
    name="validation",
    description="""Use what was built, as the person would who wrote the document.

Take the component's requirements one by one, try each on the running software, and write down what you did and what came out. Then use the component together with those that are merged already. Look for what nobody asked but everybody expects: a wrong argument, an empty file, a second start.

When the last component passes, validate the whole: follow the README on a clean checkout, and go through all requirements once more.""",
    done_definitions=[
        "docs/validation.md says for each requirement of the component what was tried and what came out",
        "Each failure has a phase 2 task with the command and its output",
        "When no component is left: README.md leads from a clean checkout to a running program, and the workflow's result is handed in",
    ],
    outputs=["docs/validation.md, kept up to date", "README.md, true to the last command"],
    next_steps=[
        "Something fails: create a phase 2 task with a reproduction",
        "Everything of all components passes: hand in the result, with the table of requirements as its content",
    ],
)

PRD_PHASES = [REQUIREMENTS, IMPLEMENTATION, VALIDATION]

PRD_WORKFLOW_CONFIG = WorkflowConfig(
    has_result=True,
    result_criteria="""The software does what the document asks:
- every requirement in docs/requirements.md is covered by a test that passes
- the whole test suite passes on a clean checkout, with the command and its output as evidence
- README.md leads a newcomer from a clean checkout to a running program
- decisions on open questions are written down with their reasons""",
    on_result_found="stop_all",
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
    ],
    phase_1_task_prompt="""Turn this document into numbered requirements and into components, and hand each component on to phase 2.

# {project_name}

Kind of software: {project_type}
Technology: {tech_preferences}

## Requirements document
{prd_content}

## Anything else
{additional_context}
""",
)

PRD_DEFINITION = WorkflowDefinition(
    id="prd-to-software",
    name="PRD to Software Builder",
    description="Build working software from a Product Requirements Document",
    phases=PRD_PHASES,
    config=PRD_WORKFLOW_CONFIG,
    launch_template=PRD_LAUNCH_TEMPLATE,
)

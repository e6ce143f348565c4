"""How an agent's way to its goal is judged: the words for its stage and for steering."""

from hephaestus_core.contract.statuses import Described


class Stage(Described):
    """What an agent is at."""

    EXPLORATION = "exploration", "It finds its way in the repository."
    INFORMATION_GATHERING = "information_gathering", "It reads what its task needs."
    PLANNING = "planning", "It decides how to do the task."
    IMPLEMENTATION = "implementation", "It makes the changes."
    VERIFICATION = "verification", "It checks whether they work."
    COMPLETED = "completed", "The task is done, and is yet to be reported."
    UNKNOWN = "unknown", "The material does not show it."


class SteeringType(Described):
    """Why an agent needs steering."""

    STUCK = "stuck", "The same obstacle stops it again and again."
    DRIFTING = "drifting", "It works on something that is not its task."
    VIOLATING_CONSTRAINTS = "violating_constraints", "It breaks a constraint that stands."
    OVER_ENGINEERING = "over_engineering", "It builds more than its task asks for."
    CONFUSED = "confused", "It goes in circles, or has mistaken its task."
    IDLE = "idle", "It waits although nothing keeps it from going on."

"""The form that launches a workflow, made from its launch template."""

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Label, Select, TextArea

from hephaestus_core.contract.definitions.definition import WorkflowDefinition
from hephaestus_core.contract.definitions.launch_parameters import LaunchParameter
from hephaestus_sdk.api.views import Workflow
from hephaestus_sdk.client import HephaestusClient
from hephaestus_sdk.errors import HephaestusError, InvalidInput
from hephaestus_sdk.launching.launches import filled
from hephaestus_sdk.tui.background import begin

_REPOSITORY: Final = "repository"
_TASK: Final = "first-task"
#: Of a launch, so that no parameter's name is one of ours.
_PARAMETER: Final = "parameter-"


class LaunchForm(ModalScreen[Workflow | None]):
    """Fills a launch in, and launches; its answer is the workflow, or None.

    Args:
        client: the API.
        definition: what is launched.
        repository: proposed; empty: the server's own.
    """

    CSS: ClassVar[str] = """
    LaunchForm { align: center middle; }
    #form { width: 95%; max-width: 100; height: 95%; padding: 0 2;
            border: round $warning; background: $surface; }
    #form Label { margin-top: 1; }
    #form TextArea { height: 5; }
    #fault { color: $error; height: auto; }
    #fields { height: 1fr; }
    """
    #: The own choice would scroll to its field before there is a layout, beyond the field's label.
    AUTO_FOCUS: ClassVar[str | None] = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "leave", "Leave"),
        ("ctrl+s", "launch", "Launch"),
    ]

    def __init__(
        self, client: HephaestusClient, definition: WorkflowDefinition, repository: str
    ) -> None:
        super().__init__()
        self._client = client
        self._definition = definition
        self._repository = repository
        self._busy = False

    def compose(self) -> ComposeResult:
        """Lay out a field for each parameter."""
        with Vertical(id="form"):
            yield Label(Text(f"Launch {self._definition.name}", style="bold"))
            yield Label("", id="fault", markup=False)
            with VerticalScroll(id="fields", can_focus=False):
                yield from self._fields()
            yield Button("Launch (Ctrl-S)", id="launch", variant="primary")

    def on_mount(self) -> None:
        """Begin in the first field."""
        fields = self.query_one("#fields")
        fields.query("Input, TextArea, Select, Checkbox").first(Widget).focus(scroll_visible=False)

    def on_button_pressed(self) -> None:
        """Launch."""
        self.action_launch()

    def action_leave(self) -> None:
        """Close without a launch."""
        self.dismiss(None)

    def action_launch(self) -> None:
        """Check the values and launch; a fault is shown at the top, and nothing is lost."""
        if self._busy:
            return
        try:
            values = self._values()
        except InvalidInput as error:
            self._say(error)
            return
        self._busy = True
        self.query_one("#fault", Label).update("asking the server …")

        def launch() -> None:
            try:
                made = self._client.start_workflow(self._definition.id, **values)
            except HephaestusError as error:
                self.call_later(self._say, error)
            else:
                self.call_later(self._end, made)

        begin(launch)

    def _fields(self) -> Iterator[Widget]:
        template = self._definition.launch_template
        for parameter in template.parameters if template else ():
            star = " *" if parameter.required else ""
            about = f": {parameter.description}" if parameter.description else ""
            yield Label(Text.assemble((f"{parameter.label}{star}", "bold"), (about, "dim")))
            yield _field(parameter)
        if template is None or not template.makes_a_task:
            yield Label(Text("First task *", style="bold"))
            yield TextArea(id=_TASK)
        yield Label(
            Text.assemble(("Repository", "bold"), (": path or URL; empty: the server's own", "dim"))
        )
        yield Input(self._repository, id=_REPOSITORY)

    def _values(self) -> dict[str, Any]:
        """Return what the launch carries.

        Raises:
            InvalidInput: values are missing or wrong.
        """
        template = self._definition.launch_template
        names = [each.name for each in template.parameters] if template else []
        given = {name: _value(self.query_one(f"#{_PARAMETER}{name}")) for name in names}
        task = None
        if template is None or not template.makes_a_task:
            task = self.query_one(f"#{_TASK}", TextArea).text.strip()
            if not task:
                raise InvalidInput("First task: enter what is to be done.", field="task")
        return {
            "launch_params": filled(self._definition, given),
            "main_repo_path": self.query_one(f"#{_REPOSITORY}", Input).value.strip() or None,
            "task": task,
        }

    def _end(self, made: Workflow) -> None:
        self.dismiss(made)

    def _say(self, error: HephaestusError) -> None:
        self._busy = False
        self.query_one("#fault", Label).update(Text(f"✗ {error.message}"))
        name = (error.field or "").removeprefix("launch_params.")
        for field in self.query(f"#{_PARAMETER}{name}" if name.isidentifier() else "#nothing"):
            field.focus()


def _field(parameter: LaunchParameter) -> Widget:
    name, default = f"{_PARAMETER}{parameter.name}", parameter.default
    text = "" if default is None or parameter.hint else str(default)
    if parameter.type == "textarea":
        return TextArea(text, id=name, placeholder=parameter.hint)
    if parameter.type == "boolean":
        return Checkbox("yes", value=bool(default), id=name)
    if parameter.type == "dropdown":
        options = [(option, option) for option in parameter.options]
        return Select(options, id=name, value=text) if text else Select(options, id=name)
    return Input(text, id=name, placeholder=parameter.hint)


def _value(field: Widget) -> Any:
    if isinstance(field, TextArea):
        return field.text
    if isinstance(field, Select):
        return None if field.is_blank() else field.value
    assert isinstance(field, (Input, Checkbox))
    return field.value

"""Groups of commands that name the nearest command to one that there is not."""

import click


class SuggestingGroup(click.Group):
    """A group that asks ``did you mean``, as click does for options."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names.

        Raises:
            UsageError: there is none; the message names the nearest.
        """
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            from hephaestus_core.contract.spelling import nearest  # only where it is needed

            hint = nearest(name, self.list_commands(ctx))
            raise click.UsageError(f"No such command '{name}'{hint or '.'}", ctx)
        return super().resolve_command(ctx, args)

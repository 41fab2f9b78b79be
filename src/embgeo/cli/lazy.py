"""Which commands there are: one file each in `commands/`, under the command's own name.

Typer builds the parameters of every command at each start. For all of them that takes a tenth of a warm command's time,
so only the file of the command that was typed is imported and built.
"""

import copy
import pkgutil
from importlib import import_module
from pathlib import Path

import typer

from embgeo.cli import commands
from embgeo.cli.app import app

FOLDER = Path(commands.__file__).parent


def is_command(name: str) -> bool:
    """Whether there is a command of this name."""
    return name.isidentifier() and (FOLDER / f"{name}.py").is_file()


def command_names() -> list[str]:
    """Every command's name, in alphabetical order."""
    return [module.name for module in pkgutil.iter_modules(commands.__path__)]


def program(name: str) -> typer.Typer:
    """The program: for the name of a command with that command alone, else with all."""
    wanted = [name] if is_command(name) else command_names()
    for one in wanted:
        import_module(f"embgeo.cli.commands.{one}")  # importing it registers the command
    small = copy.copy(app)
    registered = {info.name or getattr(info.callback, "__name__", ""): info for info in app.registered_commands}
    small.registered_commands = [registered[one] for one in wanted if one in registered]
    small.registered_groups = [group for group in app.registered_groups if group.name in wanted]
    return small

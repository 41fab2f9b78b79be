"""Which file each command stands in: only that of the command asked for is imported and built.

Typer builds the parameters of every command at each start; for all of them that takes a tenth of a warm command's time.
"""

import copy
from importlib import import_module
from typing import Final

import typer

from embgeo.cli.app import app

# In the order in which `embgeo` lists them; importing a file registers what stands in it.
FILES: Final = {
    "analogy": "analogy", "neighbors": "analogy", "direction": "direction", "project": "direction",
    "reject": "direction", "parallel": "direction", "similarity": "direction", "cluster": "direction", "odd": "eval", "dot": "dot",
    "tokens": "dot", "vector": "dot", "unembed": "unembed", "positions": "positions", "tour": "tour",
    "space": "space", "info": "models", "pull": "models", "verify": "verify", "export": "export",
    "models": "models", "eval": "eval",
}  # fmt: skip


def program(name: str) -> typer.Typer:
    """The program: for the name of a command with that alone, else with all."""
    for file in dict.fromkeys([FILES[name]] if name in FILES else FILES.values()):
        import_module(f"embgeo.cli.commands.{file}")
    small = copy.copy(app)
    order = [*FILES]
    wanted = [name] if name in FILES else order
    commands = {info.name or getattr(info.callback, "__name__", ""): info for info in app.registered_commands}
    small.registered_commands = [commands[one] for one in order if one in commands and one in wanted]
    small.registered_groups = [group for group in app.registered_groups if group.name in wanted]
    return small

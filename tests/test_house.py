"""The house stands: imports run downwards only, one file prints, public names are what they claim."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.models import CommandInfo

import embgeo
from conftest import write_model
from embgeo.cli.app import app
from embgeo.cli.startup import command_names, program
from fakehub import FakeHub
from pulled import LARGE, model
from schema import NO_QUESTION

SOURCE = Path(embgeo.__file__).parent
# What each room may import; every room may import `errors` and itself.
ROOMS = {
    "cli": {"space", "pictures", "questions", "models", "transformer", "vocabulary", "formats", "numerics", "results"},
    "compat": {"space"},
    "space": {"pictures", "questions", "models", "results"},
    "questions": {"models", "transformer", "vocabulary", "formats", "numerics", "results"},
    "pictures": {"formats", "numerics", "results"},
    "models": {"vocabulary", "formats", "numerics"},
    "transformer": {"formats", "numerics"},
    "vocabulary": {"formats"},
    "formats": {"numerics"},
    "numerics": set(),
    "results": set(),
    "errors": set(),
}


def imports() -> dict[str, set[str]]:
    """For each file, by its dotted name below `embgeo`, the files that it imports, wherever in it that is done."""
    files = {".".join(path.relative_to(SOURCE).with_suffix("").parts): path for path in SOURCE.rglob("*.py")}
    found: dict[str, set[str]] = {name: set() for name in files}
    for name, path in files.items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "embgeo":
                base = str(node.module).partition(".")[2]
                inside = [f"{base}.{alias.name}".strip(".") for alias in node.names]
                found[name].update(one if one in files else base for one in inside)
    return found


def test_imports_run_down_the_table_of_rooms() -> None:
    """A room imports what its row names, `errors` and itself, and nothing else."""
    for name, imported in imports().items():
        room = name.split(".")[0]
        if room.startswith("__"):
            continue
        others = {other.split(".")[0] for other in imported if other} - {room, "errors"}
        assert others <= ROOMS[room], f"{name} imports {sorted(others - ROOMS[room])}"


def test_no_two_files_import_each_other() -> None:
    """Not even by a detour, or inside a function."""
    graph = {name: {other for other in imported if other != name} for name, imported in imports().items()}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join((*path[path.index(name) :], name))
        if name not in done:
            for other in graph.get(name, ()):
                visit(other, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_one_file_writes_to_stdout() -> None:
    """print() and sys.stdout.write stand in cli/output.py alone."""
    for path in SOURCE.rglob("*.py"):
        text = path.read_text()
        if path.name != "output.py":
            assert "print(" not in text.replace("console.print(", "").replace(".print_exc(", ""), path
            assert "stdout.write" not in text, path


def test_public_names() -> None:
    """__all__ is what can be imported, and nothing is loaded before it is asked for."""
    assert [name for name in embgeo.__all__ if not hasattr(embgeo, name)] == []
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = embgeo.nonsense


HEAVY = (
    "tokenizers", "huggingface_hub", "httpx2", "rich", "filelock", "safetensors", "platformdirs", "hashlib",
    "numpy.typing", "embgeo.formats.foreign_files",
)  # fmt: skip
IMPORTED = f"""
import sys
from embgeo.cli.main import run
code = run(sys.argv[1:])
sys.exit(code or sorted({set(HEAVY)!r} & set(sys.modules)) or 0)
"""


def warm(command: str, model: str) -> None:
    """Run a command in a process that exits with the names of what it imported in vain."""
    line = [sys.executable, "-c", IMPORTED, *command.split(), "-m", model, "--json"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["neighbors cat", "analogy king man woman", "direction cats cat", "dot cat dog"])
def test_warm_commands_import_only_what_they_need(command: str) -> None:
    """No tokenizer, no Hub client, no Rich, no lock, no digest for a warm question answered in JSON."""
    warm(command, "minilm")


def test_a_warm_file_takes_no_more_imports(tmp_path: Path) -> None:
    """So it is for a model of the user's own, once it has been prepared."""
    folder = write_model(tmp_path / "own", np.eye(3, dtype=np.float32), ["cat", "dog", "cow"])
    embgeo.load(str(folder))
    warm("neighbors cat", str(folder))


def test_a_warm_model_from_the_hub_takes_no_more_imports(hub: FakeHub) -> None:
    """Nor does it open a connection, or read the settings of the Hub's client."""
    hub.add("openai-community/gpt2", model(), LARGE)
    embgeo.load("gpt2")
    hub.log.clear()
    warm("neighbors cat", "gpt2")
    assert hub.log == []


SHARED = {"reject": "project", "pull": "info", "plot": "plots/pairs"}  # commands whose answers are another's results


GROUPS = {  # whose subcommands have a file each
    "eval": ["questions/evaluation/run.py"],
    "plot": [f"questions/plots/{part}.py" for part in ("pairs", "direction", "neighbors", "positions", "context")],
}


def test_one_word_a_question() -> None:
    """A command's name is that of its files and, where one loaded model answers, of a method and golden files."""
    for name in set(command_names()) - NO_QUESTION:
        places = [f"cli/commands/{name}.py", f"results/{SHARED.get(name, name)}.py"]
        places += ["cli/figures.py"] if name == "plot" else [f"cli/tables/{name}.py"]
        places += GROUPS.get(name, [f"questions/{name}.py"])
        assert [place for place in places if not (SOURCE / place).is_file()] == [], name
        assert list((Path(__file__).parent / "golden").glob(f"{name}*.txt")), name
        if name not in ("pull", "models"):  # about the models on this machine
            methods = [method for method in dir(embgeo.EmbeddingSpace) if method.split("_")[0] == name]
            assert methods, name


def test_a_command_and_its_method_say_the_same() -> None:
    """The first line of a command's help is the first line of its method's docstring."""
    everything = program("")
    commands = {name_of(info): info for info in everything.registered_commands}
    for group in everything.registered_groups:
        assert group.typer_instance is not None
        commands |= {f"{group.name}_{name_of(info)}": info for info in group.typer_instance.registered_commands}
    methods = {name: getattr(embgeo.EmbeddingSpace, name, None) for name in commands}
    without = {name for name, method in methods.items() if method is None}
    assert without == {"pull", "models_rm"} | NO_QUESTION  # the first two: about the models on this machine
    for name in commands.keys() - without:
        assert first_line(commands[name].help or commands[name].callback) == first_line(methods[name]), name


def name_of(command: CommandInfo) -> str:
    """A command's name as that of a Python function."""
    return (command.name or getattr(command.callback, "__name__", "")).replace("-", "_")


def first_line(documented: object) -> str:
    """The first line of a text, or of the docstring of anything else."""
    text = documented if isinstance(documented, str) else inspect.getdoc(documented) or ""
    return text.partition("\n")[0]


def test_every_command_is_listed_once_and_alone() -> None:
    """The program with all commands has each of them, and a command alone is the one among all."""
    everything = program("")
    listed = [info.name or getattr(info.callback, "__name__", "") for info in everything.registered_commands]
    groups = [str(group.name) for group in everything.registered_groups]
    assert sorted(listed + groups) == command_names()
    assert len(listed) == len(app.registered_commands)
    for name in listed:
        (alone,) = program(name).registered_commands
        assert alone is everything.registered_commands[listed.index(name)]


def test_two_things_never_share_a_name() -> None:
    """No two classes of the package are called the same."""
    places: dict[str, list[str]] = {}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(str(path.relative_to(SOURCE)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}

"""The structure of the package: imports run downwards only, one file prints, and names agree."""

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
    """The files that each file imports anywhere in it, by their dotted names below `embgeo`."""
    files = {".".join(path.relative_to(SOURCE).with_suffix("").parts): path for path in SOURCE.rglob("*.py")}
    results: dict[str, set[str]] = {name: set() for name in files}
    for name, path in files.items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "embgeo":
                base = str(node.module).partition(".")[2]
                modules = [f"{base}.{alias.name}".strip(".") for alias in node.names]
                results[name].update(module if module in files else base for module in modules)
    return results


def test_imports_run_down_the_table_of_rooms() -> None:
    """A room imports only the rooms in its row, `errors` and itself."""
    for name, imported in imports().items():
        room = name.split(".")[0]
        if room.startswith("__"):
            continue
        others = {other.split(".")[0] for other in imported if other} - {room, "errors"}
        assert others <= ROOMS[room], f"{name} imports {sorted(others - ROOMS[room])}"


def test_no_two_files_import_each_other() -> None:
    """There are no import cycles, not even through several files or inside functions."""
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
    """Only cli/output.py calls print() and sys.stdout.write."""
    for path in SOURCE.rglob("*.py"):
        text = path.read_text()
        if path.name != "output.py":
            assert "print(" not in text.replace("console.print(", "").replace(".print_exc(", ""), path
            assert "stdout.write" not in text, path


def test_public_names() -> None:
    """Every name in __all__ exists; another name raises AttributeError."""
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


def check_imports(command: str, model: str) -> None:
    """Run a command, and fail if it imports one of the HEAVY modules."""
    line = [sys.executable, "-c", IMPORTED, *command.split(), "-m", model, "--json"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["neighbors cat", "analogy king man woman", "direction cats cat", "dot cat dog"])
def test_warm_commands_import_only_what_they_need(command: str) -> None:
    """A warm question with JSON output imports no tokenizer, Hub client, Rich, locks or digests."""
    check_imports(command, "minilm")


def test_a_warm_local_model_needs_no_more_imports(tmp_path: Path) -> None:
    """The same holds for a local model, once it is prepared."""
    folder = write_model(tmp_path / "own", np.eye(3, dtype=np.float32), ["cat", "dog", "cow"])
    embgeo.load(str(folder))
    check_imports("neighbors cat", str(folder))


def test_a_warm_model_from_the_hub_needs_no_more_imports(hub: FakeHub) -> None:
    """A cached model from the Hub needs no connection and no Hub client."""
    hub.add("openai-community/gpt2", model(), LARGE)
    embgeo.load("gpt2")
    hub.log.clear()
    check_imports("neighbors cat", "gpt2")
    assert hub.log == []


SHARED = {
    "reject": "project",
    "pull": "info",
    "plot": "plots/pairs",
}  # commands with another one's results


GROUPS = {  # commands with a file for each subcommand
    "eval": ["questions/evaluation/run.py"],
    "plot": [f"questions/plots/{part}.py" for part in ("pairs", "direction", "neighbors", "positions", "context")],
}


def test_one_word_a_question() -> None:
    """A command, its files, its golden files and, for questions to a loaded model, its method have the same name."""
    for name in set(command_names()) - NO_QUESTION:
        places = [f"cli/commands/{name}.py", f"results/{SHARED.get(name, name)}.py"]
        places += ["cli/figures.py"] if name == "plot" else [f"cli/tables/{name}.py"]
        places += GROUPS.get(name, [f"questions/{name}.py"])
        assert [place for place in places if not (SOURCE / place).is_file()] == [], name
        assert list((Path(__file__).parent / "golden").glob(f"{name}*.txt")), name
        if name not in ("pull", "models"):  # not questions to a loaded model
            methods = [method for method in dir(embgeo.EmbeddingSpace) if method.split("_")[0] == name]
            assert methods, name


def test_a_command_and_its_method_have_the_same_first_line() -> None:
    """The first line of a command's help is the first line of its method's docstring."""
    everything = program("")
    commands = {name_of(info): info for info in everything.registered_commands}
    for group in everything.registered_groups:
        assert group.typer_instance is not None
        commands |= {f"{group.name}_{name_of(info)}": info for info in group.typer_instance.registered_commands}
    methods = {name: getattr(embgeo.EmbeddingSpace, name, None) for name in commands}
    without = {name for name, method in methods.items() if method is None}
    assert without == {"pull", "models_rm"} | NO_QUESTION  # the first two are not questions to a loaded model
    for name in commands.keys() - without:
        assert first_line(commands[name].help or commands[name].callback) == first_line(methods[name]), name


def name_of(command: CommandInfo) -> str:
    """A command's name as a Python identifier."""
    return (command.name or getattr(command.callback, "__name__", "")).replace("-", "_")


def first_line(documented: object) -> str:
    """The first line of a text, or of the docstring of another object."""
    text = documented if isinstance(documented, str) else inspect.getdoc(documented) or ""
    return text.partition("\n")[0]


def test_every_command_is_listed_once() -> None:
    """The full program lists each command once; a program for one command has the same command."""
    everything = program("")
    listed = [info.name or getattr(info.callback, "__name__", "") for info in everything.registered_commands]
    groups = [str(group.name) for group in everything.registered_groups]
    assert sorted(listed + groups) == command_names()
    assert len(listed) == len(app.registered_commands)
    for name in listed:
        (command,) = program(name).registered_commands
        assert command is everything.registered_commands[listed.index(name)]


def test_class_names_are_unique() -> None:
    """No two classes of the package have the same name."""
    places: dict[str, list[str]] = {}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(str(path.relative_to(SOURCE)))
    assert {name: files for name, files in places.items() if len(files) > 1} == {}

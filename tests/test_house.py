"""The house stands: imports run downwards only, one file prints, public names are what they claim."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import embgeo
from embgeo.cli.app import app
from embgeo.cli.commands import FILES, program

SOURCE = Path(embgeo.__file__).parent
FLOORS = (
    {"errors", "results", "dtypes", "tokentable", "progress"},
    {"partfile", "openfile", "scratch", "tensorfile", "expression", "pairs", "subspace", "spectrum", "asked"},
    {"held", "provenance", "kernels", "directionfile", "exchange", "transform"},
    {"sources", "store", "vocabulary", "search", "moments"},
    {"digests", "preparing", "embedding", "evidence", "bulk", "units", "census"},
    {"loader", "sweep", "closest"},
    {"companions"},
    {"batch", "derived"},
    {"neighbours", "lookups", "methods", "among", "clusters", "peek"},
    {"analogy", "directions", "shelf", "oddone", "unembed", "export", "hubs", "findings"},
    {"judged", "projections", "evaluation", "positions", "measure"},
    {"many", "walk", "shape"},
    {"tour"},
    {"space", "verify"},
    {"cli"},
)


def rooms() -> dict[str, set[str]]:
    """For each file or package of the top level, the others that it imports."""
    found: dict[str, set[str]] = {}
    for path in SOURCE.rglob("*.py"):
        room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        if room.startswith("__"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "embgeo":
                names = {alias.name for alias in node.names} - {"__version__"}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("embgeo."):
                names = {str(node.module).split(".")[1]}
            else:
                continue
            found.setdefault(room, set()).update(names - {room})
    return found


def test_imports_run_downwards() -> None:
    """Each file imports from lower floors only (see FLOORS); inside sources/ and cli/ files may use each other."""
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    for room, imported in rooms().items():
        for other in imported:
            assert floor[other] < floor[room], f"{room} imports {other}"


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


@pytest.mark.parametrize("command", ["neighbors cat", "analogy king man woman", "direction cats cat", "dot cat dog"])
def test_warm_commands_import_only_what_they_need(command: str) -> None:
    """No tokenizer, no Hub client, no Rich, no lock, no digest for a warm question answered in JSON."""
    code = (
        "import sys; from embgeo.cli.main import run; code = run(sys.argv[1:]); "
        "heavy = {'tokenizers', 'huggingface_hub', 'httpx2', 'rich', 'filelock', 'safetensors', 'platformdirs'}; "
        "heavy.add('hashlib'); "
        "sys.exit(code or sorted(heavy & set(sys.modules)) or 0)"
    )
    line = [sys.executable, "-c", code, *command.split(), "-m", "minilm", "--json"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_command_is_found_in_its_file() -> None:
    """The table that says which file to import is complete, and each command alone is the command among all."""
    everything = program("")
    listed = [info.name or getattr(info.callback, "__name__", "") for info in everything.registered_commands]
    groups = [str(group.name) for group in everything.registered_groups]
    assert sorted(listed + groups) == sorted(FILES)
    assert len(listed) == len(app.registered_commands)
    for name in listed:
        (alone,) = program(name).registered_commands
        assert alone is everything.registered_commands[listed.index(name)]


def test_every_answer_says_which_space_it_is_of() -> None:
    """Whatever quotes a manifest's model, revision and dtype names the transformation of its rows, too."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and {"revision", "dtype"} <= {_of_manifest(part) for part in node.args}:
                assert "transform" in {keyword.arg for keyword in node.keywords}, f"{path.name}:{node.lineno}"


def _of_manifest(node: ast.expr) -> str:
    """The attribute's name in `manifest.name`; empty for anything else."""
    is_one = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "manifest"
    return node.attr if is_one else ""

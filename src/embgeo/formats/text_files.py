"""Which of the user's own files a search reads: files, folders and globs, without what .gitignore names."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from embgeo.errors import UsageError
from embgeo.formats.lines import STANDARD_INPUT

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORES: Final = ".gitignore"
REPOSITORY: Final = ".git"


class TextFile(NamedTuple):
    """A file to read.

    Attributes:
        name: as given, or inside a folder that was.
        named: whether it was given by its own name, and not found in a folder or by a glob.
        problem: why it can't be read, if that is known already.
    """

    name: str
    named: bool
    problem: str = ""


class IgnoreRules(NamedTuple):
    """A .gitignore: the folder it lies in, as an absolute path, and its patterns."""

    folder: str
    patterns: GitIgnoreSpec


def text_files(names: Sequence[str]) -> Iterator[TextFile]:
    """The files that the names stand for, in order; a file reached by several names or links comes only once.

    Raises:
        UsageError: a glob that matches nothing.
    """
    seen = set[str]()
    for name in names:
        for file in _expand(name):
            real = file.name if file.name == STANDARD_INPUT else os.path.realpath(file.name)
            if real not in seen:
                seen.add(real)
                yield file


def _expand(name: str) -> Iterator[TextFile]:
    if name != STANDARD_INPUT and Path(name).is_dir():
        yield from _in_folder(name)
    elif name == STANDARD_INPUT or os.path.lexists(name) or not glob.has_magic(name):
        yield TextFile(name, named=True)
    else:
        for one in _matching(name):
            yield from _in_folder(one) if Path(one).is_dir() else [TextFile(one, named=False)]


def _matching(pattern: str) -> list[str]:
    """What a glob matches, in order; `**` follows no symbolic link, and hidden files need a pattern with a dot."""
    parts = Path(pattern).parts
    first = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    folder = Path(*parts[:first])
    try:
        found = sorted(folder.glob(str(Path(*parts[first:]))))
    except (ValueError, NotImplementedError) as error:
        raise UsageError(f"'{pattern}' is not a glob: {error}", "As in 'notes/**/*.md'.") from None
    if not any(part.startswith(".") for part in parts[first:]):
        found = [one for one in found if not any(part.startswith(".") for part in one.relative_to(folder).parts)]
    if not found:
        raise UsageError(f"no file matches '{pattern}'")
    return [str(one) for one in found]


def _in_folder(folder: str) -> Iterator[TextFile]:
    """All files in a folder without hidden ones, and without what .gitignore names there or above in its repository."""
    problems: list[OSError] = []
    rules = {_absolute(folder): _above(_absolute(folder), problems)}
    for place, folders, files in os.walk(folder, onerror=problems.append):
        here = _absolute(place)
        ours = rules.pop(here) + (_read_rules(here, problems) if IGNORES in files else [])
        folders[:] = sorted(one for one in folders if not _left_out(one, f"{here}/{one}/", ours))
        rules |= {f"{here.rstrip('/')}/{one}": ours for one in folders}
        for name in sorted(one for one in files if not _left_out(one, f"{here}/{one}", ours)):
            yield TextFile(str(Path(place, name)), named=False)
    for error in problems:
        yield TextFile(str(error.filename), named=False, problem=error.strerror or str(error))


def _absolute(place: str) -> str:
    """A full path with links unresolved, and with slashes on Windows too, as in patterns."""
    return Path(os.path.abspath(place)).as_posix()  # noqa: PTH100


def _left_out(name: str, path: str, rules: Sequence[IgnoreRules]) -> bool:
    return name.startswith(".") or _ignored(path, rules)


def _ignored(path: str, rules: Sequence[IgnoreRules]) -> bool:
    """Whether the last pattern that matches a path, of the innermost .gitignore, names it; a folder ends in a slash."""
    for folder, patterns in reversed(rules):
        inside = path[len(folder.rstrip("/")) + 1 :]
        if (named := patterns.check_file(inside).include) is not None:
            return bool(named)
    return False


def _above(folder: str, problems: list[OSError]) -> list[IgnoreRules]:
    """The rules above a folder up to its repository's root; none if they name the folder, which the user names too."""
    parents = [one.as_posix() for one in Path(folder).parents]
    within = [folder, *parents]
    root = next((n for n, one in enumerate(within) if os.path.lexists(Path(one, REPOSITORY))), 0)
    above = within[1 : root + 1]
    rules = [rule for one in reversed(above) if Path(one, IGNORES).is_file() for rule in _read_rules(one, problems)]
    return [] if _ignored(f"{folder}/", rules) else rules


def _read_rules(folder: str, problems: list[OSError]) -> list[IgnoreRules]:
    """The .gitignore of a folder; lines that are not patterns are skipped, as in Git."""
    from pathspec import GitIgnoreSpec

    path = Path(folder, IGNORES)
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines() if path.is_file() else []
    except OSError as error:
        problems.append(error)
        return []
    return [IgnoreRules(folder, GitIgnoreSpec.from_lines([line for line in lines if _is_pattern(line)]))]


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):  # [z-a]
        return False
    return True

"""Texts for files that others see: a local path comes down to the file's name."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Final

# Folders within a text: /home/ada/ but neither a / between spaces nor that of and/or or of an address.
FOLDERS: Final = re.compile(r"""(?<![\w/\\.:~-])(?:~[\w.-]*|\.{1,2}|[A-Za-z]:)?[/\\](?:[^/\\\s'"]+[/\\])+""")


def without_folders(text: str) -> str:
    """A text whose local paths are the names of their files.

    >>> without_folders("@/home/ada/plural.npy + cat / 2")
    '@plural.npy + cat / 2'
    """
    if Path(text).is_absolute():
        return Path(text).name or text
    return FOLDERS.sub("", text)


def command_line(arguments: Iterable[str]) -> str:
    """A command as a shell reads it, without the folders of its files."""
    return shlex.join(map(_named, arguments))


def _named(argument: str) -> str:
    option, equals, value = argument.partition("=")
    if equals and option.startswith("--"):
        return option + equals + without_folders(value)
    return without_folders(argument)

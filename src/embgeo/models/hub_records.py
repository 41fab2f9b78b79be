"""The store's records about the Hub: the commit of each branch, and when the Hub last did not answer."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Final

from embgeo.formats.atomic import storing
from embgeo.formats.system_faults import reading_store
from embgeo.models.places import ref_file, unreachable_file

QUIET_SPELL: Final = 300.0  # seconds without further requests for the default model after the Hub did not answer


def read_ref(repo: str, revision: str) -> str | None:
    """The commit that a branch or tag last resolved to, or None.

    Raises:
        SystemRefusalError: the system can't read it now.
    """
    file = ref_file(repo, revision)
    with suppress(OSError, ValueError), reading_store(file):
        commit = file.read_text("ascii").strip()
        return commit or None
    return None


def write_ref(repo: str, revision: str, commit: str) -> None:
    """Record the commit of a branch or tag."""
    with storing(ref_file(repo, revision)) as file:
        file.write(commit.encode())


def note_unreachable(repo: str) -> None:
    """Record that the Hub did not answer, so that the next command does not wait for it again."""
    mark = unreachable_file(repo)
    with suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()


def unreachable_lately(repo: str) -> bool:
    """Whether the Hub did not answer a moment ago."""
    try:
        age = time.time() - unreachable_file(repo).stat().st_mtime
    except OSError:
        return False
    return 0 <= age <= QUIET_SPELL  # negative if the clock has been set back

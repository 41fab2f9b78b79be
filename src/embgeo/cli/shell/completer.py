"""Candidates in the form that prompt_toolkit draws."""

from __future__ import annotations

from collections.abc import Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from embgeo.cli.shell.candidates import DEFAULT_COMMAND, candidates
from embgeo.cli.shell.session import Session
from embgeo.cli.startup import parser


class LineCompleter(Completer):
    """Completes a line of the shell."""

    def __init__(self, session: Session) -> None:
        self._session = session
        parser(DEFAULT_COMMAND)  # built before the first keystroke asks for it

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:  # noqa: ARG002
        """The completions of the text before the cursor."""
        for found in candidates(self._session, document.text_before_cursor):
            yield Completion(found.text, -found.length, display_meta=found.meaning)

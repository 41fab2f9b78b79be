"""The prompt, drawn by prompt_toolkit: history in the store, and completion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from embgeo.cli import output
from embgeo.cli.shell.loop import join_lines, outcome_of
from embgeo.cli.shell.session import Session
from embgeo.errors import missing_package
from embgeo.models.places import history_file

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import History

WELCOME: Final = "A word asks for its neighbors. :help says more; Ctrl-D leaves."


def run_prompt(session: Session) -> int:
    """Ask for lines and answer them, until the person leaves; returns the exit code.

    An error ends a line, and so does Ctrl-C; neither ends the shell.

    Raises:
        ReaderLeft: the terminal is gone.
        UsageError: prompt_toolkit is not installed.
    """
    prompt = _prompt(session)
    output.notes([WELCOME])
    with output.paged():
        while not session.has_ended:
            text = _read(prompt, f"{', '.join(session.models) or 'embgeo'}> ")
            if text is None:
                break
            for line in join_lines(text.splitlines()):  # several may have been pasted
                outcome = outcome_of(session, line.text)
                if outcome.message:
                    output.print_error(f"embgeo: {outcome.message}")
                if not outcome.is_read:
                    raise output.ReaderLeft
    return 0


def _prompt(session: Session) -> PromptSession[str]:
    try:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.output import create_output

        from embgeo.cli.shell.completer import LineCompleter
    except ModuleNotFoundError:
        raise missing_package("the prompt", "prompt_toolkit", "shell") from None
    return PromptSession(
        history=_history(), completer=LineCompleter(session), complete_while_typing=False, enable_history_search=True,
        output=create_output(always_prefer_tty=True),
    )  # fmt: skip


def _read(prompt: PromptSession[str], message: str) -> str | None:
    """A line; empty if Ctrl-C discards it, None at Ctrl-D."""
    try:
        return prompt.prompt(message)
    except KeyboardInterrupt:
        return ""
    except EOFError:
        return None


def _history() -> History:
    """The lines of earlier shells, kept in the store; only this shell's where the store can't be written."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    path = history_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with path.open("ab"):
            pass
    except OSError as error:
        output.notes([f"lines aren't kept for the next shell: can't write '{path}': {error.strerror or error}"])
        return InMemoryHistory()
    return FileHistory(path)

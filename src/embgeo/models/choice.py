"""Which matrix of a model to use: a side, a tensor by its name, or a vector file with its reading options."""

from __future__ import annotations

from typing import Final, NamedTuple

from embgeo.errors import UsageError, check_choice
from embgeo.formats.encoding import UTF8, Encoding
from embgeo.models.places import escaped
from embgeo.numerics.names import SIDES

POSITION: Final = "position"


class Choice(NamedTuple):
    """Which matrix of a model to use.

    Attributes:
        side: `input` for the embedding; `output` for the unembedding (the embedding again if the two are tied);
            `position` for the position embedding, whose vocabulary is 0, 1, 2, ...
        tensor: a tensor's full name; it overrides the side.
        file_format: format of a vector file (`formats.detect.FORMATS`); None detects it from the content.
        limit: read only the first `limit` words of a vector file; None reads all.
        encoding: of the words of a vector file; None is UTF-8.
        encoding_errors: one of `formats.encoding.ERRORS`; None is `strict`.
        patches: with the side `position`: the positions of an image's patches, if the model has others too.
    """

    side: str = "input"
    tensor: str | None = None
    file_format: str | None = None
    limit: int | None = None
    encoding: str | None = None
    encoding_errors: str | None = None
    patches: bool = False

    @property
    def variant(self) -> str:
        """Suffix of the folder of this matrix in the store; empty for the embedding."""
        form = "".join(f"+{name}={_quoted(str(value))}" for name, value in self._of_files() if value is not None)
        if self.tensor is not None:  # a tensor may have the name of a side
            return f"{form}+tensor={_quoted(self.tensor)}"
        return form if self.side == "input" else form + "+" + self.side + "+patches" * self.patches

    @property
    def file_options(self) -> list[str]:
        """The options in use that only apply to vector files, as on the command line."""
        names = {"format": "file-format", "errors": "encoding-errors"}
        return [f"--{names.get(name, name)}" for name, value in self._of_files() if value is not None]

    @property
    def arguments(self) -> tuple[str, ...]:
        """The options that make this choice again, with their values, as on the command line."""
        own = (("--side", None if self.side == "input" else self.side), ("--tensor", self.tensor))
        given = zip(self.file_options, (value for _, value in self._of_files() if value is not None), strict=True)
        return tuple(str(part) for name, value in (*own, *given) if value is not None for part in (name, value))

    @property
    def words_in(self) -> Encoding:
        """The encoding of a vector file's words."""
        return Encoding(self.encoding or UTF8.name, self.encoding_errors or UTF8.errors)

    def _of_files(self) -> tuple[tuple[str, object], ...]:
        return (
            ("format", self.file_format), ("limit", self.limit),
            ("encoding", self.encoding), ("errors", self.encoding_errors),
        )  # fmt: skip

    def check(self) -> None:
        """Check that the parts are valid, alone and together.

        Raises:
            UsageError: an unknown side or encoding, a limit below 1, or the position side with a tensor's name.
        """
        if self.limit is not None and self.limit < 1:
            raise UsageError(f"--limit {self.limit} reads no word", "Give a whole number from 1.")
        self.words_in.check()
        check_choice("side", self.side, SIDES)
        if self.side == POSITION and self.tensor is not None:
            raise UsageError("positions are found by the model's family, not by --tensor", "Omit one of the two.")


def _quoted(text: str) -> str:
    return escaped(text.encode(errors="surrogatepass"))  # a command line may not be valid UTF-8


EMBEDDING: Final = Choice()
POSITIONS: Final = Choice(POSITION)
PATCHES: Final = Choice(POSITION, patches=True)

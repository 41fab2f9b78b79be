"""The encoding of a file's words, which are read as UTF-8 unless the user names another."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import Final, NamedTuple

from embgeo.errors import UsageError, check_choice

ERROR_HANDLERS: Final = ("strict", "replace", "ignore")  # Python's names
ASCII: Final = "".join(map(chr, range(9, 127)))


class Encoding(NamedTuple):
    """An encoding, and how to handle bytes that are invalid in it.

    Attributes:
        name: Python's name of it.
        errors: one of `ERROR_HANDLERS`: refuse the word, replace the bytes by U+FFFD, or leave them out.
    """

    name: str = "utf-8"
    errors: str = "strict"

    def check(self) -> None:
        """Check both names.

        Raises:
            UsageError: either is unknown, or files in this encoding can't be divided at spaces and line ends.
        """
        check_choice("treatment of encoding errors", self.errors, ERROR_HANDLERS)
        hint = "Examples: --encoding latin-1, cp1252, gb18030, shift_jis."
        try:
            plain = ASCII.encode(self.name)
        except (LookupError, ValueError):  # a null character in the name
            raise UsageError(f"unknown encoding '{self.name}'; expected one of Python's", hint) from None
        except UnicodeError:
            plain = b""
        if plain != ASCII.encode():
            why = "whose letters and digits are not those of ASCII"
            raise UsageError(f"'{self.name}' is an encoding {why}", "Convert the file to UTF-8 first, as with iconv.")

    @property
    def title(self) -> str:
        """Its name for messages."""
        return "UTF-8" if codecs.lookup(self.name).name == "utf-8" else self.name

    def utf8(self, words: Sequence[bytes]) -> list[bytes]:
        """Words without line ends as UTF-8.

        Raises:
            UnicodeError: a word has bytes that the encoding lacks, and these are refused.
        """
        joined = b"\n".join(words)
        decoded = joined.decode(self.name, self.errors).encode()
        return list(words) if decoded == joined else decoded.split(b"\n")


UTF8: Final = Encoding()

"""A model's vocabulary: from what a person types to rows, and from rows to tokens."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from embgeo.errors import FormatError, TermError, check_choice
from embgeo.formats.open_file import OpenFile
from embgeo.formats.system_faults import enough_memory
from embgeo.formats.token_marks import ABSENT, NO_MARK, SPACE_MARK, SPECIAL, key_of
from embgeo.formats.token_table import TokenTable
from embgeo.vocabulary.reading import CASES, MULTI, OPERATORS, check_term, needs_no_spaces
from embgeo.vocabulary.resolved import Resolved, VocabularyToken
from embgeo.vocabulary.similar_words import SimilarWords

if TYPE_CHECKING:
    from numpy.typing import NDArray

CACHED_TOKENS: Final = 1 << 15  # many answers show the same ones


class Vocabulary:
    """The tokens of a model.

    Args:
        table: the mapped token table.
        tokenizer: the tokenizer.json, which is only read for text of several tokens; None for word vectors, which
            have only whole words.
        case: `fold` looks a word up with other capitalization if it isn't in the vocabulary as typed, `exact` does
            not. Empty: fold only terms of word vectors, which would have no vector otherwise.
    """

    def __init__(self, table: TokenTable, tokenizer: OpenFile | None, case: str = "") -> None:
        self.table = table
        self.tokenizer = tokenizer
        self.case = case
        self.token = functools.lru_cache(CACHED_TOKENS)(self._token)

    def _token(self, token: int) -> VocabularyToken:
        """A row as a token: id, piece and text; past the last row, as the tokenizer has it."""
        if token >= len(self.table):
            text = self.splitter.decode([token], skip_special_tokens=False)
            return VocabularyToken(token, self.splitter.id_to_token(token) or "", text)
        piece = self.table.pieces[token].decode("utf-8", "replace")
        return VocabularyToken(token, piece, self.table.texts[token].decode("utf-8", "replace"))

    def resolve(self, term: str, multi: str = "mean") -> Resolved:
        """The rows of a term.

        Args:
            term: `cat` (a word: the token for space + word, else what space + word splits into; a piece that
                continues other words is never a word's token), `"cat"` in its own quotes (the token of exactly this
                text; text that contains an operator, such as `"cats-cat"`, may be several), or `id:3797` (a row).
            multi: what to do with a word that splits: `first` and `last` take one row, `error` refuses; `mean` and
                `sum` take all, and the caller combines their vectors.

        Raises:
            TermError: no token, or only the unknown token; the hint gives similar spellings.
            UsageError: unknown `multi`.
        """
        check_choice("multi", multi, MULTI)
        check_term(term)
        if term.startswith("id:"):
            return Resolved(term, (self._row(term),))
        exact = _unquoted(term)
        found = self._exact(exact) if exact is not None else self._word(term.strip())
        if found is not None:
            return Resolved(term, (found,))
        if exact is None:
            if self.folds:
                other, found = self.in_other_capitals(term)
                if found is not None:
                    return Resolved(term, (found,), other)
            return Resolved(term, self._several(term, self._split_word(term.strip()), multi))
        if self.tokenizer is None or OPERATORS.keys().isdisjoint(exact):
            raise TermError(f"no token is exactly {term}", "Without the inner quotes a word may be several tokens.")
        return Resolved(term, self._several(term, self.split(exact), multi))

    def quoted(self, word: str) -> str:
        """A word in quotes, spelled as it is in running text."""
        return f'" {word}"' if self._marks_spaces else f'"{word}"'

    def single_token(self, word: str) -> int | None:
        """The single token of a word, or None; quotes and `id:` have no meaning here.

        Case matters, unless `case` is `fold`.
        """
        found = self._word(word.strip())
        return self.in_other_capitals(word)[1] if found is None and self.case == "fold" else found

    def in_other_capitals(self, word: str) -> tuple[str, int | None]:
        """The first of a word's lower-case, capitalized and upper-case spellings that is one token, and that token."""
        word = word.strip()
        for other in (word.lower(), word.capitalize(), word.upper()):
            found = None if other == word else self._word(other)
            if found is not None:
                return other, found
        return "", None

    @property
    def folds(self) -> bool:
        """Whether a term that is not one token is looked up with other capitalization."""
        return (self.case or ("exact" if self.tokenizer else "fold")) == "fold"

    def with_case(self, case: str | None) -> Vocabulary:
        """The same vocabulary with another `case`; itself for None.

        Raises:
            UsageError: unknown `case`.
        """
        if case is None:
            return self
        check_choice("case", case, CASES)
        return Vocabulary(self.table, self.tokenizer, case)

    def split(self, text: str) -> tuple[int, ...]:
        """Split a text with the model's own tokenizer, without adding special tokens.

        Word vectors have no tokenizer: there the text is split at white space.

        Raises:
            TermError: the text can't be encoded, or has a word that is not in the list.
            FormatError: the tokenizer.json is damaged.
        """
        if not isinstance(text, str):
            raise TermError(f"expected a text, not {text!r:.60}", "Give each text as an argument of its own.")
        try:
            text.encode()
        except UnicodeEncodeError:
            raise TermError(f"{text!r} is not valid Unicode", "Give text without lone surrogates.") from None
        if self.tokenizer is None:
            return self._whole_words(text)
        from embgeo.formats.splitter import splitter_errors

        splitter = self.splitter
        with splitter_errors(f"'{self.tokenizer.path}' can't split {text[:40]!r}"):
            return tuple(splitter.encode(text, add_special_tokens=False).ids)

    @functools.cached_property
    def similar(self) -> SimilarWords:
        """The lookup of words with a similar spelling."""
        return SimilarWords(self.table)

    def _whole_words(self, text: str) -> tuple[int, ...]:
        if self.table.scheme.mark != NO_MARK:
            raise TermError(
                f"this model's file can't split {text[:40]!r}: it contains tokens, but no tokenizer.json",
                "Ask about single tokens, or name the model's folder.",
            )
        found = ((word, self._word(word)) for word in text.split())
        return tuple(self._several(word, (), "mean")[0] if token is None else token for word, token in found)

    def _row(self, term: str) -> int:
        digits = term.removeprefix("id:")
        rows = len(self.table)
        if not (digits.isascii() and digits.isdigit() and len(digits) < 12 and int(digits) < rows):
            raise TermError(f"'{term}' is not a row of this model", f"Rows range from id:0 to id:{rows - 1}.")
        if self.table.flags[int(digits)] & ABSENT:
            raise TermError(f"'{term}' is a row without a token", "It pads the matrix; `embgeo info` counts such rows.")
        return int(digits)

    def _word(self, word: str) -> int | None:
        for spelling in self._spellings(word):
            for key in (" " + spelling, spelling):
                found = self.table.find(key.encode("utf-8", "surrogatepass"))
                if found is None or self._is_unknown(found):
                    continue
                if key is not spelling or self._stands_alone(found, spelling):
                    return found
        return None

    def _stands_alone(self, token: int, word: str) -> bool:
        """Whether a token without a word mark is still a word of its own, not a piece of other words."""
        if self.table.flags[token] & SPECIAL or (self._marks_spaces and needs_no_spaces(word)):
            return True
        return self.tokenizer is not None and token in self.splitter.get_added_tokens_decoder()

    @property
    def _marks_spaces(self) -> bool:
        return self.table.scheme.mark == SPACE_MARK

    def _exact(self, text: str) -> int | None:
        written = text.encode("utf-8", "surrogatepass")
        found = self.table.find(key_of(written, self.table.scheme.mark))
        if found is None and text.startswith(" "):  # a word as in running text, where its mark is not a leading space
            return self.table.find(written)
        return found

    def _spellings(self, word: str) -> list[str]:
        if not self.table.scheme.lowercase:
            return [word]
        lower = word.lower()
        if self.table.scheme.strips_accents and not lower.isascii():
            import unicodedata

            lower = "".join(c for c in unicodedata.normalize("NFD", lower) if unicodedata.category(c) != "Mn")
        return list(dict.fromkeys([word, lower]))

    def _several(self, term: str, ids: tuple[int, ...], multi: str) -> tuple[int, ...]:
        if max(ids, default=0) >= len(self.table) or not any(self._has_text(token) for token in ids):
            raise TermError(f"'{term}' is not in this model's vocabulary", self._way_on(term.strip()))
        if len(ids) > 1 and multi == "error":
            parts = ", ".join(repr(self.token(token).text) for token in ids)
            raise TermError(f"'{term}' is {len(ids)} tokens ({parts})", "Omit --multi error to take their mean.")
        return {"first": ids[:1], "last": ids[-1:]}.get(multi, ids)

    def _way_on(self, word: str) -> str:
        """A hint for a word that is not in the vocabulary."""
        piece = self.table.find(word.encode("utf-8", "surrogatepass"))
        if piece is not None and not self._is_unknown(piece):
            return f"For the piece of other words, type it in its own quotes: '\"{self.token(piece).text}\"'."
        near = self.similar.to(word)
        return f"Similar spellings: {', '.join(near)}." if near else "Try another word, or `embgeo tokens` on text."

    def _split_word(self, word: str) -> tuple[int, ...]:
        """The tokens that a word splits into, after a space if its script has spaces; empty without a tokenizer."""
        if self.table.scheme.mark == NO_MARK or self.tokenizer is None:
            return ()
        if not self._marks_spaces:
            return self.split(word)
        if needs_no_spaces(word):
            ids = self.split(word)
            return ids[1:] if len(ids) > 1 and self._key(ids[0]) == b" " else ids
        ids = self.split(" " + word)
        if len(ids) < 2:
            return ids
        # Some tokenizers add a space before every text; with ours that makes two.
        first, second = self._key(ids[0]), self._key(ids[1])
        doubled = first.startswith(b"  ") or (first == b" " and second.startswith(b" "))
        return self.split(word) if doubled else ids

    def _key(self, token: int) -> bytes:
        """The key of a token; empty past the last row."""
        return self.table.key(token) if token < len(self.table) else b""

    def _has_text(self, token: int) -> bool:
        return not self._is_unknown(token) and self.table.key(token).strip() != b""

    def _is_unknown(self, token: int) -> bool:
        return bool(self.table.flags[token] & SPECIAL) and self.table.texts[token] in (b"[UNK]", b"<unk>", b"<UNK>")

    @functools.cached_property
    def group_sizes(self) -> NDArray[np.intp]:
        """[rows] the size of the group of variants that a row stands for, itself included; 0 for other rows."""
        return np.bincount(self.table.fold, minlength=len(self.table))

    @functools.cached_property
    def continuations(self) -> NDArray[np.bool_]:
        """[rows] the tokens that are marked as parts of longer words; see `TokenTable.continuations`."""
        return self.table.continuations()

    @functools.cached_property
    def spellings(self) -> float:
        """The mean number of variants of a row, itself included."""
        return float(self.group_sizes[self.table.fold].mean())

    @functools.cached_property
    def splitter(self) -> Any:
        """The model's own tokenizer, which neither truncates nor pads.

        Raises:
            FormatError: the tokenizer.json is damaged, or there is none, as for word vectors.
        """
        from embgeo.formats.splitter import open_splitter

        file = self.tokenizer
        if file is None:
            raise FormatError("word vectors have no tokenizer")
        with enough_memory(file.path):
            return open_splitter(file.read(), str(file.path))


def _unquoted(term: str) -> str | None:
    if len(term) >= 2 and term[0] == term[-1] and term[0] in "\"'":
        return term[1:-1]
    return None

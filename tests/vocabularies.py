"""Small tokenizers of every kind, built in memory.

Each has tokens for the words ` cat` and ` dog`, tokens that only start or only continue a word, and splits `catdog` in
two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from embgeo.formats.token_table import TokenTable
from embgeo.formats.tokenizer_json import read_tokens

LETTERS = [chr(code) for start in ("A", "a") for code in range(ord(start), ord(start) + 26)]
SPECIALS = ["<unk>", "<s>", "</s>"]


def byte_level() -> Tokenizer:
    """As GPT-2: Ġ for a space, all 256 bytes, some tokens that are half a letter; `run` has no space."""
    merged = ["cat", ("Ġ", "cat"), "Cat", ("Ġ", "Cat"), "CAT", ("Ġ", "CAT"), "dog", ("Ġ", "dog"), "run", "ĠĠ", "ðŁ"]
    merged += ["Ã©", ("ca", "f", "Ã©"), ("Ġ", "cafÃ©"), ("Ġ", "Ã")]
    tokenizer = Tokenizer(_bpe(sorted(pre_tokenizers.ByteLevel.alphabet()), merged))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|endoftext|>"])
    return tokenizer


def wordpiece(*, lowercase: bool = True) -> Tokenizer:
    """As BERT: ## continues a word; by default text is lowercased and stripped of accents."""
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "cat", "dog", "##dog", "##s", "##cat", "run", "paris", "katzchen"]
    pieces += ["##ing", "dogs", "a", "##a", "!", "Cat"]
    tokenizer = Tokenizer(models.WordPiece({piece: n for n, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece("##", cleanup=False)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    return tokenizer


def unigram() -> Tokenizer:
    """As T5 and XLM-R: a list of pieces with scores, ▁ for a space."""
    pieces = [*SPECIALS, "▁cat", "▁dog", "cat", "dog", "▁Cat", "run", "▁", "▁café", "s", "▁▁", *LETTERS[:18]]
    tokenizer = Tokenizer(models.Unigram([(piece, -float(n)) for n, piece in enumerate(pieces)], unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(SPECIALS)
    return tokenizer


def byte_fallback() -> Tokenizer:
    """As Llama 2: ▁ for a space, prepended to every text; byte tokens such as <0x41> for the rest."""
    start = [*SPECIALS, *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *LETTERS]
    merged = ["cat", ("▁", "cat"), "dog", ("▁", "dog"), "run", "▁▁"]
    tokenizer = Tokenizer(_bpe(start, merged, unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.add_special_tokens(SPECIALS)
    return tokenizer


def clip() -> Tokenizer:
    """As CLIP: byte-level and lowercasing, with </w> at the end of a word."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(_suffixed(alphabet, ["Ã©", ("ca", "f", "Ã", "©</w>")], unk_token="<|endoftext|>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\s+"), "removed"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|startoftext|>", "<|endoftext|>"])
    return tokenizer


def end_of_word() -> Tokenizer:
    """As the first GPT: </w> at the end of a word, letters instead of bytes."""
    tokenizer = Tokenizer(_suffixed(["<unk>", *LETTERS, "é"], [("ca", "f", "é</w>")], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.BPEDecoder("</w>")
    tokenizer.add_special_tokens(["<unk>"])
    return tokenizer


def word_level() -> Tokenizer:
    """A plain list of words."""
    words = ["[UNK]", "cat", "dog", "Cat", "run", "café", "2nd"]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(["[UNK]"])
    return tokenizer


KINDS: dict[str, Callable[[], Tokenizer]] = {
    "byte-level": byte_level,
    "wordpiece": wordpiece,
    "unigram": unigram,
    "byte-fallback": byte_fallback,
    "clip": clip,
    "end-of-word": end_of_word,
    "word-level": word_level,
}


def write(tokenizer: Tokenizer, folder: Path) -> Path:
    """Save a tokenizer in a model folder."""
    path = folder / "tokenizer.json"
    tokenizer.save(str(path))
    return path


def read(tokenizer: Tokenizer, folder: Path, rows: int | None = None) -> TokenTable:
    """The token table of a tokenizer, for a matrix of `rows` rows (default: one per token)."""
    return read_tokens(write(tokenizer, folder), tokenizer.get_vocab_size() if rows is None else rows)


def ids(tokenizer: Tokenizer, *pieces: str) -> tuple[int, ...]:
    """The ids of these pieces; KeyError for a piece that the tokenizer lacks."""
    vocabulary = tokenizer.get_vocab()
    return tuple(vocabulary[piece] for piece in pieces)


def decoded(kind: str, tokenizer: Tokenizer, token: int) -> str:
    """The library's own decoding of a token, including the space that it only writes between tokens."""
    (dog,) = ids(tokenizer, {"clip": "dog</w>", "end-of-word": "dog</w>"}.get(kind, "dog"))

    def decode(*tokens: int) -> str:
        return str(tokenizer.decode(list(tokens), skip_special_tokens=False))

    if kind in {"unigram", "byte-fallback"}:  # drop the space of a first token
        return decode(dog, token).removeprefix(decode(dog))
    if kind == "end-of-word":  # drops the space of a last token
        return decode(token, dog).removesuffix(decode(dog))
    return decode(token).replace("</w>", " ")  # CLIP's decoder leaves the mark to the transformers package


def _suffixed(alphabet: Sequence[str], more: Sequence[Sequence[str]], unk_token: str) -> models.BPE:
    merged = [("c", "a", "t</w>"), ("ca", "t"), ("d", "o", "g</w>"), ("r", "u", "n"), *more]
    return _bpe([*alphabet, *(f"{a}</w>" for a in alphabet)], merged, unk_token=unk_token, end_of_word_suffix="</w>")


def _bpe(start: Iterable[str], merged: Iterable[Sequence[str]], **options: object) -> models.BPE:
    """A BPE model whose merges join the parts of each entry from left to right."""
    merges: dict[tuple[str, str], str] = {}
    for first, *rest in merged:
        left = first
        for right in rest:
            left = merges.setdefault((left, right), left + right)
    pieces = dict.fromkeys([*start, *merges.values()])
    return models.BPE(vocab={piece: n for n, piece in enumerate(pieces)}, merges=list(merges), **options)

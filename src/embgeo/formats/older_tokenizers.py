"""A tokenizer.json for models that only have the older files: vocab.json with merges.txt, or vocab.txt."""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from embgeo.errors import FormatError, ModelError
from embgeo.formats.atomic import storing
from embgeo.formats.small_files import MAX_SETTINGS, MAX_TOKENIZER, read_json, read_small
from embgeo.formats.splitter import splitter_errors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TOKENIZER: Final = "tokenizer.json"
BPE: Final = ("vocab.json", "merges.txt")
WORDPIECE: Final = ("vocab.txt",)
SETTINGS: Final = "tokenizer_config.json"
CONTROL: Final = re.compile(r"<\|.*\|>|<(?:s|/s|unk|pad|mask)>|\[(?:PAD|UNK|CLS|SEP|MASK)\]")


def tokenizer_files(there: Collection[str], model: str) -> tuple[str, ...]:
    """Which files of a model its tokenizer is read from.

    Raises:
        ModelError: there is none that embgeo reads.
    """
    for needed in ((TOKENIZER,), BPE, WORDPIECE):
        if all(name in there for name in needed):
            return (*needed, *((SETTINGS,) if needed == WORDPIECE and SETTINGS in there else ()))
    hint = (
        "Convert its tokenizer with transformers' AutoTokenizer and save_pretrained, and give embgeo the folder. "
        "A vision transformer has none: use positions --grid, or name a matrix with --tensor."
    )
    raise ModelError(f"no {TOKENIZER} in '{model}', nor vocab.json and merges.txt, nor vocab.txt", hint)


def assemble(folder: Path, target: Path) -> None:
    """Write `target` from the older files in a folder.

    Raises:
        FormatError: they are damaged.
        ModelError: the folder can't be written, or the disk is full.
    """
    with splitter_errors(f"the tokenizer in '{folder}' can't be read"):
        tokenizer = _byte_level(folder) if (folder / BPE[0]).exists() else _from_vocabulary(folder)
    tokenizer.add_special_tokens([piece for piece in tokenizer.get_vocab() if CONTROL.fullmatch(piece)])
    with storing(target) as file:
        file.write(tokenizer.to_str().encode())


def _byte_level(folder: Path) -> Tokenizer:
    """As GPT-2's and RoBERTa's."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    read_json(folder / BPE[0], MAX_TOKENIZER)
    read_small(folder / BPE[1], MAX_TOKENIZER)
    tokenizer = Tokenizer(models.BPE.from_file(*(str(folder / name) for name in BPE)))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _from_vocabulary(folder: Path) -> Tokenizer:
    """From vocab.txt: BERT's pieces, or the letters of proteins if its settings say so."""
    settings = {}
    with suppress(OSError, FormatError):
        settings = read_json(folder / SETTINGS, MAX_SETTINGS)
    words = read_small(folder / WORDPIECE[0], MAX_TOKENIZER)
    if settings.get("tokenizer_class") == "EsmTokenizer":
        return _residues(words.decode("utf-8").split())
    return _wordpiece(folder, settings)


def _residues(tokens: list[str]) -> Tokenizer:
    """As ESM's (Lin et al. 2022): one token per letter, between <cls> and <eos>."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors

    ids = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordLevel(ids, "<unk>"))
    letters = pre_tokenizers.Split(Regex(r"\S"), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), letters])
    tokenizer.add_special_tokens([token for token in tokens if token.startswith("<")])
    if {"<cls>", "<eos>"} <= set(ids):
        ends = [(token, ids[token]) for token in ("<cls>", "<eos>")]
        tokenizer.post_processor = processors.TemplateProcessing(single="<cls> $A <eos>", special_tokens=ends)
    return tokenizer


def _wordpiece(folder: Path, settings: dict[str, Any]) -> Tokenizer:
    """As BERT's; lowercased unless its settings say otherwise."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.WordPiece.from_file(str(folder / WORDPIECE[0])))  # its unknown token is [UNK]
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=settings.get("do_lower_case", True) is not False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer

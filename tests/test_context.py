"""`context`: the occurrences of a word, their cosines by layer, and what is nearest to their states."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from conftest import Run
from embgeo import EmbeddingSpace, load
from embgeo.errors import TermError, UsageError
from embgeo.questions import words_alone
from embgeo.questions.running import runner
from embgeo.vocabulary.running_text import occurrences, read_texts
from tiny_transformers import FOLDER

BANKS = ["the bank of the river", "money in the bank"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def word(number: int) -> str:
    """The two-letter word of a row of the tiny models: aa, ab, ..."""
    return LETTERS[number // 26] + LETTERS[number % 26]


def lettered(folder: Path, family: str) -> EmbeddingSpace:
    """A tiny model with two-letter words; for BERT, `ab` is added before a text and `ac` after it."""
    shutil.copytree(FOLDER / family, folder, dirs_exist_ok=True)
    tokenizer = Tokenizer(models.WordLevel({word(number): number for number in range(40)}, "aa"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    if family == "bert":
        template = processors.TemplateProcessing(single="ab $A ac", special_tokens=[("ab", 1), ("ac", 2)])
        tokenizer.post_processor = template
    tokenizer.save(str(folder / "tokenizer.json"))
    return load(folder)


def cosine(a: Any, b: Any) -> float:
    """The cosine of two vectors."""
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_occurrences_are_whole_words(minilm: EmbeddingSpace) -> None:
    """Any capitals match with a lowercasing tokenizer; parts of words don't; phrases and split words do."""
    (read,) = read_texts(minilm.vocabulary, ["Bank on banks: a BANK, an embeddings bank."])
    result = occurrences(minilm.vocabulary, read, "bank")
    assert [read.text[place.start : place.stop] for place in result] == ["Bank", "BANK", "bank"]
    assert [minilm.vocabulary.token(read.ids[place.tokens[0]]).text for place in result] == ["bank"] * 3
    (split,) = occurrences(minilm.vocabulary, read, "embeddings")
    assert [minilm.vocabulary.token(read.ids[n]).piece for n in split.tokens] == ["em", "##bed", "##ding", "##s"]
    (phrase,) = occurrences(minilm.vocabulary, read, "a bank")
    assert len(phrase.tokens) == 2
    with pytest.raises(TermError, match="'ban' does not occur") as caught:
        occurrences(minilm.vocabulary, read, "ban")
    assert "[CLS] bank on banks" in caught.value.hint


def test_a_text_of_any_length_is_split_in_little_memory(
    minilm: EmbeddingSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Split in batches, texts have the same tokens and the same counts as split at once."""
    long = "cats embedding, naïve\n\n don't " * 400
    texts = [long, "a cat", "x" * 3000, f"{long}y", "cat " * 300]
    expected = read_texts(minilm.vocabulary, texts, limit=256, cut=True)
    assert [one.cut > 0 for one in expected] == [True, False, False, True, True]
    monkeypatch.setattr("embgeo.vocabulary.running_text.BATCH_CHARACTERS", 2500)
    assert read_texts(minilm.vocabulary, texts, limit=256, cut=True) == expected
    with pytest.raises(UsageError, match=f"{256 + expected[0].cut:,} tokens: 'cats"):
        read_texts(minilm.vocabulary, texts, limit=256)


def test_a_word_in_a_script_without_spaces(minilm: EmbeddingSpace) -> None:
    """A word is found inside running text without spaces."""
    (read,) = read_texts(minilm.vocabulary, ["大山中国"])
    (one,) = occurrences(minilm.vocabulary, read, "山")
    assert (one.start, one.stop) == (1, 2)


@pytest.mark.slow
def test_cosines_of_hidden_states(minilm: EmbeddingSpace) -> None:
    """Cosines are those of the word's states; a word of several tokens has their mean."""
    answer = minilm.context(BANKS, "bank", near="none")
    first, second = (minilm.hidden_states(text) for text in BANKS)
    assert [one.positions for one in answer.occurrences] == [(2,), (4,)]
    for layer in answer.layers:
        expected = cosine(first[layer.layer, 2], second[layer.layer, 4])
        assert layer.cosines[0][1] == pytest.approx(expected, abs=1e-6)
    text = "our embeddings are embeddings"
    states = minilm.hidden_states(text)
    answer = minilm.context([text], "embeddings", layers="6", near="none")
    assert answer.layers[0].cosines[0][1] == pytest.approx(
        cosine(states[6, 2:6].mean(axis=0), states[6, 7:11].mean(axis=0)), abs=1e-6
    )
    assert "'embeddings' is 4 tokens" in answer.notes[-1]


@pytest.mark.slow
def test_senses_of_bank_differ(minilm: EmbeddingSpace) -> None:
    """From layer 2 on, the two river banks are closer to each other than to the bank with the money."""
    texts = ["We sat on the bank of the river.", "The river burst its bank.", "She put money in the bank."]
    layers = minilm.context(texts, "bank", near="none").layers
    for layer in layers[2:]:
        assert layer.cosines[0][1] > layer.cosines[0][2]
    assert all(0.05 < layer.unrelated < 0.4 for layer in layers)


@pytest.mark.slow
def test_at_and_layers_choose(minilm: EmbeddingSpace) -> None:
    """`at` chooses the Nth occurrence in each text, `layers` some of the layers."""
    texts = ["a bank is a bank", "bank, bank, bank"]
    assert len(minilm.context(texts, "bank", near="none", layers="0").occurrences) == 5
    answer = minilm.context(texts, "bank", at=2, near="none", layers="5-6,0")
    assert [one.start for one in answer.occurrences] == [12, 6]
    assert [layer.layer for layer in answer.layers] == [0, 5, 6]
    for wrong in ({"at": 3}, {"at": 0}, {"layers": "7"}, {"layers": "2-1"}, {"layers": "x"}, {"near": "columns"}):
        with pytest.raises(UsageError):
            minilm.context(texts, "bank", **wrong)
    with pytest.raises(UsageError, match="no occurrence 3 in 'a bank is a bank'; it has 2"):
        minilm.context(texts, "bank", at=3, near="none")


def test_near_words(tmp_path: Path) -> None:
    """Scores equal those of each word run alone in float64; a second question reads them from the store."""
    space = lettered(tmp_path, "bert")
    texts = ["ad ae af", "ag ae ah"]
    answer = space.context(texts, "ae", k=4)
    alone = [space.hidden_states(word(number))[:, 1] for number in range(40)]
    for layer in answer.layers:
        for text, nearest in zip(texts, layer.nearest, strict=True):
            state = space.hidden_states(text)[layer.layer, 2]
            cosines = {word(number): cosine(state, alone[number][layer.layer]) for number in range(40)}
            del cosines["ae"]  # the word itself is left out
            best = sorted(cosines, key=lambda name: -cosines[name])[:4]
            assert [near.text for near in nearest] == best
            assert [near.score for near in nearest] == pytest.approx([cosines[name] for name in best], abs=1e-6)
    assert space.context(texts, "ae", k=4) == answer


def test_interrupted_words_are_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next question runs only the missing words, gives the full answer, and leaves one file."""
    expected = lettered(tmp_path / "model", "bert").context(["ad ae af"], "ae", k=4)
    monkeypatch.setenv("EMBGEO_HOME", str(tmp_path / "other store"))
    monkeypatch.setattr(words_alone, "WORDS_AT_ONCE", 8)
    counts = list[int]()

    def interrupt_at(stop: int) -> Callable[..., None]:
        def report(what: str, done: int, total: int, unit: str = "bytes") -> None:
            assert (what, total, unit) == ("Running the vocabulary's words", 40, "words")
            counts.append(done)
            if done == stop:
                raise KeyboardInterrupt

        return report

    space = load(tmp_path / "model")
    with pytest.raises(KeyboardInterrupt):
        space.context(["ad ae af"], "ae", k=4, report=interrupt_at(24))
    assert space.context(["ad ae af"], "ae", k=4, report=interrupt_at(0)) == expected
    assert counts == [8, 16, 24, 32, 40]
    files = [path.name for path in (tmp_path / "other store" / "texts").rglob("*.safetensors")]
    assert files == ["words.safetensors"]


@pytest.mark.slow
def test_near_rows(minilm: EmbeddingSpace) -> None:
    """The nearest are the rows with the highest cosine, without the word and its spellings."""
    answer = minilm.context(BANKS, "bank", near="rows", k=2)
    rows = np.asarray(minilm.matrix).astype(np.float64)
    for layer in answer.layers:
        for text, one, nearest in zip(BANKS, answer.occurrences, layer.nearest, strict=True):
            state = minilm.hidden_states(text)[layer.layer, one.positions[0]]
            cosines = rows @ state / np.linalg.norm(rows, axis=1) / np.linalg.norm(state)
            best = [minilm.vocabulary.token(int(n)) for n in np.argsort(-cosines)[:12]]
            others = [token for token in best if token.text.strip().casefold() != "bank"]
            assert [near.text for near in nearest] == [token.text for token in others[:2]]
            assert [near.score for near in nearest] == pytest.approx([cosines[t.id] for t in others[:2]], abs=1e-6)


def test_rows_of_another_width_are_refused(tmp_path: Path) -> None:
    """ELECTRA's embedding is narrower than its hidden states, so rows and states have no cosine."""
    with pytest.raises(UsageError, match="have 8 dimensions, and its states 16"):
        lettered(tmp_path, "electra").context(["ad ae"], "ae", near="rows")


@pytest.mark.slow
def test_near_texts(minilm: EmbeddingSpace) -> None:
    """Other words are the means of their tokens at the same layer, without the occurrences and special tokens."""
    texts = ["He doesn't bank on embeddings.", "money in the bank"]
    answer = minilm.context(texts, "bank", near="texts", k=9)
    states = [minilm.hidden_states(text) for text in texts]
    # [CLS] he doesn ' t bank on em ##bed ##ding ##s . [SEP]
    tokens = {("He", 1): [1], ("doesn't", 1): [2, 3, 4], ("on", 1): [6], ("embeddings", 1): [7, 8, 9, 10]}
    tokens |= {("money", 2): [1], ("in", 2): [2], ("the", 2): [3]}
    places = [5, 4]
    for layer in answer.layers:
        for text, nearest in enumerate(layer.nearest):
            state = states[text][layer.layer, places[text]]
            expected = {
                key: cosine(state, states[key[1] - 1][layer.layer, own].mean(axis=0)) for key, own in tokens.items()
            }
            assert {(near.text, near.in_text) for near in nearest} == set(expected)
            results = [near.score for near in nearest]
            assert results == sorted(results, reverse=True)
            assert results == pytest.approx([expected[near.text, near.in_text] for near in nearest], abs=1e-6)
    assert minilm.context(["bank", "bank"], "bank", near="texts").layers[0].nearest == ((), ())


@pytest.mark.slow
def test_near_texts_in_scripts_without_spaces(minilm: EmbeddingSpace) -> None:
    """Without spaces, each token counts as a word."""
    nearest = minilm.context(["大山中国"], "山", near="texts", layers="6").layers[0].nearest[0]
    assert {near.text for near in nearest} == {"大", "中", "国"}


def test_near_texts_names_the_line_of_the_text(run: Run) -> None:
    """Words from another text are marked with the line of that text in the table, which has a line per occurrence."""
    texts = ["a bank is a bank", "money in the bank"]
    done = run("context", *texts, "-w", "bank", "--near", "texts", "--layers", "6", "-m", "minilm")
    assert "money (3)" in done.stdout
    assert "a (1)" in done.stdout


def test_unrelated_cosines(tmp_path: Path) -> None:
    """With fewer words than the sample size, it is the mean cosine of all pairs."""
    space = lettered(tmp_path, "bert")
    alone = np.stack([space.hidden_states(word(number))[:, 1] for number in range(40)], axis=1)
    result = words_alone.unrelated_cosines(runner(space))
    for layer in range(3):
        pairs = [cosine(alone[layer, a], alone[layer, b]) for a in range(40) for b in range(a)]
        assert result[layer] == pytest.approx(np.mean(pairs), abs=1e-9)


def test_a_vocabulary_without_words_has_no_unrelated_cosine(run: Run, tmp_path: Path) -> None:
    """The figure is null in JSON and a dash in the table."""
    lettered(tmp_path, "gpt2")
    tokenizer = Tokenizer(models.WordLevel({f"<{number}>": number for number in range(40)}, "<0>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    line = ["context", "<5> <6>", "<7> <6>", "--word", "<6>", "-m", str(tmp_path)]
    assert {layer["unrelated"] for layer in json.loads(run(*line, "--json").stdout)["layers"]} == {None}
    assert run(*line).stdout.count(" -\n") == 3


def test_the_lens_ends_with_the_models_output(tmp_path: Path) -> None:
    """For a decoder, the last layer's shares are the softmax of the model's logits."""
    space = lettered(tmp_path, "gpt2")
    text = "ad ae af"
    answer = space.context([text], "ae", k=2)
    assert answer.near == "lens"
    states, embedding = space.hidden_states(text), np.asarray(space.matrix).astype(np.float64)
    logits = embedding @ states[-1, 1]
    shares = np.exp(logits) / np.exp(logits).sum()
    best = np.argsort(-shares)[:2]
    assert [near.text for near in answer.layers[-1].nearest[0]] == [word(number) for number in best]
    assert [near.score for near in answer.layers[-1].nearest[0]] == pytest.approx(shares[best], abs=1e-6)


def test_the_lens_needs_an_unembedding(minilm: EmbeddingSpace) -> None:
    """An encoder without an output head has none."""
    with pytest.raises(UsageError, match="needs an unembedding"):
        minilm.context(BANKS, "bank", near="lens")


@pytest.mark.slow
def test_at_the_command_line(run: Run) -> None:
    """JSON has the positions and notes; the error for a missing word shows the tokens of the text."""
    line = ["context", *BANKS, "--word", "bank", "-m", "minilm", "--near", "none"]
    done = run(*line, "--json")
    answer = json.loads(done.stdout)
    assert [one["start"] for one in answer["occurrences"]] == [4, 13]
    assert "float16" in answer["notes"][0]
    done = run("context", "the cat", "-w", "dog", "-m", "minilm", "--near", "none")
    assert done.returncode == 3
    assert "[CLS] the cat [SEP]" in done.stderr


def test_omitted_words_and_pairs_are_reported(run: Run, minilm: EmbeddingSpace) -> None:
    """A word past the model's limit gives an error that says so; a table counts the pairs that it omits."""
    with pytest.raises(TermError, match="'dog' does not occur in the part of the text within"):
        minilm.context(["cat " * 600 + "dog"], "dog", near="none", precision="float32", cut=True)
    done = run("context", "a cat and a cat, " * 3, "--word", "cat", "-m", "minilm", "--near", "none", "--layers", "0")
    assert "10 more pairs: --json has all of them" in done.stdout


@pytest.mark.slow
def test_senses_of_apple_differ(minilm: EmbeddingSpace) -> None:
    """At the last layer the fruit is near pear or fruit, the company near macintosh or iphone."""
    texts = ["He ate an apple and a pear.", "Apple released a new phone."]
    nearest = minilm.context(texts, "apple", 5, layers="6").layers[0].nearest
    assert {"pear", "fruit"} & {near.text for near in nearest[0]}
    assert {"macintosh", "iphone"} & {near.text for near in nearest[1]}
    assert not {"macintosh", "iphone"} & {near.text for near in nearest[0]}


def test_a_long_text_is_shown_around_the_word(run: Run) -> None:
    """The table quotes each occurrence with a few words around it, not the whole text."""
    text = "The bank " + "of the river and the field " * 30 + "bank"
    done = run("context", text, "--word", "bank", "--near", "none", "--layers", "0", "-m", "minilm")
    lines = done.stdout.splitlines()
    assert len(lines) < 14
    assert "1  The «bank» of the river" in done.stdout
    assert done.stdout.count("…") == 2

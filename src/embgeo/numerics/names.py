"""Names of transformations, learning methods and evaluation rules, for the command line too: without NumPy."""

from __future__ import annotations

from typing import Final, NamedTuple

from embgeo.errors import UsageError

LEARNING_METHODS: Final = {"mean": "mean difference", "pca": "principal component", "sum": "difference of sums"}
SIDES: Final = ("input", "output", "position")  # of a model
REFERENCES: Final = ("embgeo", "gensim")  # whose rules an evaluation follows
PRECISIONS: Final = ("float64", "float32")  # in which layers are computed
NEAR_TARGETS: Final = ("words", "rows", "texts", "lens", "none")  # what states are compared with
TRANSFORMS: Final = "center, remove-top=D, whiten or inner=causal"
NO_LOGITS: Final = "The unembedding reads the model's own vectors: omit the transformation."

CONTROLS: Final = ("random", "shuffled")  # kinds of rows unrelated to their words
CONTROL: Final = "control="
LAYER_PREFIX: Final = "layer="  # of the words of one layer


class Transform(NamedTuple):
    """A transformation: `center`, `remove-top` with the number of components to remove, `whiten` or `inner`."""

    kind: str
    top: int = 0

    @property
    def name(self) -> str:
        """The option that selects it, without its dashes, as answers name it."""
        return {"remove-top": f"remove-top={self.top}", "inner": "inner=causal"}.get(self.kind, self.kind)


def parse_transform(text: str) -> Transform:
    """Read a transformation's name, as `Transform.name` writes it.

    Raises:
        UsageError: an unknown name.
    """
    kind, _, value = text.partition("=")
    if kind == "remove-top" and value.isascii() and value.isdigit() and 0 < int(value) < 10**6:
        return Transform(kind, int(value))
    if text in ("center", "whiten", "inner=causal"):
        return Transform(kind)
    raise UsageError(f"unknown transformation '{text}'; expected {TRANSFORMS}", "D is a whole number from 1.")


def selected_transform(*, center: bool, remove_top: int | None, whiten: bool, inner: str | None) -> str | None:
    """The name of the one transformation that these options select, or None.

    The other three center too, so `center` next to them changes nothing.

    Raises:
        UsageError: two that exclude each other.
    """
    names = [
        *([f"remove-top={remove_top}"] if remove_top is not None else []),
        *(["whiten"] if whiten else []), *([f"inner={inner}"] if inner is not None else []),
    ]  # fmt: skip
    if len(names) > 1:
        raise UsageError(
            f"--{names[0]} and --{names[1]} can't be combined",
            "After whitening all components are equal: there is no top one." if "remove" in names[0] else "Choose one.",
        )
    return names[0] if names else "center" if center else None


def control_name(kind: str, seed: int) -> str:
    """The name of a control, as answers have it among the transformations: `control=random seed=0`."""
    return f"{CONTROL}{kind} seed={seed}"


def parse_control(transform: str) -> tuple[str, int] | None:
    """The kind and the seed of the control named at the end of a space's name; None if it is not a control."""
    _, is_control, name = transform.partition(CONTROL)
    kind, _, seed = name.partition(" seed=")
    return (kind, int(seed)) if is_control else None


def without_control(transform: str) -> str:
    """The name of the transformation alone."""
    return transform.partition(CONTROL)[0].rstrip()

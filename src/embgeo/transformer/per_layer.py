"""What config.json says of single layers: how far each one sees, and its rotary angles."""

from __future__ import annotations

from typing import Any, Final

from embgeo.errors import ModelError, any_of
from embgeo.transformer.config import MAX_VALUE, Config, as_short_json
from embgeo.transformer.families import Family
from embgeo.transformer.rotary import Rotary

SLIDING: Final = "sliding_attention"
ROPE_TYPES: Final = ("default", "linear", "llama3")


def windows_of(config: Config, family: Family, layers: int) -> tuple[int | None, ...]:
    """How far each layer sees."""
    if family.window == "neo":
        return _neo_windows(config, layers)
    if family.window == "nth":
        every, near_by = config.count("global_attn_every_n_layers", default=3), config.count("local_attention") // 2
        kinds = config.listed("layer_types")
        near = [kind == SLIDING for kind in kinds] if kinds else [n % every != 0 for n in range(layers)]
        return _checked(config, [near_by + 1 if one else None for one in near], layers)
    window = None if config.get("sliding_window", default=None) is None else config.count("sliding_window")
    used = config.get("use_sliding_window", default=True)
    start = config.counted("max_window_layers", least=0, most=MAX_VALUE, default=0)
    pattern = _pattern(config, "sliding_window_pattern", "_sliding_window_pattern")
    kinds = config.listed("layer_types")
    if kinds is not None:
        unknown = next((kind for kind in kinds if kind not in ("full_attention", SLIDING)), None)
        if unknown is not None:
            raise ModelError(f"{config.file} has a layer of type '{unknown!s:.40}', which embgeo doesn't know")
        return _checked(config, [window if kind == SLIDING else None for kind in kinds], layers)
    if window is None or not used:
        return (None,) * layers
    if family.window == "even":
        return tuple(None if n % 2 else window for n in range(layers))
    if pattern:
        return tuple(window if (n + 1) % pattern else None for n in range(layers))
    if family.window == "all":
        return (window,) * layers
    return tuple(window if n >= start else None for n in range(layers))


def _pattern(config: Config, *names: str) -> int:
    """Every how many layers one sees everything; 0 if that isn't said."""
    return config.counted(*names, least=0, most=MAX_VALUE, default=0)


def _checked(config: Config, windows: list[int | None], layers: int) -> tuple[int | None, ...]:
    if len(windows) != layers:
        raise ModelError(f"{config.file} names the types of {len(windows)} layers, and has {layers}")
    return tuple(windows)


def _neo_windows(config: Config, layers: int) -> tuple[int | None, ...]:
    """GPT-Neo's: [[["global", "local"], 6]] is those two in turn, six times."""
    window = config.count("window_size", default=256)
    config.get("attention_layers", default=None)
    parts = config.listed("attention_types")
    try:
        kinds = [kind for part, times in parts or () for _ in range(min(times, layers)) for kind in part]
    except (TypeError, ValueError):
        raise ModelError(
            f"{config.file} has attention_types = {as_short_json(parts)}, which embgeo doesn't know"
        ) from None
    return _checked(config, [window if kind == "local" else None for kind in kinds], layers)


def rotary_of(config: Config, family: Family, layers: int, head_dim: int) -> tuple[Rotary | None, ...]:
    """The rotary angles of each layer."""
    if family.positions != "rotary":
        return (None,) * layers
    near, far = _ropes(config)
    share = config.number("partial_rotary_factor", "rotary_pct", default=1.0)
    share = Config(far, config.file).number("partial_rotary_factor", default=share)
    dims = config.get("rotary_dim", default=int(head_dim * share))
    without = config.listed("no_rope_layers") or [1] * layers
    config.get("no_rope_layer_interval", default=None)
    if len(without) != layers or type(dims) is not int or dims % 2 or not 0 < dims <= head_dim:
        what = f"rotary positions for {len(without)} layers and {dims} of {head_dim} dimensions"
        raise ModelError(f"{config.file} has {what}, which embgeo's pass can't be for")
    turns = {one: _turn(Config(rope, config.file), dims) for one, rope in ((True, near), (False, far))}
    kinds = config.listed("layer_types")
    if kinds is None and near != far:
        every = _pattern(config, "sliding_window_pattern", "global_attn_every_n_layers") or 1
        first = 0 if family.window == "nth" else 1
        kinds = [SLIDING if (n + first) % every else "" for n in range(layers)]
    local = [kind == SLIDING for kind in kinds or [""] * layers]
    return tuple(turns[one] if used else None for one, used in zip(local, without, strict=True))


def _ropes(config: Config) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rotary settings of layers with a window, and of those without; older files have a key for each number."""
    theta = config.get("rope_theta", "global_rope_theta", "rotary_emb_base", default=10000.0)
    local = config.get("rope_local_base_freq", "local_rope_theta", default=None)
    new = config.mapping("rope_parameters")
    old = config.mapping("rope_scaling")
    if "full_attention" in new or SLIDING in new:
        kinds = Config(new, config.file)
        near, far = kinds.mapping(SLIDING), kinds.mapping("full_attention")
        return {"rope_theta": local or theta, **near}, {"rope_theta": theta, **far}
    rope = {"rope_theta": theta, **old, **new}
    return ({"rope_theta": local} if local else rope), rope


def _turn(rope: Config, dims: int) -> Rotary:
    """One layer's rotary angles.

    Raises:
        ModelError: a kind of scaling, or a key of it, that the pass doesn't know.
    """
    kind = rope.get("rope_type", "type", default="default")
    if kind not in ROPE_TYPES:
        raise ModelError(f"{rope.file} has rotary positions of type '{kind!s:.40}'; embgeo knows {any_of(ROPE_TYPES)}")
    rope.get("partial_rotary_factor", default=1.0)
    turn = Rotary(dims, rope.number("rope_theta"))
    if kind != "default":
        turn = turn._replace(factor=rope.number("factor"))
    if kind == "llama3":
        turn = turn._replace(
            low=rope.number("low_freq_factor"), high=rope.number("high_freq_factor"),
            original=rope.number("original_max_position_embeddings"),
        )  # fmt: skip
    rope.refuse_unread("rotary positions")
    return turn

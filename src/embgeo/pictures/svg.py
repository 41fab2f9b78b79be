"""A figure as SVG: one file for light and dark, whose text is text, and whose bytes are the same on every run."""

from __future__ import annotations

import json
from typing import Final

from embgeo.errors import first_of
from embgeo.pictures import colors
from embgeo.pictures.elements import LARGE, SMALL, element, escaped, number, text
from embgeo.pictures.figure import Panel, Picture
from embgeo.pictures.panels import Frame, draw_panel, margins
from embgeo.pictures.text import broken

WIDTH: Final = 860.0
MARGIN: Final = 20.0
PANEL_GAP: Final = 26.0  # between panels
LEADING: Final = 15.0  # from one line of small text to the next
FONT_FAMILY: Final = "'DejaVu Sans',Verdana,'Noto Sans',sans-serif"
MAX_NAMED: Final = 12  # words without room for a label that the caption names


def svg(figure: Picture, *, ground: str = "auto") -> str:
    """The figure as the text of an SVG file.

    Args:
        ground: `light`, `dark`, or `auto` for what the reader's device prefers.
    """
    room = WIDTH - 2 * MARGIN
    y = MARGIN + 8
    parts = []
    for one in broken(figure.title, LARGE, room * 0.97):
        parts.append(text(MARGIN, y, one, size=LARGE))
        y += 21
    for one in broken(figure.subtitle, 12.0, room):
        parts.append(text(MARGIN, y, one, class_="muted", size=12.0))
        y += LEADING + 1
    y += 2
    frames, bottom = _frames(figure, y)
    left: list[str] = []
    for frame in frames:
        more, unplaced = draw_panel(frame)
        parts += more
        left += unplaced
    y = bottom + 24
    for sentence in (*figure.below, *_without_room(left)):
        for one in broken(sentence, SMALL, room):
            parts.append(text(MARGIN, y, one, class_="muted", size=SMALL))
            y += LEADING
    return _page(figure, parts, y + MARGIN - LEADING, ground)


def page(figure: Picture) -> str:
    """The figure as a page of HTML."""
    grounds = f"body{{margin:0;background:{colors.LIGHT['ground']}}}"
    grounds += "svg{display:block;margin:auto;max-width:100%;height:auto}"
    dark = f"@media(prefers-color-scheme:dark){{body{{background:{colors.DARK['ground']}}}}}"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f'<meta name="viewport" content="width=device-width"><title>{escaped(figure.title)}</title>'
        f"<style>{grounds}{dark}</style></head><body>\n{svg(figure)}</body></html>\n"
    )


def _frames(figure: Picture, top: float) -> tuple[list[Frame], float]:
    """The panels side by side from this height down, and where the lowest ends."""
    room = WIDTH - 2 * MARGIN - PANEL_GAP * (len(figure.panels) - 1)
    shares = sum(panel.share for panel in figure.panels)

    def inner(panel: Panel) -> float:
        return room * panel.share / shares - margins(panel, room * panel.share / shares)[0]

    above = max(margins(panel, inner(panel))[1] for panel in figure.panels)
    below = max(margins(panel, inner(panel))[2] for panel in figure.panels)
    found, x = [], MARGIN
    for panel in figure.panels:
        across = room * panel.share / shares
        found.append(
            Frame(panel, x + across - inner(panel), top + above, x + across, top + above + figure.height)
        )  # fmt: skip
        x += across + PANEL_GAP
    return found, top + above + figure.height + below


def _without_room(words: list[str]) -> list[str]:
    if not words:
        return []
    return [f"No room for {len(words):,} labels: {first_of(words, MAX_NAMED)}; point at a dot to read its name."]


def _page(figure: Picture, parts: list[str], height: float, ground: str) -> str:
    head = {
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {number(WIDTH)} {number(height)}",
        "width": number(WIDTH), "height": number(height), "class": "embgeo", "role": "img",
        "font-family": FONT_FAMILY, "font-size": "13",
    }  # fmt: skip
    written = "".join(f' {name}="{value}"' for name, value in head.items())
    facts = json.dumps(figure.facts, sort_keys=True)
    ahead = [
        f"<title>{escaped(figure.title)}</title>", f"<desc>{escaped(figure.description)}</desc>",
        f"<metadata>{escaped(facts)}</metadata>", f"<style>{_style(''.join(parts), ground)}</style>",
        element("rect", width=WIDTH, height=height, class_="ground"),
    ]  # fmt: skip
    return "\n".join([f"<svg{written}>", *ahead, *filter(None, parts), "</svg>"]) + "\n"


def _style(body: str, ground: str) -> str:
    """The rules that the elements need: for one ground, or for both with the dark ones under a condition."""
    if ground != "auto":
        return _rules(body, ground)
    return f"{_rules(body, 'light')}@media(prefers-color-scheme:dark){{{_rules(body, 'dark')}}}"


def _rules(body: str, ground: str) -> str:
    names = colors.palette(ground)
    rules = {
        "ground": f"fill:{names['ground']}", "frame": f"fill:none;stroke:{names['rule']};stroke-width:1.5",
        "text": f"fill:{names['ink']};white-space:pre",
        "label": f"stroke:{names['ground']};stroke-width:3;stroke-linejoin:round;paint-order:stroke",
        "muted": f"fill:{names['muted']}", "rule": f"stroke:{names['rule']}", "area": f"fill:{names['fill']}",
        "leader": f"stroke:{names['muted']};stroke-width:.7",
        "line": "fill:none;stroke-width:1.6;stroke-linejoin:round", "dotted": "stroke-dasharray:2 3.5",
        "cell": f"stroke:{names['ground']};stroke-width:1", "dot": f"stroke:{names['ground']};stroke-width:.8",
    }  # fmt: skip
    used = [f".embgeo {'' if name == 'text' else '.'}{name}{{{rule}}}" for name, rule in rules.items()]
    for name, color in names.items():
        used += [f".embgeo .f-{name}{{fill:{color}}}"] if f'f-{name}"' in body else []
        used += [f".embgeo .k-{name}{{stroke:{color}}}"] if f'k-{name}"' in body or f"k-{name} " in body else []
    for step in range(-colors.SHADES, colors.SHADES + 1):
        if f'o-h{step}"' in body:
            used.append(f".embgeo .o-h{step}{{fill:{colors.on_heat(step / colors.SHADES, ground)}}}")
    return "".join(used)

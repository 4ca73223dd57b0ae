"""Pictures as SVG, drawn by hand: bars of several contestants, and curves over the size of a shop."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INK, FAINT = "#24292f", "#d0d7de"
COLOURS = ("#0969da", "#bf8700", "#1a7f37")
WIDTH = 760
LEFT, RIGHT, TOP = 190, 60, 46
BAR, GAP = 11, 12
HIGH = 250


def bars(title: str, series: Mapping[str, Mapping[str, float]]) -> str:
    """Return a picture of bars: a row for each name, in it a bar for each series.

    Args:
        title: what is shown.
        series: by its name, {name of a row: value}; all with the same rows, in their order.
    """
    rows = list(next(iter(series.values())))
    most = max(value for values in series.values() for value in values.values())
    step = len(series) * BAR + GAP
    height = TOP + len(rows) * step + 10
    across = (WIDTH - LEFT - RIGHT) / most
    parts = [_text(10, 18, title, size=14), *_legend(list(series), 34)]
    for place, row in enumerate(rows):
        top = TOP + place * step
        parts.append(_text(LEFT - 8, top + len(series) * BAR / 2 + 4, row, anchor="end"))
        for number, values in enumerate(series.values()):
            y, value = top + number * BAR, values[row]
            wide = max(value * across, 1)
            parts.append(
                f'<rect x="{LEFT}" y="{y:.1f}" width="{wide:.1f}" height="{BAR - 1}" fill="{COLOURS[number]}"/>'
            )
            parts.append(_text(LEFT + wide + 4, y + BAR - 2, f"{value:.2f}", size=10))
    return _svg(height, parts)


def curve(title: str, unit: str, lines: Mapping[str, Sequence[tuple[int, float]]], *, from_zero: bool) -> str:
    """Return a picture of lines over the size of a shop, which grows by powers of ten to the right.

    Args:
        title: what is shown.
        unit: of the values.
        lines: by name, (size, value) in the order of the sizes.
        from_zero: values stand on an even scale from 0; else on one of powers of ten, too.
    """
    sizes = [size for points in lines.values() for size, _ in points]
    values = [value for points in lines.values() for _, value in points]
    least_x, most_x = math.log10(min(sizes)), math.log10(max(sizes))
    low, high = (0.0, max(values) * 1.1) if from_zero else _decades(values)
    marks = [high * part / 4 for part in range(5)] if from_zero else _powers(low, high)

    def x(size: float) -> float:
        span = most_x - least_x or 1.0
        return 70 + (WIDTH - 70 - RIGHT) * (math.log10(size) - least_x) / span

    def y(value: float) -> float:
        share = value / high if from_zero else (math.log10(value) - low) / (high - low)
        return TOP + HIGH * (1 - share)

    parts = [_text(10, 18, title, size=14), *_legend(list(lines), 34)]
    for mark in marks:
        parts.append(f'<path d="M70 {y(mark):.1f}H{WIDTH - RIGHT}" stroke="{FAINT}"/>')
        parts.append(_text(64, y(mark) + 4, f"{mark:,.0f} {unit}" if mark >= 1 else f"{mark:g} {unit}", anchor="end"))
    parts += [_text(x(size), TOP + HIGH + 18, f"{size:,}", anchor="middle") for size in sorted(set(sizes))]
    for number, points in enumerate(lines.values()):
        path = "L".join(f"{x(size):.1f} {y(value):.1f}" for size, value in points)
        parts.append(f'<path d="M{path}" fill="none" stroke="{COLOURS[number]}" stroke-width="2"/>')
        dots = (f'<circle cx="{x(size):.1f}" cy="{y(value):.1f}" r="3"/>' for size, value in points)
        parts.append(f'<g fill="{COLOURS[number]}">{"".join(dots)}</g>')
    return _svg(TOP + HIGH + 32, parts)


def _decades(values: Sequence[float]) -> tuple[float, float]:
    low = math.floor(math.log10(min(values)))
    return low, max(math.ceil(math.log10(max(values))), low + 1)


def _powers(low: float, high: float) -> list[float]:
    return [10.0**power for power in range(int(low), int(high) + 1)]


def _legend(names: Sequence[str], y: float) -> list[str]:
    parts, x = [], 10.0
    for number, name in enumerate(names):
        parts.append(f'<rect x="{x}" y="{y - 9}" width="10" height="10" fill="{COLOURS[number]}"/>')
        parts.append(_text(x + 14, y, name))
        x += 34 + 7 * len(name)
    return parts


def _text(x: float, y: float, text: str, *, size: int = 12, anchor: str = "start") -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"'
    return f"<text {where}>{escape(text)}</text>"


def _svg(height: float, parts: Sequence[str]) -> str:
    # A background of its own: on a dark page dark letters would not be seen.
    size = f'viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" fill="{INK}">'
    return "\n".join([head, '<rect width="100%" height="100%" fill="#fff"/>', *parts, "</svg>", ""])

"""The table and the plots, on a terminal and as SVG."""

import math
from xml.sax.saxutils import escape

COLUMNS = (("containers", "alive", 1), ("create", "create ms", 1000), ("start", "start ms", 1000), ("state", "state ms", 1000),
           ("list", "list ms", 1000), ("exec", "exec ms", 1000), ("kill", "kill ms", 1000), ("delete", "delete ms", 1000),
           ("process_kb", "process kB", 1), ("kernel_kb", "kernel kB", 1), ("held_kb", "both kB", 1))
TIMES = ("create", "start", "state", "list", "exec")
COLOURS = ("#1f77b4", "#2ca02c", "#ff7f0e", "#d62728", "#9467bd", "#8c564b")


def table(rows):
    """Lines, with a heading."""
    lines = ["".join(f"{title:>12}" for _, title, _ in COLUMNS)]
    for row in rows:
        cells = [row.get(key) for key, _, _ in COLUMNS]
        lines.append("".join(f"{'' if cell is None else _number(cell * factor):>12}"
                             for cell, (_, _, factor) in zip(cells, COLUMNS)))
    return lines


def _number(value):
    return str(value) if isinstance(value, int) else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def ratios(rows, others):
    """How many times as much the other takes, a line for each number of containers."""
    lines = ["".join(f"{title:>12}" for _, title, _ in COLUMNS)]
    for row, other in zip(rows, others):
        cells = [f"{row['containers']:>12}"]
        for key, _, _ in COLUMNS[1:]:
            mine, theirs = row.get(key), other.get(key)
            cells.append(f"{theirs / mine:>12.1f}" if mine and theirs and mine > 0 else " " * 12)
        lines.append("".join(cells))
    return lines


def bars(rows, key, title, factor, width=60):
    """A plot of one column: a bar for each number of containers."""
    values = [(row["containers"], row[key] * factor) for row in rows if row.get(key) is not None]
    most = max(value for _, value in values) or 1
    return [title, *(f"{count:>6} |{'#' * max(1, round(width * value / most)):<{width}} {_number(value)}" for count, value in values)]


def svg(series, path):
    """series: name of a runtime to its rows. Two panels: times of calls, and memory of a container."""
    width, height, left = 960, 420, 70
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{2 * height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{2 * height}" fill="white"/>']
    times = {f"{key} ({name})" if len(series) > 1 else key: [(row["containers"], row[key] * 1000) for row in rows if row.get(key)]
             for name, rows in series.items() for key in TIMES}
    memory = {f"{title} ({name})" if len(series) > 1 else title: [(row["containers"], row[key]) for row in rows if row.get(key, 0) > 0]
              for name, rows in series.items()
              for key, title in (("process_kb", "its process"), ("held_kb", "and the kernel's for it"))}
    parts += _panel(times, "ms a call, by containers alive", left, 0, width, height)
    parts += _panel(memory, "kB a container, by containers alive", left, height, width, height)
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join([*parts, "</svg>", ""]))


# pylint: disable=too-many-arguments,too-many-locals
def _panel(lines, title, left, top, width, height):
    """Both axes by powers of ten."""
    points = [point for line in lines.values() for point in line]
    low, high = (math.floor(math.log10(min(y for _, y in points))), math.ceil(math.log10(max(y for _, y in points))))
    high = max(high, low + 1)
    last = max(1.0, math.log10(max(x for x, _ in points)))
    right, bottom, above = width - 200, top + height - 40, top + 40

    def place(x, y):
        return (left + (right - left) * math.log10(x) / last,
                bottom - (bottom - above) * (math.log10(y) - low) / (high - low))
    parts = [f'<text x="{left}" y="{top + 24}" font-size="15">{escape(title)}</text>']
    for power in range(low, high + 1):
        _, y = place(1, 10 ** power)
        parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0 ** power:g}</text>')
    for count in sorted({x for x, _ in points}):
        x, _ = place(count, 10 ** low)
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{count}</text>')
    for number, (name, line) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        dashes = ("", ' stroke-dasharray="6 3"', ' stroke-dasharray="2 3"')[number // len(COLOURS) % 3]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>')
        y = above + 18 * number
        parts.append(f'<line x1="{right + 12}" y1="{y}" x2="{right + 36}" y2="{y}" stroke="{colour}" stroke-width="2"{dashes}/>')
        parts.append(f'<text x="{right + 42}" y="{y + 4}">{escape(name)}</text>')
    return parts

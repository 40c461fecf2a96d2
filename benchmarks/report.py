"""What the benchmarks have found, as lines, as the tables of docs/performance.md, and as a plot."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

PEERS = ("numpy", "onnxruntime", "torch", "scikit-learn")
PAGE = "performance.md"
PLOT = "performance.svg"
GROWTH_PLOT = "growth.svg"
MEASURED = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- measured end -->)", re.DOTALL)


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """The median of the ratios of each round, with the smallest and the largest."""
    each = np.divide(ours, theirs)
    spread = f" ({each.min():.2f}–{each.max():.2f})" if len(each) > 1 else ""
    return f"{np.median(each):.2f}{spread}"


def duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def machine_text(machine: dict[str, Any]) -> str:
    versions = [
        f"{name} {machine[name] or 'not installed'}"
        for name in ("Python", "numpy", "onnxruntime", "torch", "scikit-learn")
    ]
    place = f"{machine['cpu']}, {machine['cores']} cores, {machine.get('memory')}"
    return f"{place}, {machine['system']}; {', '.join(versions)}; BLAS of numpy: " + "; ".join(
        machine["blas"]
    )


def forward_line(case: str, found: dict[str, list[float]]) -> str:
    """A case on a line for the terminal."""
    shape, dtype, rows = case.split()
    words = [f"{shape:<15} {dtype} {int(rows):>7,} rows"]
    words.append(f"{duration(float(np.median(found['netrunner']))):>8}")
    words += [
        f"of {peer} {ratio(found['netrunner'], found[peer])}" for peer in PEERS if peer in found
    ]
    words.append(f"trace of kept {ratio(found['trace'], found['kept'])}")
    return "  ".join(words)


def plain_line(name: str, seconds: list[float], base: list[float], what: str) -> str:
    return f"{name:<44} {duration(float(np.median(seconds))):>8}  of {what} {ratio(seconds, base)}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def forward_table(results: dict[str, Any]) -> str:
    """One line for each case: how long net(X) takes, and its part of what the peers take."""
    head = ["network", "dtype", "rows", "`net(X)`", "of numpy", "of onnxruntime", "of PyTorch"]
    head += ["of scikit-learn", "of the bare products"]
    rows = []
    for case, found in results["forward"].items():
        shape, dtype, count = case.split()
        ours = found["netrunner"]
        ratios = [
            ratio(ours, found[peer]) if peer in found else "not installed"
            for peer in (*PEERS, "products")
        ]
        rows.append([shape, dtype, f"{int(count):,}", duration(float(np.median(ours))), *ratios])
    return table(head, rows)


def trace_table(results: dict[str, Any]) -> str:
    head = ["network", "dtype", "rows", "`net.trace(X)`", "of the same by hand", "of `net(X)`"]
    rows = []
    for case, found in results["forward"].items():
        shape, dtype, count = case.split()
        seconds = duration(float(np.median(found["trace"])))
        ratios = [ratio(found["trace"], found[other]) for other in ("kept", "netrunner")]
        rows.append([shape, dtype, f"{int(count):,}", seconds, *ratios])
    return table(head, rows)


def limits_table(results: dict[str, Any]) -> str:
    """How far net(X) is from what no program could do without."""
    byte = float(np.median(results["limits"]["seconds a byte"]))
    head = ["network", "dtype", "rows", "`net(X)`", "the bare products", "reading X once"]
    rows = []
    for case, found in results["forward"].items():
        shape, dtype, count = case.split()
        if int(count) < 10_000:
            continue
        size = int(count) * int(shape.split("-")[0]) * np.dtype(dtype).itemsize
        seconds = [float(np.median(found[name])) for name in ("netrunner", "products")]
        seconds.append(size * byte)
        rows.append([shape, dtype, f"{int(count):,}", *map(duration, seconds)])
    speed = f"Memory is read at {1e-9 / byte:.1f} GB/s by one core.\n\n"
    return speed + table(head, rows)


def plain_table(found: dict[str, list[float]], base: str, what: str) -> str:
    rows = [
        [f"`{name}`", duration(float(np.median(seconds))), ratio(seconds, found[base])]
        for name, seconds in found.items()
    ]
    return table(["what", "takes", what], rows)


def load_table(results: dict[str, Any]) -> str:
    return plain_table(results["load"], "yaml.load", "of `yaml.load`")


def start_table(results: dict[str, Any]) -> str:
    bare = "import numpy, yaml, pluggy, click"
    return plain_table(results["start"], bare, "of the bare imports")


def memory_table(results: dict[str, Any]) -> str:
    found = results["memory"]
    if not found:
        return "Measured on Linux only.\n"
    shape, dtype, count = found["case"].split()
    size = int(count) * int(shape.split("-")[0]) * np.dtype(dtype).itemsize
    rows = [[name, f"{beyond / 2**20:,.0f} MiB"] for name, beyond in found["beyond"].items()]
    of = f"{shape}, {dtype}, {int(count):,} rows: the input has {size / 2**20:,.0f} MiB"
    streamed = found["streamed"]
    size = streamed["rows"] * 784 * 8
    return (
        f"{of}.\n\n"
        + table(["what", "takes beyond the input, at its peak"], rows)
        + f"\n`netrunner run --output-only` over a file of {streamed['rows']:,} × 784 float64 "
        f"({size / 2**20:,.0f} MiB) has at most {streamed['bytes'] / 2**20:,.0f} MiB of anonymous "
        "memory in all, Python and numpy included.\n"
    )


def machine_table(results: dict[str, Any]) -> str:
    return f"Measured on: {machine_text(results['machine'])}.\n"


# Each table, and the parts of the results that it takes.
TABLES = {
    "machine": (machine_table, {"machine"}),
    "forward": (forward_table, {"forward"}),
    "trace": (trace_table, {"forward"}),
    "limits": (limits_table, {"forward", "limits"}),
    "load": (load_table, {"load"}),
    "start": (start_table, {"start"}),
    "memory": (memory_table, {"memory"}),
}


def renewed(text: str, results: dict[str, Any]) -> str:
    """The page with its tables made again; one that was not measured stays as it is."""

    def renew(match: re.Match[str]) -> str:
        make, needed = TABLES[match[2]]
        return match[1] + make(results) + match[3] if needed <= set(results) else match[0]

    return MEASURED.sub(renew, text)


def write_docs(results: dict[str, Any], docs: Path) -> None:
    page = docs / PAGE
    page.write_text(renewed(page.read_text(encoding="utf-8"), results), encoding="utf-8")
    draw(results, docs / PLOT)
    if "growth" in results:
        draw_growth(results["growth"], docs / GROWTH_PLOT)


def draw(results: dict[str, Any], path: Path) -> None:
    """A panel for each network and dtype: what net(X) takes of each peer's time, by rows."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullLocator

    cases: dict[tuple[str, str], dict[int, dict[str, list[float]]]] = {}
    for case, found in results["forward"].items():
        shape, dtype, rows = case.split()
        cases.setdefault((shape, dtype), {})[int(rows)] = found
    shapes = list(dict.fromkeys(shape for shape, _ in cases))
    dtypes = list(dict.fromkeys(dtype for _, dtype in cases))
    with mpl.rc_context({"svg.hashsalt": "netrunner", "font.size": 8}):
        figure = Figure(figsize=(2.4 * len(shapes) + 0.6, 2.2 * len(dtypes) + 0.6))
        panels = figure.subplots(len(dtypes), len(shapes), sharex=True, sharey=True, squeeze=False)
        for (shape, dtype), by_rows in cases.items():
            panel = panels[dtypes.index(dtype)][shapes.index(shape)]
            panel.axhline(1, color="black", linewidth=0.8)
            for peer, marker in zip(PEERS, "os^D", strict=True):
                counts = [rows for rows in by_rows if peer in by_rows[rows]]
                each = [
                    np.divide(by_rows[rows]["netrunner"], by_rows[rows][peer]) for rows in counts
                ]
                middle = np.array([np.median(values) for values in each])
                spread = np.abs(
                    [[v.min() for v in each] - middle, [v.max() for v in each] - middle]
                )
                panel.errorbar(counts, middle, spread, marker=marker, markersize=4, label=peer)
            panel.set(xscale="log", yscale="log", title=f"{shape}, {dtype}")
        for panel in panels[-1]:
            panel.set_xlabel("rows")
        for row in panels:
            row[0].yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            row[0].yaxis.set_minor_locator(NullLocator())
            row[0].yaxis.set_major_formatter("{x:g}")
            row[0].set_ylabel("time of net(X) / time of the peer")
        figure.legend(
            *panels[0][0].get_legend_handles_labels(), loc="lower center", ncols=len(PEERS)
        )
        figure.tight_layout(rect=(0, 0.06, 1, 1))
        figure.savefig(path, metadata={"Date": None})


def draw_growth(found: dict[str, Any], path: Path) -> None:
    """Two panels: the time of each contender by the number of rows, and by the width."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    titles = {"rows": "64-50-10", "width": "width-width-width, 1,000 rows"}
    with mpl.rc_context({"svg.hashsalt": "netrunner", "font.size": 8}):
        figure = Figure(figsize=(9, 3.6))
        for panel, (what, seconds) in zip(figure.subplots(1, 2), found.items(), strict=True):
            for name, marker in zip(("netrunner", *PEERS), "*os^D", strict=True):
                if name in seconds:
                    look = {"marker": marker, "markersize": 4, "label": name}
                    panel.plot(
                        seconds["at"], seconds[name], zorder=2 + (name == "netrunner"), **look
                    )
            floor = {"color": "black", "linestyle": "dotted", "label": "the bare products"}
            panel.plot(seconds["at"], seconds["products"], **floor)
            panel.set(xscale="log", yscale="log", title=titles[what], xlabel=what)
            panel.grid(alpha=0.3)
            panel.set_ylabel("seconds")
        handles = figure.axes[0].get_legend_handles_labels()
        figure.legend(*handles, loc="lower center", ncols=len(PEERS) + 2)
        figure.tight_layout(rect=(0, 0.08, 1, 1))
        figure.savefig(path, metadata={"Date": None})

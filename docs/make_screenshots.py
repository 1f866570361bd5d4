"""Take the pictures of the screens from real searches.

    python docs/make_screenshots.py path/to/letter-recognition.csv [--trials 60]

searches configs/letters.yaml on UCI's Letter Recognition with 2 workers, photographs the live
screen on the way, then searches at random for the comparison, and writes docs/*.png. It needs
Chromium, which draws the pictures, and Pillow, which makes them small (pip install pillow).

The text screens are what the commands print, drawn by rich as SVG; the live screen is drawn by the
same function from the same folder at one moment of the search.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from hpsearch.report.live.live import LiveView
from hpsearch.report.live.watch import WatchedRun
from hpsearch.store.rundir import RunFolder

DOCS = Path(__file__).parent
CONFIG = DOCS.parent / "configs" / "letters.yaml"
NAME, RANDOM = "letters", "letters-random"
WIDTH, HEIGHT = 116, 34  # characters
MOMENT = 0.6  # the share of the trials after which the live screen is photographed
PAGE = (1280, 1500)  # pixels
COLOURS = 128
FONT = "DejaVu Sans Mono"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path, help="letter-recognition.csv")
    parser.add_argument("--trials", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copy(CONFIG, folder)
        shutil.copy(options.data, folder / "letter-recognition.csv")
        photograph_live(folder, options.trials)
        hpsearch(folder, *search(RANDOM, options.trials), "--set", "search.strategy=random")
        for name, command in {
            "report": ["report", NAME],
            "trial": ["report", NAME, "--trial", str(best_trial(folder)), "--why"],
            "compare": ["compare", NAME, RANDOM],
        }.items():
            photograph_text(folder, name, command)
        hpsearch(folder, "report", NAME, "--html")
        photograph_page(folder / "runs" / NAME / "report.html", DOCS / "page.png", *PAGE)
    for path in sorted(DOCS.glob("*.png")):
        print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB")


def search(name: str, trials: int) -> list[str]:
    """The command line of one search."""
    size = f"search.max_trials={trials}"
    return ["run", CONFIG.name, "--name", name, "--workers", "2", "-q", "--set", size]


def hpsearch(folder: Path, *arguments: str) -> str:
    """Run a command as in a terminal with colours; what it printed."""
    environment = os.environ | {"FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "TERM": "xterm"}
    done = subprocess.run(
        [sys.executable, "-m", "hpsearch", *arguments],
        cwd=folder,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def photograph_live(folder: Path, trials: int) -> None:
    """Search, and draw the live screen once when enough trials are recorded."""
    arguments = [sys.executable, "-m", "hpsearch", *search(NAME, trials)]
    process = subprocess.Popen(arguments, cwd=folder, stdout=subprocess.DEVNULL)
    run = RunFolder(folder / "runs" / NAME)
    while not run.exists():
        time.sleep(0.1)
    watched = WatchedRun(run)
    while process.poll() is None:
        seen = watched.snapshot()
        under_way = len(seen.running) == 2 and all(t.curve for t in seen.running)
        if seen.recorded >= MOMENT * trials and under_way and seen.eta is not None:
            break
        time.sleep(0.2)
    else:
        raise SystemExit("the search ended before it could be photographed")
    view = LiveView(2)
    view.snapshot = seen
    console = recorder(HEIGHT)
    console.print(view)
    console.print("\n")  # room below, where the screen has no line end after its last line
    write_picture(console, f"hpsearch run {CONFIG.name}", DOCS / "live.png")
    if process.wait():
        raise SystemExit("the search failed")


def best_trial(folder: Path) -> int:
    """The number of the best trial."""
    snapshot = WatchedRun(RunFolder(folder / "runs" / NAME)).snapshot()
    return snapshot.best[0].trial


def photograph_text(folder: Path, name: str, command: list[str]) -> None:
    """A picture of what a command prints."""
    printed = Text.from_ansi(hpsearch(folder, *command))
    console = recorder(printed.plain.count("\n") + 1)
    console.print(printed, no_wrap=True)
    write_picture(console, " ".join(["hpsearch", *command]), DOCS / f"{name}.png")


def recorder(height: int) -> Console:
    """A console that remembers what was printed."""
    return Console(
        record=True,
        file=io.StringIO(),
        width=WIDTH,
        height=height,
        force_terminal=True,
        color_system="standard",
        highlight=False,
    )


def write_picture(console: Console, title: str, path: Path) -> None:
    """Draw what a console recorded."""
    # In place of the fonts that rich's template loads from the network.
    template = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    template = template.replace("Fira Code", FONT)
    svg = console.export_svg(title=title, code_format=template)
    width, height = (float(n) for n in re.findall(r'viewBox="0 0 (\S+) (\S+)"', svg)[0])
    with tempfile.TemporaryDirectory() as temporary:
        page = Path(temporary) / "screen.html"
        page.write_text(f"<body style='margin:0'>{svg}</body>", encoding="utf-8")
        photograph_page(page, path, round(width), round(height))


def photograph_page(page: Path, path: Path, width: int, height: int) -> None:
    """A picture of a page, with few colours so that it is small."""
    subprocess.run(
        [
            shutil.which("chromium") or "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--window-size={width},{height}",
            f"--screenshot={path}",
            page.as_uri(),
        ],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    with Image.open(path) as picture:
        # An octree keeps rare colours, such as that of the best trial; a median cut loses them.
        tree = Image.Quantize.FASTOCTREE
        small = picture.convert("RGB").quantize(COLOURS, tree, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


if __name__ == "__main__":
    main()

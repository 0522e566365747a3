"""Draw the pictures of README.md: python docs/make_images.py [FILE].

FILE holds invoice lines, CSV or Parquet. Default: online_retail_II.parquet in the folder that LGS_RFM_DATA names (UCI
Online Retail II, CC BY 4.0), and where that is not set the demo shop.
"""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

import lgs_rfm as lgs
import matplotlib as mpl
from matplotlib.figure import Figure

IMAGES = Path(__file__).parent / "images"


def read() -> tuple[lgs.Ledger, str]:
    """Return the ledger and the name of its source."""
    warnings.simplefilter("ignore", lgs.QualityWarning)
    folder = os.environ.get("LGS_RFM_DATA")
    if len(sys.argv) > 1:
        return lgs.Ledger.from_lines(lgs.read_lines(sys.argv[1])), Path(sys.argv[1]).name
    if folder:
        path = Path(folder) / "online_retail_II.parquet"
        return lgs.Ledger.from_lines(lgs.read_lines(path)), "UCI Online Retail II"
    return lgs.Ledger.from_lines(lgs.demo_lines()), "demo shop"


def main() -> None:
    """Draw the segments beside the grid of recency by frequency."""
    book, source = read()
    segments = lgs.rfm(book)
    mpl.rcdefaults()
    figure = Figure(figsize=(11.0, 4.9), dpi=100, layout="constrained")
    shares, grid = figure.subplots(1, 2)
    lgs.plot.segments(segments, ax=shares)
    lgs.plot.rfm_grid(segments, bins=5, ax=grid)
    figure.supxlabel(f"{source}, {len(segments):,} customers", fontsize=9, color="#5f6b78", x=0.99, ha="right")
    IMAGES.mkdir(exist_ok=True)
    path = IMAGES / "segments.png"
    figure.savefig(path, metadata={"Software": None})
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB, {source}")


if __name__ == "__main__":
    main()

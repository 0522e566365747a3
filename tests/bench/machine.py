"""What the figures depend on: processors, memory, versions, and how fast memory can be read at this moment."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np


def read_bandwidth(threads: int, megabytes: int = 512, rounds: int = 3) -> float:
    """Return bytes a second at which `threads` threads together read a buffer much larger than the caches.

    The best of some rounds of the quicker of a sum and a maximum, which numpy runs as vector code without the
    interpreter's lock; so a share of it is rather too small than too large.
    """
    buffer = np.ones(megabytes * (1 << 20) // 8, np.int64)
    parts = np.array_split(buffer, threads * 8)
    best = float("inf")
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(rounds):
            for function in (np.sum, np.max):
                start = time.perf_counter()
                list(pool.map(function, parts))
                best = min(best, time.perf_counter() - start)
    return buffer.nbytes / best


def _first(path: str, pattern: str) -> str:
    try:
        found = re.search(pattern, Path(path).read_text(encoding="utf-8"), flags=re.MULTILINE)
    except OSError:
        return ""
    return found.group(1).strip() if found else ""


def available_bytes() -> int:
    """Return the memory that is free for new processes; 0 where the system does not say."""
    return 1024 * int(_first("/proc/meminfo", r"^MemAvailable:\s+(\d+)") or 0)


def facts() -> dict[str, Any]:
    """Return machine, system and revision."""
    revision = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return {
        "processor": _first("/proc/cpuinfo", r"^model name\s*:\s*(.*)$") or platform.processor(),
        "processors": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "revision": revision,
    }

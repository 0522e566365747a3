"""The real data, when the environment says where it is, in every kind of frame."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import lgs_rfm as lgs
import pandas as pd
import pytest
from frames import KINDS, as_route, quiet_ledger
from hypothesis import settings

# The same examples everywhere and no folder of past ones; the first call of a library may take long.
settings.register_profile("lgs_rfm", deadline=None, derandomize=True, database=None)
settings.load_profile("lgs_rfm")

NEEDED = ["Invoice", "Quantity", "InvoiceDate", "Price", "Customer ID"]


@pytest.fixture(scope="session")
def data_folder() -> Path:
    folder = os.environ.get("LGS_RFM_DATA")
    if folder and (Path(folder) / "online_retail_II.parquet").is_file():
        return Path(folder)
    reason = (
        f"LGS_RFM_DATA is {folder!r}, and online_retail_II.parquet is not there"
        if folder
        else "LGS_RFM_DATA is not set: it names the folder with online_retail_II.parquet and expected.json"
    )
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def real(data_folder: Path) -> pd.DataFrame:
    """The real lines as pandas 3 reads them. Tests must not change it."""
    return pd.read_parquet(data_folder / "online_retail_II.parquet")


@pytest.fixture(scope="session")
def real_lines(real: pd.DataFrame) -> pd.DataFrame:
    """The five columns that the ledger needs."""
    return real[NEEDED]


@pytest.fixture(scope="session")
def expected(data_folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((data_folder / "expected.json").read_text())
    return loaded


@pytest.fixture(scope="session", params=KINDS)
def route(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def real_frame(route: str, real_lines: pd.DataFrame) -> Any:
    return as_route(real_lines, route)


@pytest.fixture(scope="session")
def real_book(real_frame: Any) -> lgs.Ledger:
    return quiet_ledger(real_frame)


@pytest.fixture(scope="session")
def pandas_book(real_lines: pd.DataFrame) -> lgs.Ledger:
    return quiet_ledger(real_lines)

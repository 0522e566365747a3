"""What all contestants share."""

from __future__ import annotations

import importlib
from typing import Any

import answers
from definitions import ANSWERS, Setup


class Base:
    """A library that holds lines or customers and answers queries about them.

    A query is a method that returns a frame of the library, or frames by kind of answer. Its name with `before_` is
    called outside the time, and gives it what it uses up.
    """

    modules: tuple[str, ...] = ()

    def __init__(self, setup: Setup) -> None:
        self.setup = setup

    def versions(self) -> dict[str, str]:
        return {name: str(importlib.import_module(name).__version__) for name in self.modules}

    def answer(self, kind: str, result: Any) -> Any:
        """Return a result as the Arrow table that is compared."""
        several = isinstance(result, dict) and result.keys() <= ANSWERS.keys()
        return answers.canonical(kind, result[kind] if several else result)

"""Anybody's training log, as a run: a file, or a table whose columns have names of their own.

`read` takes a file in whatever format, and says what it took for what; `from_table` takes a table,
and is told. What a log does not say of itself has to be said: which column is what, what counts as
a step, what is in per cent, and the unit of a loss.
"""

from theory.logs.reading import read
from theory.logs.table import from_table

__all__ = ["from_table", "read"]

"""The scoreboard: which theory predicted what, and how likely the runs are by each."""

from theory.scoreboard.findings import Finding, board, state
from theory.scoreboard.likelihood import decided, ratio, score
from theory.scoreboard.matrix import Matrix
from theory.scoreboard.row import Row, rows

__all__ = ["Finding", "Matrix", "Row", "board", "decided", "ratio", "rows", "score", "state"]

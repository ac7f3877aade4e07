"""What happened in a run, in arrays and in plain words, and what another one would take."""

from theory.describing.criteria import FIT_BY, Criteria
from theory.describing.description import Description, describe
from theory.describing.expected import Expected, what_next
from theory.describing.labels import LABELS

__all__ = ["FIT_BY", "LABELS", "Criteria", "Description", "Expected", "describe", "what_next"]

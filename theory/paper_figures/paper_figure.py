"""What a figure of the paper is here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import xarray as xr

from theory.figures import Figure

# What is drawn side by side, by its title: runs of a network, or a run of its own.
Drawn = Mapping[str, xr.Dataset]


class PaperFigure(Protocol):
    """A module of this package.

    Attributes
    ----------
    TITLE
        What the figure shows.
    MINUTES
        How long `again` takes on one core: measured, in minutes.
    """

    TITLE: str
    MINUTES: float

    def stored(self, shelf: str | Path) -> Drawn:
        """Return what is drawn, from the stored runs in a folder.

        Raises
        ------
        FileNotFoundError
            If they are not there.
        """

    def again(self, folder: str | Path) -> Drawn:
        """Do the runs, kept in a folder as they finish, and return what is drawn."""

    def draw(self, drawn: Drawn) -> Figure:
        """Return the figure."""

"""A table that is cut off at no width: where there is no room for columns, each row is a card."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pandas as pd

STATIC = Path(__file__).parent / "static"


class Table(pd.DataFrame):  # type: ignore[misc]  # pandas brings no types
    """A data frame whose HTML shows every row and every word, whatever pandas is set to.

    Its cells carry the names of their columns. In a box that is narrower than 40 rem they stand
    before the values, one below the other. What pandas computes from it is a plain data frame.

    Examples
    --------
    >>> table = Table({"theory": ["minimal model"]}, ["slope"])
    >>> '<td role="cell" data-column="theory">minimal model</td>' in table._repr_html_()
    True
    """

    def _repr_html_(self) -> str:
        """Return the table for notebooks and the book, with its style."""
        columns = [escape(str(name)) for name in self.columns]
        head = "".join(f'<th role="columnheader" scope="col">{name}</th>' for name in columns)
        body = "".join(
            f'<tr role="row"><th role="rowheader" scope="row">{escape(_name(key))}</th>'
            + "".join(
                f'<td role="cell" data-column="{name}">{escape(str(value))}</td>'
                for name, value in zip(columns, row, strict=True)
            )
            + "</tr>"
            for key, *row in self.itertuples(name=None)
        )
        # Boxes that are no table to a browser are one to a screen reader by their roles.
        return (
            f'<div class="gv-cards"><style>{style("cards")}</style>'
            '<table class="dataframe" role="table">'
            f'<thead role="rowgroup"><tr role="row"><td role="cell"></td>{head}</tr></thead>'
            f'<tbody role="rowgroup">{body}</tbody></table></div>'
        )


def style(name: str) -> str:
    """Return one of the style sheets of this room."""
    return (STATIC / f"{name}.css").read_text(encoding="utf-8")


def _name(key: object) -> str:
    """Return the name of a row, all levels of it."""
    return ": ".join(map(str, key)) if isinstance(key, tuple) else str(key)

"""Sphinx extension: pages are executed side by side, as many at once as there are cores.

Jupyter Book itself asks Sphinx for one after another.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sphinx import builders
from sphinx_proof.domain import ProofDomain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

#: They do not say that pages can be read side by side. What they keep of a page is in its nodes.
SAFE = ("sphinx_togglebutton", "sphinx_multitoc_numbering")


class Propositions(ProofDomain):
    """The domain of propositions and proofs, of pages that were read side by side."""

    def merge_domaindata(self, docnames: Sequence[str], otherdata: dict[str, Any]) -> None:
        """Add nothing: its extension hands over elsewhere what is known of a page."""


def one_by_one(arguments: Sequence[str], nproc: int, maxbatch: int = 10) -> list[Any]:
    """Return pages in heaps of one, so that no core is left with a heap of long ones."""
    return [[page] for page in arguments]


def read_side_by_side(app: Sphinx, env: BuildEnvironment, pages: list[str]) -> None:
    """Have pages read in as many processes as there are cores."""
    app.parallel = os.cpu_count() or 1
    builders.make_chunks = one_by_one
    for name in SAFE:
        app.extensions[name].parallel_read_safe = True


def write_in_turn(app: Sphinx, env: BuildEnvironment) -> None:
    """Have pages written by one process, which takes seconds."""
    app.parallel = 1


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.setup_extension("sphinx_proof")
    app.add_domain(Propositions, override=True)
    app.connect("env-before-read-docs", read_side_by_side)
    app.connect("env-updated", write_in_turn)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

r"""How strong both circuits are along a run, by the projection on waves.

The paper projects the logits of modular addition on its trigonometric subspace, calls that part the
generalising circuit's, and what is left the memorising one's (its appendix B, second hand). On that
subspace a logit depends on :math:`k - y` alone, so the right one of the projection is the mean over
the whole table of :math:`o_y - \bar o`, the right logit over the mean of all:

.. math:: A_\text{trig} = f A_\text{train} + (1 - f) A_\text{test}, \qquad
          A_\text{rest} = A_\text{train} - A_\text{trig} = (1 - f)(A_\text{train} - A_\text{test}),

with f the part of the table that was trained on, and the rest taken where it was memorised (derived
here). So memory counts as generalising by f of itself, which the authors say of their measure, too.
"""

from __future__ import annotations

import xarray as xr


def projected(run: xr.Dataset, trained: float | xr.DataArray) -> xr.Dataset:
    """Return ``generalising`` and ``memorising``, right logits by the projection on waves.

    Parameters
    ----------
    run
        With ``train_logit`` and ``test_logit``, in logits, of whatever dimensions.
    trained
        f, the part of the whole table that it was trained on, in (0, 1).

    Raises
    ------
    ValueError
        If `trained` is out of its range.

    Examples
    --------
    >>> run = xr.Dataset({"train_logit": 8.0, "test_logit": 4.0})
    >>> both = projected(run, trained=0.25)
    >>> both.generalising.item(), both.memorising.item()
    (5.0, 3.0)
    """
    part = xr.DataArray(trained)
    if not bool(((part > 0) & (part < 1)).all()):
        raise ValueError(f"trained must be in (0, 1), got {part.values.tolist()}")
    generalising = part * run.train_logit + (1 - part) * run.test_logit
    return xr.Dataset({"generalising": generalising, "memorising": run.train_logit - generalising})

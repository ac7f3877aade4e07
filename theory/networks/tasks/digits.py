"""Handwritten digits, the one task here that was not made up."""

from __future__ import annotations

from theory.networks.tasks.task import Task


def digits() -> Task:
    """Return scikit-learn's digits: 1797 pictures of 8 by 8 pixels, each with its digit.

    The inputs are dense, shape (1797, 64), row by row from the top left, in [0, 1].

    Raises
    ------
    ImportError
        If scikit-learn, the extra ``digits``, is not installed.

    Notes
    -----
    The test set of Alpaydin and Kaynak (1998), "Optical recognition of handwritten digits", UCI
    Machine Learning Repository, whose pixels are whole numbers from 0 to 16.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ImportError(
            "digits needs scikit-learn; install it with: pip install 'grokking-theory[digits]'"
        ) from error
    inputs, labels = load_digits(return_X_y=True)
    return Task("digits", {}, inputs / 16, labels, None, 10)

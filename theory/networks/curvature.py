r"""How the objective curves at rest: the smallest eigenvalues of its Hessian.

Some directions the loss of a `TwoLayer` network does not see at all, wherever it stands: for each
hidden unit

- the shift of all its outputs, :math:`w_h + c\, \mathbb 1`: it shifts all logits of an example
  together, which the cross-entropy leaves out;
- every shift of its embedding that no training example sees, :math:`x_h + n` with
  :math:`X n = 0` for the matrix X of inputs: what goes from one slot to the other, and tokens that
  no example has.

The gradient stays the same along them too. So they are eigenvectors, the penalty alone curves
there, and by exactly :math:`\gamma`: nothing to be learned. They are left out (derived here).

A unit may also be rescaled, :math:`(\alpha x_h, \alpha^{-2} w_h)`. That too changes no logit, but
it does change the penalty and the gradient. At rest it is an eigenvector with :math:`2 \gamma`
exactly, one for each unit: with :math:`A = \operatorname{diag}(1, -2)`, the derivative of
:math:`\nabla \ell(e^{tA} \theta) = e^{-tA} \nabla \ell(\theta)` is
:math:`H_\ell A \theta = -A \nabla \ell = \gamma A \theta` (derived here). These are not left out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh
from threadpoolctl import threadpool_limits

from theory import checks
from theory.networks.checkpoints import Checkpoint
from theory.networks.inputs import Encoded
from theory.networks.losses import CrossEntropy
from theory.networks.parameters import Parameters
from theory.networks.penalties import Square
from theory.networks.rest import Objective
from theory.networks.setting import Training
from theory.networks.stages import require_kind
from theory.networks.two_layer import TwoLayer

#: Units are active whose strength |w_h| |x_h|^2 is above this part of the largest.
ACTIVE = 0.03
#: Vectors to look for eigenvalues with. They lie close together, down at 1e-6 of the largest: with
#: 300 vectors the search would begin again many times, and take ten times as long.
BASIS = 600
#: Step of the central differences, in units of |theta|: about the cube root of the precision.
STEP = 5e-6


def curvatures(training: Training, rest: Checkpoint, count: int = 6) -> np.ndarray:
    r"""Return the smallest eigenvalues of the Hessian at rest, in units of :math:`\gamma`.

    The Hessian is that of :math:`\ell + \tfrac\gamma2 |\theta|^2` over the parameters of the
    active units, off the directions that the loss does not see. Its products with vectors are
    central differences of the exact gradient.

    Parameters
    ----------
    training
        Of a `TwoLayer` of square activation and without biases, by cross-entropy, ending with
        decay in the loss on a training set.
    rest
        Where it is at rest, as `come_to_rest` finds it.
    count
        How many eigenvalues, at least 1.

    Returns
    -------
    numpy.ndarray
        In ascending order, shape (count,), to about 1e-5. A minimum has none below 0; each
        active unit brings one at 2.

    Raises
    ------
    ValueError
        If the training is of another kind, `rest` does not fit its network, or `count` is not
        below the number of parameters of the active units.

    Examples
    --------
    >>> from theory.networks import Adam, Stage, advance, come_to_rest, modular_addition
    >>> split = modular_addition(5).split(20, rng=0)
    >>> training = Training(TwoLayer(width=8), split, [Stage(Adam(0.01, l2=1e-3), 300)])
    >>> _, end = advance(training)
    >>> found = curvatures(training, come_to_rest(training, end).checkpoint, count=2)
    >>> found.shape, bool(found[0] > 0)
    ((2,), True)
    """
    _require_square(training)
    objective = Objective(training)
    l2 = _require_l2(objective)
    own, given = (
        {name: array.shape for name, array in parameters.items()}
        for parameters in (objective.at, rest.parameters)
    )
    if own != given:
        raise ValueError(f"rest must have parameters of shapes {own}, got {given}")
    seen = _Seen(training, rest.parameters)
    count = checks.integer("count", count, at_least=1)
    if count >= seen.size:
        raise ValueError(f"count must be below {seen.size}, got {count}")
    with threadpool_limits(1, "blas"):
        return _smallest(objective, seen, rest.parameters.flat.astype(float), count) / l2


def _require_square(training: Training) -> None:
    require_kind("training", training, (Training,))
    network, loss = training.network, training.loss
    if not isinstance(network, TwoLayer) or network.biases or network.activation != "square":
        raise ValueError(
            f"network must be a TwoLayer of square activation without biases, got {network}"
        )
    if not isinstance(loss, CrossEntropy):
        raise ValueError(f"loss must be a CrossEntropy, got {loss}")


def _require_l2(objective: Objective) -> float:
    penalty = objective.penalty
    if not isinstance(penalty, Square):
        raise ValueError(f"training must end with decay in the loss, got {penalty}")
    return penalty.l2


class _Seen:
    """The parameters of the active units, and what of a vector over them the loss can see."""

    def __init__(self, training: Training, parameters: Parameters) -> None:
        self.shapes = {name: array.shape for name, array in parameters.items()}
        strength = np.linalg.norm(parameters["W"], axis=1) * np.sum(parameters["E"] ** 2.0, axis=0)
        active = strength > ACTIVE * strength.max()
        mask = Parameters(self.shapes, "float64")
        mask["E"][:, active] = 1
        mask["W"][active] = 1
        self.places = np.flatnonzero(mask.flat)
        self.size = self.places.size
        places = training.places(training.stages[-1])
        self.unseen = _unseen(training.network.encode(training.split.task, places, "float64"))

    def spread(self, vector: np.ndarray) -> np.ndarray:
        """Return the vector over all parameters, without what the loss does not see."""
        whole = Parameters(self.shapes, "float64")
        whole.flat[self.places] = vector
        whole["E"][:] -= self.unseen @ (self.unseen.T @ whole["E"])
        whole["W"][:] -= whole["W"].mean(axis=1, keepdims=True)
        return whole.flat


def _unseen(inputs: Encoded) -> np.ndarray:
    """Return an orthonormal basis of the n with X n = 0, shape (features, directions)."""
    dense = inputs if isinstance(inputs, np.ndarray) else inputs.toarray()
    values, vectors = np.linalg.eigh(dense.T @ dense)
    basis: np.ndarray = vectors[:, values < 1e-9 * values[-1]]
    return basis


def _smallest(objective: Objective, seen: _Seen, theta: np.ndarray, count: int) -> np.ndarray:
    """Return the smallest eigenvalues, shape (count,)."""

    def curved(vector: np.ndarray) -> np.ndarray:
        return _times(objective, seen, theta, vector)

    def turned(vector: np.ndarray) -> np.ndarray:
        upside_down: np.ndarray = largest * seen.spread(vector)[seen.places] - curved(vector)
        return upside_down

    (largest,) = _largest(curved, seen.size, 1, basis=20)
    # Upside down the smallest are the largest, and what is left out stays at 0, far away.
    ascending: np.ndarray = largest - _largest(turned, seen.size, count, BASIS + 2 * count)[::-1]
    return ascending


def _largest(
    product: Callable[[np.ndarray], np.ndarray], size: int, count: int, basis: int
) -> np.ndarray:
    """Return the largest eigenvalues of a symmetric matrix in ascending order, shape (count,)."""
    matrix = LinearOperator((size, size), matvec=product, dtype=np.float64)
    start = np.random.default_rng(0).normal(size=size)
    # That much the eigenvectors may be wrong, and eigenvalues by its square: differences allow
    # little less.
    found: np.ndarray = eigsh(
        matrix,
        count,
        which="LA",
        v0=start,
        ncv=min(size, basis),
        tol=1e-6,
        return_eigenvectors=False,
    )
    return np.sort(found)


def _times(objective: Objective, seen: _Seen, theta: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Return the Hessian times a vector over the active units, off what the loss does not see."""
    along = seen.spread(vector)
    step = STEP * float(np.linalg.norm(theta) / np.linalg.norm(along))
    (_, there), (_, back) = (objective(theta + sign * step * along) for sign in (1, -1))
    product: np.ndarray = seen.spread((there - back)[seen.places] / (2 * step))[seen.places]
    return product

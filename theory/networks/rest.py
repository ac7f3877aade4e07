r"""Rest: where pull and penalty balance, to many more digits than descent finds.

Descent comes near a minimum of :math:`\ell(\theta)` and a penalty (`theory.networks.penalties`) and
then rattles around it, by about its learning rate. From there on a quasi-Newton method, in double
precision, takes a second or two. It may also leave for another basin; what it changed is handed
back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import Bounds, OptimizeResult, minimize
from threadpoolctl import threadpool_limits

from theory import checks
from theory.networks.checkpoints import Checkpoint
from theory.networks.data import Examples
from theory.networks.outcomes import outcome
from theory.networks.parameters import Parameters
from theory.networks.penalties import penalty_of
from theory.networks.setting import Training
from theory.networks.stages import Stream, require_kind

#: Iterations without rest after which `come_to_rest` gives up.
MOST = 20_000
#: A network whose objective is nearer than this part to that of zero parameters has died.
_DEAD = 1e-9
#: How much of the way to a wall a parameter may go, where there is one.
_INSIDE = 1 - 1e-9


@dataclass(frozen=True, eq=False)
class Rest:
    r"""Where a network has come to rest, and what that has changed.

    With g the derivative of the loss and s that of the penalty.

    Attributes
    ----------
    checkpoint
        The state, in float64, with what it was trained on: a start for other trainings.
    residual
        :math:`|g + s| / |s|` (1).
    objective, objective_before
        Loss and penalty, at rest and where descent had ended, in units of the loss.
    iterations
        How many the polish took.
    moved
        :math:`|\theta_\text{after} - \theta_\text{before}| / |\theta_\text{before}|` (1). What is
        no longer small speaks for another basin, or for a flat valley on the way.
    test_accuracy, test_accuracy_before
        On the test set of the training, in [0, 1].
    """

    checkpoint: Checkpoint
    residual: float
    objective: float
    objective_before: float
    iterations: int
    moved: float
    test_accuracy: float
    test_accuracy_before: float


class Objective:
    """The loss with its penalty, in double precision.

    Parameters
    ----------
    training
        Its last stage says the examples and, by its optimiser, the penalty.

    Raises
    ------
    ValueError
        If that stage has no penalty that is known, or a stream.

    Examples
    --------
    >>> from theory.networks import Adam, Stage, TwoLayer, modular_addition
    >>> split = modular_addition(5).split(20, rng=0)
    >>> training = Training(TwoLayer(width=8), split, [Stage(Adam(0.01, l2=0.1), 300)])
    >>> value, slope = Objective(training)(np.zeros(120))
    >>> round(value, 6), slope.shape
    (1.609438, (120,))
    """

    def __init__(self, training: Training) -> None:
        stage = training.stages[-1]
        if isinstance(stage.examples, Stream):
            raise ValueError(f"training must end on a training set, got {stage.examples}")
        self.penalty = penalty_of(stage.optimiser)
        exact = replace(training, dtype="float64")
        self._loss = Examples.fixed(exact, exact.places(stage)).loss_and_gradient
        self.at, self.gradient = (
            exact.network.zeros(exact.split.task, exact.dtype) for _ in range(2)
        )

    def __call__(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the value and its derivative at `theta`, shapes () and (size,)."""
        self.at.flat[:] = theta
        loss = self._loss(self.at, self.gradient)
        slope = self.gradient.flat + self.penalty.slope(theta)
        return loss + self.penalty.value(theta), slope

    def residual(self, theta: np.ndarray) -> float:
        """Return what is left of the forces, as a part of the penalty's, 0 at rest."""
        decay = self.penalty.slope(theta)
        slope = self.gradient.flat + decay
        if not np.array_equal(theta, self.at.flat):  # the last evaluation is nearly always here
            _, slope = self(theta)
        off = float(np.linalg.norm(slope))
        return off / float(np.linalg.norm(decay)) if off else 0.0


def come_to_rest(training: Training, end: Checkpoint, residual: float = 1e-5) -> Rest:
    r"""Bring a network from the end of its training to rest (derived here).

    L-BFGS minimises the loss over the training set of the last stage with the penalty of the
    optimiser of that stage, in float64, and stops at the residual asked for. Near
    the 53rd bit the objective can no longer tell better from worse, which ends it early; then it
    begins again from there, as long as it still gets anywhere. Under too strong a penalty a network
    dies: on the way to zero its residual stays near 1, so it is given all parameters 0 at once.

    Parameters
    ----------
    training
        What was done.
    end
        The checkpoint at the end of it.
    residual
        How far from balance pull and penalty may stay, as a part of the penalty, above 0. Down
        to about 1e-7 was reached with two-layer networks.

    Returns
    -------
    Rest
        The state, and how it differs from `end`.

    Raises
    ------
    ValueError
        If `end` is not the end of this training, which must be on a fixed training set with decay
        in the loss or AdamW, or `residual` is out of range.
    ArithmeticError
        If the residual asked for is not reached: it is below rounding, or the network rests at a
        kink of its ReLU, where pull and penalty need not balance.

    Examples
    --------
    >>> from theory.networks import Adam, Stage, TwoLayer, advance, modular_addition
    >>> split = modular_addition(5).split(20, rng=0)
    >>> training = Training(TwoLayer(width=8), split, [Stage(Adam(0.01, l2=1e-3), 300)])
    >>> _, end = advance(training)
    >>> rest = come_to_rest(training, end)
    >>> rest.residual <= 1e-5, rest.objective < rest.objective_before
    (True, True)
    """
    residual = checks.number("residual", residual, above=0)
    _require_end(training, end)
    objective = Objective(training)
    before = end.parameters.flat.astype(float)
    with threadpool_limits(1, "blas"):
        after, iterations = _polished(objective, before, residual)
        checkpoint = _rested(end, objective, after)
        return Rest(
            checkpoint=checkpoint,
            residual=objective.residual(after),
            objective=objective(after)[0],
            objective_before=objective(before)[0],
            iterations=iterations,
            moved=float(np.linalg.norm(after - before) / np.linalg.norm(before)),
            test_accuracy=_test_accuracy(training, checkpoint.parameters),
            test_accuracy_before=_test_accuracy(training, end.parameters),
        )


def _require_end(training: Training, end: Checkpoint) -> None:
    require_kind("training", training, (Training,))
    require_kind("end", end, (Checkpoint,))
    if end.training != training.checksum:
        raise ValueError("end must be a checkpoint of this training, got one of another")
    if end.step != training.steps:
        raise ValueError(f"end must come after all {training.steps} updates, got {end.step}")


def _polished(objective: Objective, theta: np.ndarray, wanted: float) -> tuple[np.ndarray, int]:
    """Return parameters with the residual that is wanted, and the number of iterations."""

    def stop_at_rest(intermediate_result: OptimizeResult) -> None:
        if objective.residual(intermediate_result.x) <= wanted:
            raise StopIteration

    # What descent has left beyond a wall begins inside; nothing comes nearer to one than that.
    wall = _INSIDE * objective.penalty.wall
    theta = theta.clip(-wall, wall)
    done, value, lowest = 0, objective(theta)[0], np.inf
    while (found := objective.residual(theta)) > wanted:
        if done >= MOST or not value < lowest:
            if objective(np.zeros_like(theta))[0] <= value * (1 + _DEAD):
                return np.zeros_like(theta), done
            raise ArithmeticError(
                f"residual must come down to {wanted:g}, got {found:.2g} after {done} iterations"
            )
        lowest = value
        result = minimize(
            objective,
            theta,
            method="L-BFGS-B",
            jac=True,
            callback=stop_at_rest,
            bounds=Bounds(-wall, wall) if np.isfinite(wall) else None,
            # Neither a small change of the value nor a small slope is a reason to stop.
            options={"maxcor": 20, "ftol": 0, "gtol": 0, "maxiter": MOST, "maxfun": 2 * MOST},
        )
        theta, value, done = result.x, result.fun, done + result.nit
    return theta, done


def _rested(end: Checkpoint, objective: Objective, theta: np.ndarray) -> Checkpoint:
    """Return a checkpoint of these parameters, which no optimiser has brought about."""
    objective.at.flat[:] = theta
    nothing = np.zeros((0, theta.size))
    return replace(end, parameters=objective.at, step=0, moments=nothing, updates=0, training="")


def _test_accuracy(training: Training, parameters: Parameters) -> float:
    task, test = training.split.task, training.split.test
    inputs = training.network.encode(task, test, str(parameters.flat.dtype))
    return outcome(training.network, parameters, inputs, task.labels[test], training.loss).accuracy

"""The minimal model of Varma et al. (2023), Section 3: its circuits and parameters.

A circuit is a fixed lookup table, and only its strength `w_i` is learned. Every circuit puts its
weight on the right label of every training input. On a test input a circuit puts it on the right
label where it generalises, and elsewhere on one wrong label that all of them share. Circuits that
generalise to a fraction of the test inputs cover nested sets, the smaller within the larger.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property, wraps
from typing import Any, ParamSpec, Self, TypeVar

import numpy as np
import xarray as xr

from theory import runs
from theory.checks import Parameter, labelled, require_one_grid
from theory.minimal.law import PAPER, Penalty, is_the_paper_s, power

#: Names that results give to dimensions, variables and coordinates of their own, which swept
#: dimensions cannot have: those of runs, equilibria, rates, verdicts, and functions of time.
RESERVED = frozenset(
    {"circuit", "step", "time", "generalises", *runs.QUANTITIES}
    | {"point", "kind", "index", "loss", "support", "root", "mode"}
    | {"rule", "reason", "A", "B", "up", "down", "up_by", "down_by"}
)


class _ByValue:
    """Equality of all fields by value; unhashable, since fields may be arrays."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(
            _same(getattr(self, field.name), getattr(other, field.name))
            for field in fields(self)  # type: ignore[arg-type]
        )


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, xr.DataArray) and isinstance(other, xr.DataArray):
        return one.identical(other)
    return type(one) is type(other) and bool(one == other)


@dataclass(frozen=True, eq=False)
class Circuit(_ByValue):
    """A circuit: its cost, where it generalises, and the subweights that it starts from.

    Its weight is the product of two subweights, ``w = a b``, so that it grows at a rate
    proportional to them: slow while both are small (Section 3).

    Parameters
    ----------
    name
        Label along the dimension ``circuit``.
    param_norm
        P_i > 0, the parameter norm that the circuit needs for a weight of 1.
    generalises
        Fraction of the test inputs that it gets right, in [0, 1]; True means all, False none. An
        array needs a dimension of another name, since runs hold the fractions by this one.
    first_subweight, second_subweight
        a_i and b_i at step 0, in sqrt(logit).

    Numbers sweep as `theory.checks.labelled` says: scalars, or arrays with named dimensions.

    Raises
    ------
    ValueError
        If a number is not finite or out of its range, or the name is empty.

    Examples
    --------
    >>> circuit = Circuit("memorising", param_norm=2.0, generalises=False)
    >>> circuit.generalises, circuit.second_subweight
    (0.0, 1.0)
    """

    name: str
    param_norm: Parameter
    generalises: Parameter
    first_subweight: Parameter = 0.0
    second_subweight: Parameter = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ValueError(f"name must be a non-empty string, got {self.name!r}")
        _set(self, "param_norm", above=0)
        _set(self, "generalises", at_least=0, at_most=1)
        _set(self, "first_subweight")
        _set(self, "second_subweight")


@dataclass(frozen=True, eq=False)
class MinimalModel(_ByValue):
    r"""Circuits that share one training loss and one weight decay (Section 3).

    .. math:: L(w) = \ell(S) + \alpha \sum_i P_i^2 |w_i|^{2/\kappa}, \qquad S = \sum_i w_i

    Parameters
    ----------
    circuits
        One or more circuits with different names.
    kappa
        kappa > 0: logits grow with the kappa-th power of the parameter norm.
    weight_decay
        alpha >= 0.
    num_labels
        q, a whole number of at least 3.
    half_decay
        Whether the penalty carries the factor 1/2 of Appendix D, alpha/2 for alpha.
    penalty
        What weights cost, in units of alpha; the default is the paper's, as above. All that is
        simulated follows another one, and what has a closed form for the paper's only refuses it.

    Raises
    ------
    ValueError
        If a number is not finite or out of its range, if names repeat, if a swept dimension has
        one of the names in `RESERVED`, which results need, or if two parameters have different
        coordinates along a dimension of the same name.

    Examples
    --------
    >>> model = MinimalModel.paper(kappa=[1.0, 1.2])
    >>> dict(model.sizes)
    {'kappa': 2}
    """

    circuits: tuple[Circuit, ...]
    kappa: Parameter
    weight_decay: Parameter
    num_labels: Parameter
    half_decay: bool = False
    penalty: Penalty = PAPER

    def __post_init__(self) -> None:
        circuits = tuple(self.circuits) if isinstance(self.circuits, (tuple, list)) else ()
        if not circuits or not all(isinstance(circuit, Circuit) for circuit in circuits):
            raise ValueError(f"circuits must be one or more theory.Circuit, got {self.circuits!r}")
        names = [circuit.name for circuit in circuits]
        if len(set(names)) < len(names):
            raise ValueError(f"circuits must have different names, got {names}")
        if not isinstance(self.half_decay, bool):
            raise ValueError(f"half_decay must be True or False, got {self.half_decay!r}")
        if not isinstance(self.penalty, Penalty):
            raise ValueError(f"penalty must be a theory.minimal.Penalty, got {self.penalty!r}")
        object.__setattr__(self, "circuits", circuits)
        _set(self, "kappa", above=0)
        _set(self, "weight_decay", at_least=0)
        _set(self, "num_labels", at_least=3)
        labels = np.ravel(self.num_labels)
        if np.any(labels % 1 != 0):
            raise ValueError(f"num_labels must be whole, got {labels[labels % 1 != 0][0]}")
        require_one_grid(self._parameters(), RESERVED)

    @classmethod
    def paper(
        cls,
        kappa: Any = 1.2,
        weight_decay: Any = 0.005,
        num_labels: Any = 113,
        param_norm: tuple[Any, Any] = (1.0, 2.0),
        second_subweight: tuple[Any, Any] = (0.005, 1.0),
    ) -> Self:
        """Return the paper's model: "generalising" and "memorising", in this order (Appendix D).

        Pairs hold the value of each circuit; both first subweights start at zero.

        Raises
        ------
        ValueError
            As the class, or if a pair does not have two members.

        Examples
        --------
        >>> MinimalModel.paper().names
        ('generalising', 'memorising')
        """
        _require_pair("param_norm", param_norm)
        _require_pair("second_subweight", second_subweight)
        kinds = (("generalising", True), ("memorising", False))
        circuits = tuple(
            Circuit(name, norm, generalises, 0.0, second)
            for (name, generalises), norm, second in zip(
                kinds, param_norm, second_subweight, strict=True
            )
        )
        return cls(circuits, kappa, weight_decay, num_labels)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the circuits, in order."""
        return tuple(circuit.name for circuit in self.circuits)

    @property
    def sizes(self) -> dict[str, int]:
        """Length of every swept dimension, by name."""
        return {str(name): size for name, size in self.swept.sizes.items()}

    @cached_property
    def swept(self) -> xr.DataArray:
        """A read-only array of zeros with every swept dimension and its coordinates."""
        zeros = sum((0 * value for value in self._parameters()), start=xr.DataArray(0.0))
        zeros.values.flags.writeable = False
        return zeros

    def place(self, cell: int) -> str:
        """Return where a swept cell is, by its number in C order, to be read in an error.

        Examples
        --------
        >>> MinimalModel.paper(kappa=[1.0, 1.2]).place(1)
        'at kappa = 1.2'
        """
        at = np.unravel_index(cell, self.swept.shape)
        one = self.swept.isel(dict(zip(self.swept.dims, at, strict=True)))
        values = [f"{name} = {value.item()}" for name, value in one.coords.items()]
        places = [f"{name} {index}" for name, index in zip(self.swept.dims, at, strict=True)]
        return f"at {', '.join(values or places) or 'the model given'}"

    def crossed(self, **sweeps: Parameter) -> xr.DataArray:
        """Return zeros with every swept dimension, those of other parameters included.

        Raises
        ------
        ValueError
            If they do not cross with the model's to one grid, as the class says of its own.

        Examples
        --------
        >>> rate = xr.DataArray([0.01, 0.02, 0.03], dims="rate")
        >>> dict(MinimalModel.paper(kappa=[1.0, 1.2]).crossed(learning_rate=rate).sizes)
        {'kappa': 2, 'rate': 3}
        """
        others = [xr.DataArray(sweep, name=name) for name, sweep in sweeps.items()]
        require_one_grid([self.swept.rename("model"), *others], RESERVED)
        return sum((0 * other for other in others), start=self.swept)

    @property
    def r(self) -> Parameter:
        """Return r = 2/kappa - 1, the power with which the marginal cost of a weight grows."""
        self.require_the_paper_s("r = 2/kappa - 1")
        r: Parameter = power(self.kappa)
        return r

    @property
    def unit_cost(self) -> Parameter:
        """Return 2 alpha / kappa, the marginal cost at w = 1 of a circuit with P_i = 1."""
        self.require_the_paper_s("unit_cost")
        return 2 * self.alpha / self.kappa

    @property
    def cost(self) -> xr.DataArray:
        """Return c_i = (2 alpha / kappa) P_i^2, dims (circuit, ...): the marginal cost at w = 1."""
        return self.stack("param_norm") ** 2 * self.unit_cost

    def require_the_paper_s(self, what: str) -> None:
        """Refuse another penalty than that of Section 3, in the name of `what` rests on it.

        Raises
        ------
        ValueError
            If the model has another penalty.
        """
        if not is_the_paper_s(self.penalty):
            raise ValueError(
                f"{what} is known for the paper's penalty only, alpha sum P_i^2 |w_i|^(2/kappa), "
                f"got the penalty {self.penalty!r}"
            )

    def stack(self, parameter: str) -> xr.DataArray:
        """Return one parameter of all circuits, dims (circuit, ...).

        Examples
        --------
        >>> MinimalModel.paper().stack("param_norm").values
        array([1., 2.])
        """
        values = [xr.DataArray(getattr(circuit, parameter)) for circuit in self.circuits]
        circuit = xr.DataArray(list(self.names), dims="circuit", name="circuit")
        return xr.concat(xr.broadcast(*values), dim=circuit, coords="different", compat="equals")

    def isel(self, index: Mapping[Hashable, slice]) -> Self:
        """Return the model at some of the swept cells, by their places along each dimension.

        Raises
        ------
        ValueError
            If a name is none of a swept dimension.

        Examples
        --------
        >>> MinimalModel.paper(kappa=[1.0, 1.2, 1.4]).isel({"kappa": slice(1)}).sizes
        {'kappa': 1}
        """
        if unknown := set(index) - set(self.swept.dims):
            raise ValueError(f"index must name swept dimensions, {self.sizes}, got {unknown}")
        circuits = tuple(replace(c, **_arrays_at(c, index)) for c in self.circuits)
        return replace(self, circuits=circuits, **_arrays_at(self, index))

    @property
    def alpha(self) -> Parameter:
        """Return the factor of the penalty: alpha, or alpha/2 with `half_decay`."""
        return self.weight_decay / 2 if self.half_decay else self.weight_decay

    def configuration(self) -> dict[str, Any]:
        """Return every parameter by name, nested, to be kept with a run."""
        circuits = [{f.name: getattr(c, f.name) for f in fields(c)} for c in self.circuits]
        own = {f.name: getattr(self, f.name) for f in fields(self)}
        return own | {"circuits": circuits, "penalty": repr(self.penalty)}

    def _parameters(self) -> list[xr.DataArray]:
        """Return the parameters that are arrays, named."""
        values = [(f.name, getattr(self, f.name)) for f in fields(self)[1:4]]
        values += [
            (f"{circuit.name}.{f.name}", getattr(circuit, f.name))
            for circuit in self.circuits
            for f in fields(circuit)[1:]
        ]
        return [value.rename(name) for name, value in values if isinstance(value, xr.DataArray)]


_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def closed_form(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Let a function of a model refuse, by its name, all penalties but the paper's."""

    @wraps(function)
    def checked(*given: _Arguments.args, **named: _Arguments.kwargs) -> _Result:
        for value in (*given, *named.values()):
            if isinstance(value, MinimalModel):
                value.require_the_paper_s(function.__name__)
        return function(*given, **named)

    return checked


def _arrays_at(owner: Circuit | MinimalModel, index: Mapping[Hashable, slice]) -> dict[str, Any]:
    """Return the arrays among the parameters of `owner` at some places, by name."""
    values = {field.name: getattr(owner, field.name) for field in fields(owner)}
    return {
        name: value.isel(index, missing_dims="ignore")
        for name, value in values.items()
        if isinstance(value, xr.DataArray)
    }


def _set(owner: object, name: str, **bounds: float) -> None:
    """Replace a field of a frozen dataclass by its checked value."""
    object.__setattr__(owner, name, labelled(name, getattr(owner, name), **bounds))


def _require_pair(name: str, pair: Any) -> None:
    if not isinstance(pair, (tuple, list, np.ndarray)) or len(pair) != 2:
        raise ValueError(f"{name} must be a pair (generalising, memorising), got {pair!r}")

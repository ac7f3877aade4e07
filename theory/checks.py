"""Checks at the door: each names the argument and the value that it refuses."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Set
from typing import Any

import numpy as np
import xarray as xr

#: A parameter of a model: one number, or a labelled array that sweeps it.
Parameter = float | xr.DataArray


def labelled(
    name: str,
    value: Any,
    *,
    above: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    below: float | None = None,
) -> Parameter:
    """Return `value` as a float, or as a read-only labelled array that sweeps the parameter.

    A bare one-dimensional array becomes a dimension called `name` with its values as coordinate.

    Raises
    ------
    ValueError
        If `value` is no finite number, is out of range, is empty, or has dimensions without names.

    Examples
    --------
    >>> labelled("kappa", 1.2, above=0)
    1.2
    >>> labelled("kappa", [1.0, 1.5], above=0).dims
    ('kappa',)
    >>> labelled("kappa", -1.2, above=0)
    Traceback (most recent call last):
    ...
    ValueError: kappa must be above 0, got -1.2
    """
    array = _as_array(name, value)
    number = array.values
    if number.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {number.shape}")
    _refuse(name, number, ~np.isfinite(number), "finite")
    if above is not None:
        _refuse(name, number, number <= above, f"above {above:g}")
    if at_least is not None:
        _refuse(name, number, number < at_least, f"at least {at_least:g}")
    if at_most is not None:
        _refuse(name, number, number > at_most, f"at most {at_most:g}")
    if below is not None:
        _refuse(name, number, number >= below, f"below {below:g}")
    if array.ndim == 0 and not array.coords:
        return float(number)
    number.flags.writeable = False
    return array


def _as_array(name: str, value: Any) -> xr.DataArray:
    """Return a private float64 copy of `value` with named dimensions."""
    try:
        given = np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"{name} must be a number or an array of numbers, got {value!r}"
        ) from error
    if given.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be a number or an array of numbers, got {value!r}")
    number = given.astype(np.float64)
    if isinstance(value, xr.DataArray):
        return value.copy(data=number).rename(None)
    if number.ndim > 1:
        raise ValueError(
            f"{name} must be a scalar, a 1-D array or an xarray.DataArray with named dimensions, "
            f"got a bare array of shape {number.shape}"
        )
    if number.ndim == 0:
        return xr.DataArray(number)
    return xr.DataArray(number, dims=name, coords={name: number.copy()})


def _refuse(name: str, number: np.ndarray, bad: np.ndarray, rule: str) -> None:
    if np.any(bad):
        raise ValueError(f"{name} must be {rule}, got {shown(number[bad].flat[0])}")


def shown(number: float) -> str:
    """Return a number in six digits, or in all where six would show another one.

    Examples
    --------
    >>> shown(3.0), shown(2.9999999)
    ('3', '2.9999999')
    """
    short = f"{number:g}"
    return short if float(short) == number else str(float(number))


def require_one_grid(parameters: Iterable[xr.DataArray], reserved: Set[str]) -> None:
    """Refuse named parameters that do not cross to one grid of swept dimensions.

    Raises
    ------
    ValueError
        If a dimension has a name in `reserved`, or two parameters have different coordinates along
        a dimension of the same name.

    Examples
    --------
    >>> require_one_grid([xr.DataArray([1.0], dims="step", name="kappa")], reserved={"step"})
    Traceback (most recent call last):
    ...
    ValueError: kappa must not have a dimension of the reserved name step, got dims ('step',); ...
    """
    parameters = list(parameters)
    for parameter in parameters:
        for taken in reserved & set(map(str, parameter.dims)):
            raise ValueError(
                f"{parameter.name} must not have a dimension of the reserved name {taken}, "
                f"got dims {parameter.dims}; name it otherwise: xarray.DataArray(values, dims=...)"
            )
    try:
        xr.align(*parameters, join="exact")
    except ValueError as error:
        raise ValueError(
            "parameters that share a dimension must have the same coordinates along it; "
            f"name the dimensions apart to cross them ({error})"
        ) from error


def within_floats(name: str, value: Parameter, **arguments: Parameter) -> Parameter:
    """Return `value`, all above 0, unless a float cannot hold it; NaN may be among it.

    Raises
    ------
    ValueError
        If it has overflowed or underflowed; names the `arguments` that it was computed from.

    Examples
    --------
    >>> within_floats("size", np.inf, kappa=0.001)
    Traceback (most recent call last):
    ...
    ValueError: size must lie within the range of floats, got inf for kappa = 0.001
    """
    cells = xr.broadcast(*map(xr.DataArray, (value, *arguments.values())))
    held, *given = (np.asarray(cell.values, dtype=np.float64) for cell in cells)
    bad = np.isinf(held) | (held < np.finfo(np.float64).tiny)
    if bad.any():
        told = ", ".join(
            f"{key} = {one[bad][0]:g}" for key, one in zip(arguments, given, strict=True)
        )
        found = held[bad][0]
        raise ValueError(f"{name} must lie within the range of floats, got {found:g} for {told}")
    return value


def plain(number: Any) -> float | xr.DataArray:
    """Return an array with names as it is, and any other number as a float."""
    return number if isinstance(number, xr.DataArray) else float(number)


def number(
    name: str,
    value: Any,
    *,
    above: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    below: float | None = None,
) -> float:
    """Return `value` as a finite float within the bounds given.

    Raises
    ------
    ValueError
        If `value` is no single finite number or is out of range.

    Examples
    --------
    >>> number("learning_rate", 0.0, above=0)
    Traceback (most recent call last):
    ...
    ValueError: learning_rate must be above 0, got 0
    """
    checked = labelled(name, value, above=above, at_least=at_least, at_most=at_most, below=below)
    if isinstance(checked, xr.DataArray):
        raise ValueError(f"{name} must be one number, got an array of shape {checked.shape}")
    return checked


def integer(name: str, value: Any, *, at_least: int) -> int:
    """Return `value` as an int that is no less than `at_least`.

    Raises
    ------
    ValueError
        If `value` is not a whole number or is too small.

    Examples
    --------
    >>> integer("steps", 0, at_least=1)
    Traceback (most recent call last):
    ...
    ValueError: steps must be an integer of at least 1, got 0
    """
    refusal = ValueError(f"{name} must be an integer of at least {at_least}, got {value!r}")
    if isinstance(value, bool):
        raise refusal
    try:
        whole = operator.index(value)
    except TypeError as error:
        raise refusal from error
    if whole < at_least:
        raise refusal
    return whole


def boolean(name: str, value: Any) -> bool:
    """Return `value`, which must be True or False.

    Raises
    ------
    ValueError
        If it is anything else: a text such as "no" would count as true.

    Examples
    --------
    >>> boolean("biases", "no")
    Traceback (most recent call last):
    ...
    ValueError: biases must be True or False, got 'no'
    """
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be True or False, got {value!r}")
    return value


def settle(settings: object, rule: Callable[..., Any], *names: str, **bounds: float) -> None:
    """Replace fields of a frozen dataclass, while it is made, by what `rule` returns for them.

    Parameters
    ----------
    settings
        The instance.
    rule
        `number`, `integer`, `boolean`, or a function like them of a name and a value.
    names
        Fields to check.
    bounds
        What else `rule` takes.

    Raises
    ------
    ValueError
        If a value is refused; names the field.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Layer:
    ...     width: int
    ...
    ...     def __post_init__(self) -> None:
    ...         settle(self, integer, "width", at_least=1)
    >>> Layer(width=0)
    Traceback (most recent call last):
    ...
    ValueError: width must be an integer of at least 1, got 0
    """
    for name in names:
        object.__setattr__(settings, name, rule(name, getattr(settings, name), **bounds))

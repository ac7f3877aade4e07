"""Constants that rules and rivals have from stored runs, fitted to these runs again."""

from pathlib import Path

import numpy as np
import pytest

from theory import questions
from theory.questions import critical_size, efficiency, generalising_cost, memorising_cost
from theory.questions import other_tasks as other
from theory.theories import one_kappa

DATA = Path(__file__).parents[2] / "book" / "data"


def power_law(values, *powers):
    """The constant and exponents of a power law, by least squares in logarithms."""
    logs = [np.log(each.broadcast_like(values).values.ravel()) for each in powers]
    columns = np.stack([np.ones(values.size), *logs], axis=1)
    found = np.linalg.lstsq(columns, np.log(values.values.ravel()), rcond=None)[0]
    return np.exp(found[0]), *found[1:]


@pytest.fixture(scope="module")
def at_47():
    return questions.load(efficiency, DATA)


def test_of_memorising(at_47):
    runs = at_47.sel(labels="balanced")
    size, norm = runs["per_label"], runs.parameter_norm
    assert efficiency.MODULUS == memorising_cost._LABELS
    at_logit = power_law(norm, size, runs.train_logit)
    assert pytest.approx(at_logit, rel=2e-3) == memorising_cost._AT_LOGIT
    at_penalty = power_law(norm, size, runs["l2"] / 1e-4)
    assert pytest.approx(at_penalty, rel=2e-3) == memorising_cost._AT_PENALTY


def test_of_generalising(at_47):
    runs = questions.load(critical_size, DATA)
    *of_modulus, of_penalty = generalising_cost._NORM_LAW
    norm = runs.generalising_parameter_norm
    assert of_modulus == pytest.approx(power_law(norm, norm["modulus"]), rel=2e-3)
    assert tuple(of_modulus) == other._NORM_LAW
    norm = at_47.parameter_norm.sel(labels="sums").isel(per_label=-1)
    assert of_penalty == pytest.approx(power_law(norm, norm["l2"])[1], rel=2e-3)


def test_of_one_kappa(at_47):
    """Both circuits' exponents in the logit are taken to be one, their mean."""
    memorising, generalising = at_47.sel(labels="balanced"), at_47.sel(labels="sums")
    generalising = generalising.isel(per_label=slice(-3, None))
    size = memorising["per_label"] * efficiency.MODULUS
    norm, logit = memorising.parameter_norm, memorising.train_logit
    _, beta, of_memorising = power_law(norm, size, logit)
    assert pytest.approx(beta, abs=1e-3) == one_kappa.BETA
    of_generalising = power_law(generalising.parameter_norm, generalising.train_logit)[1]
    assert pytest.approx(2 / (of_memorising + of_generalising), rel=5e-3) == one_kappa.KAPPA
    constants = norm / (size**one_kappa.BETA * logit ** (1 / one_kappa.KAPPA))
    assert np.exp(np.log(constants).mean()) == pytest.approx(one_kappa._CONSTANT, rel=5e-3)

"""Whether accuracies after runs of several lengths are compared with each other and with rest."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import long_runs
from theory.questions.long_runs import ADAMW, CASES, L2, TIMES
from theory.theories import THEORIES
from theory.trial import counted, outcomes

SEEDS = [0, 1, 2, 3, 4, 5]


def made(ends, rests):
    """Runs with accuracies by length, of each case, at the end and where they would rest."""
    shape = (len(CASES), len(TIMES), len(SEEDS))
    coords = {"case": list(CASES), "times": list(TIMES), "seed": SEEDS}

    def of(values):
        table = np.array([values[case] for case in CASES], float)[..., None]
        noise = 0.002 * np.resize([-1, 1], len(SEEDS))
        return xr.DataArray(np.broadcast_to(table, shape) + noise, coords, list(coords))

    test, rest = of(ends), of(rests)
    accuracies = dict.fromkeys(("test_accuracy", "median", "least", "most"), test)
    zeros = ("train_accuracy", "parameter_norm", "largest", "residual_before", "residual", "moved")
    return xr.Dataset(
        {
            **accuracies,
            "rest_accuracy": rest,
            "objective": 1 + 0 * test,
            **dict.fromkeys(zeros, 0 * test),
        }
    )


def verdicts(ends, rests):
    found = outcomes(long_runs, THEORIES, long_runs.measure(made(ends, rests)))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


SAME = {L2: (0.4, 0.4, 0.4), ADAMW: (0.4, 0.6, 0.6)}


def test_runs_that_end_at_rest_agree_with_the_barrier():
    says = verdicts(SAME, {L2: (0.4,) * 3, ADAMW: (0.6,) * 3})
    assert says["AdamW's barrier", "adamw_off"] == "holds"
    assert says["AdamW's barrier", "adamw_foreseen"] == "holds"
    assert says["minimal model", "adamw_last"] == "holds"
    assert says["minimal model", "l2_rises"] == "holds"


def test_runs_that_stay_away_from_rest_do_not():
    says = verdicts(SAME, {L2: (0.4,) * 3, ADAMW: (0.2, 0.2, 0.2)})
    assert says["AdamW's barrier", "adamw_off"] == "refuted"
    assert says["AdamW's barrier", "adamw_foreseen"] == "refuted"


def test_runs_that_still_rise_do_not_rest():
    rising = {**SAME, ADAMW: (0.4, 0.5, 0.7)}
    says = verdicts(rising, {L2: (0.4,) * 3, ADAMW: (0.7,) * 3})
    assert says["minimal model", "adamw_last"] == "refuted"


def test_l2_is_compared_with_its_rest_after_a_run():
    moved = {**SAME, L2: (0.4, 0.5, 0.6)}
    says = verdicts(moved, {L2: (0.4, 0.5, 0.6), ADAMW: (0.6,) * 3})
    assert says["minimal model", "l2_rises"] == "refuted"


@pytest.mark.parametrize(("last", "share"), [(0.95, 0.0), (0.6, 1.0), (0.05, 0.0)])
def test_in_part_is_neither_none_nor_all(last, share):
    ends = {L2: (0.4,) * 3, ADAMW: (0.3, 0.4, last)}
    found = long_runs.measure(made(ends, ends))["adamw_in_part"]
    assert float(found.mean()) == share


def test_a_run_of_few_updates_has_what_is_stored(monkeypatch):
    few = {name: long_runs.Case(case.optimiser, 6.0, 100) for name, case in CASES.items()}
    monkeypatch.setattr(long_runs, "CASES", few)
    monkeypatch.setattr(long_runs, "MODULUS", 7)
    monkeypatch.setattr(long_runs, "WIDTH", 24)
    run = long_runs.again(ADAMW, 2, 1)
    assert long_runs.training_of(few[ADAMW], 2, 1).steps == 200
    assert run.least <= run["median"] <= run.most
    assert run.residual < long_runs.RESIDUAL


def test_primary_predictions_can_be_counted():
    runs = made(SAME, SAME)
    assert 0 < len(counted(outcomes(long_runs, THEORIES, long_runs.measure(runs)))) <= 12

"""Measures on hand-made curves whose crossing is known, at several intervals of recording."""

from dataclasses import dataclass

import numpy as np
import pytest
import xarray as xr
from scipy.special import expit, logit

import theory
from theory import measures, networks, runs

EVERY = [1, 7, 40, 100]
LAST = 1400
SPREAD = 40.0


def rising(step, middle):
    """A curve from 0 to 1 that is 1/2 at `middle`."""
    return expit((step - middle) / SPREAD)


def network(step, middle=500.0):
    """A network-like run: train loss through log 2 at 200, test accuracy rising."""
    loss = 2 * np.log(2) * rising(-step, -200.0)
    return runs.from_columns(step, train_loss=loss, test_accuracy=rising(step, middle))


def model(step, middle=500.0):
    """A model-like run: w_G overtakes w_M at `middle`."""
    g = 8 * rising(step, middle)
    weight = xr.DataArray(
        np.stack([g, 8 - g], axis=1), {"step": step, "circuit": ["G", "M"]}, ("step", "circuit")
    )
    loss = xr.DataArray(2 * np.log(2) * rising(-step, -200.0), {"step": step}, "step")
    return runs.build(
        {"weight": weight, "train_loss": loss},
        {"step": step, "generalises": ("circuit", [1.0, 0.0])},
    )


@dataclass
class Case:
    """A measure of a curve, with the true step."""

    measure: object
    true: float


CASES = {
    "network generalises": Case(
        lambda step: measures.generalisation_step(network(step)), 500 + SPREAD * logit(0.95)
    ),
    "network generalises by half": Case(
        lambda step: measures.generalisation_step(network(step), threshold=0.5), 500.0
    ),
    "model generalises": Case(lambda step: measures.generalisation_step(model(step)), 500.0),
    "network fits": Case(lambda step: measures.fit_step(network(step)), 200.0),
    "model fits": Case(lambda step: measures.fit_step(model(step)), 200.0),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("every", EVERY)
def test_the_bracket_holds_the_true_step(case, every):
    found = case.measure(np.arange(3, LAST, every))
    assert found["before"] <= case.true <= found["after"]
    assert found["before"] <= found <= found["after"]
    assert found["after"] - found["before"] == every
    assert not found["censored"]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_interpolation_error_shrinks_with_the_square_of_the_interval(case):
    # The curvature of the steepest curve here, over its slope, is less than 1/SPREAD.
    for every in [64, 32, 16, 8, 4]:
        error = abs(float(case.measure(np.arange(3, LAST, every))) - case.true)
        assert error <= every**2 / (4 * SPREAD)


def test_a_straight_line_is_interpolated_exactly():
    step = np.arange(0, 1001, 70)
    run = runs.from_columns(step, test_accuracy=step / 1000, train_loss=1 - step / 1000)
    assert measures.generalisation_step(run, 0.5) == pytest.approx(500)
    assert measures.fit_step(run) == pytest.approx(1000 * (1 - np.log(2)))


@pytest.mark.parametrize("kind", [network, model])
@pytest.mark.parametrize("every", EVERY)
def test_a_run_that_never_gets_there_is_censored(kind, every):
    step = np.arange(0, LAST, every)
    found = measures.generalisation_step(kind(step, middle=5000.0))
    assert np.isnan(found)
    assert found["censored"]
    assert (found["before"], found["after"]) == (step[-1], np.inf)


def test_a_run_that_never_fits_is_censored():
    found = measures.fit_step(runs.from_columns([0, 10], train_loss=[4.0, np.log(2)]))
    assert np.isnan(found)
    assert found["censored"]


def test_getting_there_at_the_last_record_counts():
    found = measures.generalisation_step(runs.from_columns([0, 10], test_accuracy=[0.0, 0.95]))
    assert (found, found["after"], found["censored"]) == (10, 10, False)


def test_a_run_that_is_there_from_the_start_says_so():
    run = runs.from_columns([0, 90], train_loss=[0.1, 0.0], test_accuracy=[0.99, 1.0])
    for found in (measures.fit_step(run), measures.generalisation_step(run)):
        assert found == found["before"] == found["after"] == 0
        assert not found["censored"]


def test_a_run_that_is_there_at_a_later_first_record_is_censored_on_the_left():
    run = runs.from_columns([500, 900], train_loss=[0.1, 0.0], test_accuracy=[0.99, 1.0])
    for found in (measures.fit_step(run), measures.generalisation_step(run)):
        assert np.isnan(found)
        assert found["censored"]
        assert (found["before"], found["after"]) == (0, 500)
    assert measures.delay(run)["censored"]


RISES = [0.0, 1.0, 0.0, 1.0, 1.0, 0.45, 0.45]


@pytest.mark.parametrize(
    ("records", "first", "lasting", "lost"),
    [
        (2, 9.5, 9.5, np.nan),
        (3, 9.5, np.nan, 10.5),
        (4, 9.5, 29.5, np.nan),
        (5, 9.5, 29.5, np.nan),
        (6, 9.5, np.nan, 40 + 0.5 / 0.55),
        (7, 9.5, np.nan, 40 + 0.5 / 0.55),
    ],
)
def test_the_first_passage_the_lasting_one_and_the_loss(records, first, lasting, lost):
    run = runs.from_columns(10 * np.arange(records), test_accuracy=RISES[:records])
    found = measures.generalisation_step(run)
    sustained = measures.generalisation_step(run, sustained=True)
    for step, true in [(found, first), (found["lost"], lost), (sustained, lasting)]:
        assert step.item() == pytest.approx(true, nan_ok=True)
    assert sustained["censored"] == np.isnan(lasting)


def test_what_never_was_is_not_lost():
    run = runs.from_columns([0, 10, 20], test_accuracy=[0.0, 0.5, 0.0], train_loss=[4, 3, 4])
    assert np.isnan(measures.generalisation_step(run)["lost"])
    assert np.isnan(measures.fit_step(run)["lost"])


def test_what_was_there_at_a_late_start_can_be_lost():
    run = runs.from_columns([44000, 44100, 44200], test_accuracy=[0.99, 0.99, 0.31])
    found = measures.generalisation_step(run)
    assert (found["censored"], found["after"]) == (True, 44000)
    assert found["lost"] == pytest.approx(44100 + 100 * 0.04 / 0.68)


def test_a_delay_says_when_the_generalisation_was_lost():
    run = runs.from_columns([0, 10, 20], train_loss=[4, 0, 0], test_accuracy=[0, 1, 0])
    assert measures.delay(run)["lost"] == measures.generalisation_step(run)["lost"]


def mean_squared(step=(0, 100, 1000)):
    return runs.from_columns(
        step,
        loss_units="1",
        train_loss=[0.01, 0.006, 0.001],
        train_accuracy=[0.01, 0.41, 0.99],
        test_accuracy=[0.0, 0.03, 1.0],
    )


def test_a_loss_in_another_unit_fits_by_the_accuracy_that_is_given():
    run, fit = mean_squared(), 100 + 900 * 0.09 / 0.58
    with pytest.raises(ValueError, match=r"^fit_accuracy must be given .* got a run in '1'"):
        measures.fit_step(run)
    found = measures.fit_step(run, fit_accuracy=0.5)
    assert found == pytest.approx(fit)
    generalises = measures.generalisation_step(run)
    assert measures.delay(run, fit_accuracy=0.5) == pytest.approx(float(generalises) - fit)
    assert measures.regime(run, fit_accuracy=0.5, late=2).item() == "grokking"
    assert measures.regime(run, fit_accuracy=0.995).item() == "collapse"
    for measure in (measures.delay, measures.regime):
        with pytest.raises(ValueError, match=r"^fit_accuracy must be given"):
            measure(run)


def test_a_network_of_ours_fits_by_the_unit_of_its_own_loss():
    split = networks.modular_addition(5).split(train_size=15, rng=0)
    stage = networks.Stage(networks.Adam(3e-3), steps=3)
    loss = networks.MeanSquaredError()
    run, _ = networks.advance(
        networks.Training(networks.TwoLayer(width=8), split, (stage,), loss=loss)
    )
    with pytest.raises(ValueError, match=r"^fit_accuracy must be given"):
        measures.fit_step(run)
    assert measures.fit_step(run, fit_accuracy=1.0)["censored"]


@pytest.mark.parametrize("level", [0.0, 1.1, np.nan])
def test_a_bad_fit_accuracy_is_refused(level):
    with pytest.raises(ValueError, match=r"^fit_accuracy must"):
        measures.fit_step(mean_squared(), fit_accuracy=level)


def test_a_threshold_is_reached_up_to_rounding():
    one = np.nextafter(np.float32(1), np.float32(0))
    run = runs.from_columns([0, 10], test_accuracy=np.array([0, one]), train_accuracy=[0, one])
    assert measures.generalisation_step(run, 1.0) == 10
    assert measures.fit_step(run, fit_accuracy=1.0) == 10
    short = runs.from_columns([0, 10], test_accuracy=[0, 1 - 1e-5])
    assert measures.generalisation_step(short, 1.0)["censored"]


def test_equal_weights_are_not_yet_generalisation():
    weight = xr.DataArray([[0.0, 0.0], [1.0, 1.0], [3.0, 1.0]], dims=("step", "circuit"))
    coords = {"step": [0, 10, 20], "generalises": ("circuit", [1.0, 0.0])}
    found = measures.generalisation_step(runs.build({"weight": weight}, coords))
    assert (found["before"], found["after"]) == (10, 20)


@pytest.mark.parametrize(("threshold", "true"), [(0.3, 10), (0.9, 20)])
def test_a_partial_generaliser_counts_as_right_up_to_its_fraction(threshold, true):
    # Three circuits: all, 40% and none of the test inputs. M is overtaken by G and the partial one
    # together at step 10, by G alone, which must outweigh both, at step 20.
    weight = xr.DataArray(
        [[0.0, 0.0, 1.0], [1.0, 1.0, 2.0], [3.0, 1.0, 2.0], [4.0, 1.0, 2.0]],
        dims=("step", "circuit"),
    )
    coords = {"step": [0, 10, 20, 30], "generalises": ("circuit", [1.0, 0.4, 0.0])}
    found = measures.generalisation_step(runs.build({"weight": weight}, coords), threshold)
    assert found == pytest.approx(true)


@pytest.mark.parametrize("kind", [network, model])
def test_sweeps_are_measured_cell_by_cell(kind):
    step, middles = np.arange(0, LAST, 7), [[-900.0, 300.0, 700.0], [150.0, 600.0, 9000.0]]
    cells = [[kind(step, middle) for middle in row] for row in middles]
    rows = [xr.concat(row, "seed", coords="minimal", compat="override") for row in cells]
    sweep = xr.concat(rows, "alpha", coords="minimal", compat="override")
    for measure in (measures.fit_step, measures.generalisation_step, measures.delay):
        found = measure(sweep)
        assert set(found.dims) == {"alpha", "seed"}
        for i, j in np.ndindex(2, 3):
            alone = measure(cells[i][j])
            assert found.coords.keys() == alone.coords.keys()
            xr.testing.assert_equal(found.isel(alpha=i, seed=j), alone)


def test_the_order_of_dimensions_does_not_matter():
    step = np.arange(0, LAST, 7)
    sweep = xr.concat([network(step, middle) for middle in (300.0, 700.0)], "seed")
    xr.testing.assert_equal(
        measures.delay(sweep.transpose("seed", "step")),
        measures.delay(sweep.transpose("step", "seed")),
    )


def test_sweeps_keep_their_coordinates():
    run = theory.descend(theory.MinimalModel.paper(weight_decay=[0.005, 0.01]), steps=50)
    found = measures.generalisation_step(run)
    assert found["weight_decay"].values.tolist() == [0.005, 0.01]
    assert found["censored"].all()


@pytest.mark.parametrize("every", EVERY)
def test_delay_is_the_difference_and_may_be_negative(every):
    step = np.arange(0, LAST, every)
    for middle in (500.0, 0.0):
        run = network(step, middle)
        found = measures.delay(run)
        expected = measures.generalisation_step(run) - measures.fit_step(run)
        assert found == pytest.approx(float(expected))
        assert np.sign(found) == np.sign(middle - 1)
        assert not found["censored"]


@pytest.mark.parametrize(("loss", "accuracy"), [([2.0, 2.0], [0, 1]), ([2.0, 0.0], [0, 0])])
def test_delay_is_censored_where_either_is(loss, accuracy):
    found = measures.delay(runs.from_columns([0, 10], train_loss=loss, test_accuracy=accuracy))
    assert np.isnan(found)
    assert found["censored"]


def test_crossing_update_is_the_first_update_past_the_crossing():
    found = measures.crossing_update(model(np.arange(LAST)))
    assert found == 501
    assert not found["censored"]


def test_crossing_update_is_censored_where_the_run_ended_first():
    found = measures.crossing_update(model(np.arange(LAST), middle=9000.0))
    assert np.isnan(found)
    assert found["censored"]


@pytest.mark.parametrize("step", [np.arange(0, LAST, 2), np.arange(1, LAST)])
def test_crossing_update_needs_every_update(step):
    with pytest.raises(ValueError, match="crossing_update needs every update recorded") as caught:
        measures.crossing_update(model(step))
    assert "record_every=1" in str(caught.value)
    assert str(step[:3].tolist()) in str(caught.value)


def test_crossing_update_needs_a_run_of_the_model():
    with pytest.raises(ValueError, match=r"^run must hold weight, got "):
        measures.crossing_update(network(np.arange(LAST)))
    log = runs.from_columns([0, 1], weight=[0.0, 1.0], test_accuracy=[0.0, 1.0])
    with pytest.raises(ValueError, match=r"^run must hold the coordinate generalises, got "):
        measures.crossing_update(log)


@pytest.mark.parametrize("threshold", [0.0, -0.1, 1.1, np.nan, [0.5, 0.9]])
def test_a_bad_threshold_is_refused(threshold):
    run = runs.from_columns([0, 1], test_accuracy=[0.0, 1.0])
    for measure in (measures.generalisation_step, measures.delay):
        with pytest.raises(ValueError, match=r"^(threshold must|run must hold train_loss)"):
            measure(run, threshold)


def test_a_threshold_of_one_can_be_reached():
    run = runs.from_columns([0, 10], test_accuracy=[0.0, 1.0])
    assert measures.generalisation_step(run, 1.0) == 10


def test_a_missing_quantity_is_named():
    run = runs.from_columns([0, 1], test_loss=[0.0, 1.0])
    with pytest.raises(ValueError, match=r"^run must hold train_loss, got \['test_loss'\]"):
        measures.fit_step(run)
    with pytest.raises(ValueError, match=r"^run must hold test_accuracy, got \['test_loss'\]"):
        measures.generalisation_step(run)


@pytest.mark.parametrize("measure", [measures.fit_step, measures.generalisation_step])
def test_what_is_no_run_is_refused(measure):
    run = xr.Dataset({"train_loss": ("step", [1.0, np.nan])}, {"step": [0, 1]})
    with pytest.raises(ValueError, match=r"^train_loss must be finite"):
        measure(run)


def test_a_measured_step_carries_its_unit():
    run = network(np.arange(0, LAST, 7))
    for measure in (measures.fit_step, measures.generalisation_step, measures.delay):
        assert measure(run).attrs["units"] == "1"
    assert measures.fit_step(run).attrs == {"long_name": "step", "units": "1"}

"""Whether norm and test loss are read off at the marks, and what theories say can be missed."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from theory import measures
from theory.networks import Adam, Stage, Training, TwoLayer, advance, modular_addition
from theory.questions import norm_and_loss
from theory.questions.norm_and_loss import ADAM, ADAMW, DESCENT, FREE, POINTS, SQUARES, WEAK
from theory.theories import THEORIES, model_courses
from theory.trial import outcomes

COORDS = {name: list(values) for name, values in POINTS.items()}
MARKS = ["fits", "right", "first", "half", "most", "peak", "end"]
#: Norms where it fits, at nine tenths, the largest until then, and in the end.
USUAL = {
    ADAM: (30, 33, 34, 28),
    WEAK: (30, 33, 34, 31),
    ADAMW: (30, 34, 34, 40),
    DESCENT: (30, 27, 32, 26),
    SQUARES: (18, 19, 20, 21),
    FREE: (30, 50, 50, 55),
}


def made(norms=None, first=3.4, half=1.7, largest=3.6, rise=1.0):
    """Runs with these numbers, a little scattered."""
    norms = USUAL | (norms or {})
    rng = np.random.default_rng(0)
    sizes = [len(values) for values in COORDS.values()]
    scatter = xr.DataArray(np.exp(0.003 * rng.standard_normal(sizes)), COORDS, list(COORDS))

    def along_marks(values):
        return xr.DataArray(values, {"mark": MARKS}, "mark") * xr.ones_like(scatter)

    by_way = [
        xr.DataArray([fit, fit, fit, fit, most, fit, end], {"mark": MARKS}, "mark")
        for fit, most, _, end in (norms[way] for way in COORDS["way"])
    ]
    largest_norm = xr.DataArray(
        [norms[way][2] for way in COORDS["way"]], {"way": COORDS["way"]}, "way"
    )
    return xr.Dataset(
        {
            "updates": along_marks([300, 330, 400, 600, 900, 200, 3000]),
            "norm": xr.concat(by_way, scatter["way"]) * scatter,
            "loss": along_marks([3.5, 3.5, first, half, 0.5, largest, 0.1]) * scatter,
            "largest_norm": largest_norm * scatter,
            "norm_before": 0 * scatter + 30,
            "rise": 0 * scatter + rise,
            "end_right": 0 * scatter + 1,
            "test_accuracy": 0 * scatter,
            "parameter_norm": 0 * scatter + 1,
        }
    )


def verdicts(runs):
    found = outcomes(norm_and_loss, THEORIES, norm_and_loss.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


@pytest.mark.parametrize(
    ("runs", "theory", "name", "verdict"),
    [
        ({}, "lazy to rich", "squares_end", "holds"),
        ({"norms": {SQUARES: (20, 19, 20, 18)}}, "lazy to rich", "squares_end", "refuted"),
        ({}, "three phases", "adamw_end", "refuted"),
        ({"norms": {ADAMW: (30, 27, 33, 24)}}, "three phases", "adamw_end", "holds"),
        ({"norms": {ADAMW: (30, 27, 33, 24)}}, "three phases", "adamw_fell", "holds"),
        ({}, "three phases", "adamw_fell", "open"),
        ({"first": 3.58}, "three phases", "adamw_first", "holds"),
        ({"first": 2.5}, "three phases", "adamw_first", "refuted"),
        ({}, "slingshots", "calm", "refuted"),
        ({"rise": 20.0}, "slingshots", "calm", "holds"),
        ({}, "slingshots", "free_end", "holds"),
        ({}, "softmax collapse", "free_end", "holds"),
        ({"norms": {FREE: (30, 28, 30, 25)}}, "softmax collapse", "free_end", "refuted"),
        ({}, "minimal model", "adam_end", "refuted"),
        ({"norms": {ADAM: (30, 33, 34, 48)}}, "minimal model", "adam_end", "holds"),
        ({}, "one-sided mixing", "adam_end", "refuted"),
        ({"norms": {ADAM: (30, 33, 34, 32)}}, "one-sided mixing", "adam_end", "holds"),
        ({"half": 0.8}, "one-sided mixing", "descent_fall", "holds"),
        ({"half": 0.8}, "minimal model", "descent_fall", "holds"),
        ({"half": 2.2}, "one-sided mixing", "descent_fall", "refuted"),
        ({"half": 2.6}, "minimal model", "descent_fall", "refuted"),
    ],
)
def test_what_theories_say_can_hold_and_be_missed(runs, theory, name, verdict):
    assert verdicts(made(**runs))[theory, name] == verdict


def test_quantities_are_of_their_way_and_mark():
    found = norm_and_loss.measure(made(first=3.25, half=1.85))
    for name, value in (
        ("adam_end", 28 / 30),
        ("weak_end", 31 / 30),
        ("adamw_end", 40 / 30),
        ("squares_end", 21 / 18),
        ("adamw_fell", 1.0),
        ("adam_fell", 33 / 34),
        ("descent_fall", 0.5),
        ("adamw_first", 0.1),
        ("descent_rise", 3.6 - np.log(np.sqrt(29 * 33))),
    ):
        assert found[name].mean() == pytest.approx(value, abs=0.01), name


def test_a_network_that_is_never_half_right_is_not_calm():
    runs = made()
    never = runs.assign(updates=runs.updates.where(runs["mark"] != "half"))
    assert norm_and_loss.measure(never)["calm"].max() == 0


def test_marks_are_those_of_the_run():
    split = modular_addition(11).split(90, rng=0)
    training = Training(TwoLayer(32), split, (Stage(Adam(3e-3, l2=1e-4), 800),), 0)
    found = norm_and_loss.course(training)
    run, _ = advance(training, record_every=2)
    at = found.updates.to_dataset("mark")
    assert at["fits"].item() == measures.fit_step(run).item()
    assert at["half"].item() == measures.generalisation_step(run, 0.5).item()
    assert run.test_loss.sel(step=at["peak"]).item() == run.test_loss.max().item()
    end = run.isel(step=-1)
    assert found.norm.sel(mark="end").item() == end.parameter_norm.item()
    assert found.loss.sel(mark="end").item() == end.test_loss.item()
    near = run.sel(step=at["half"], method="nearest")
    assert found.norm.sel(mark="half").item() == pytest.approx(near.parameter_norm.item(), rel=0.01)
    until = run.parameter_norm.sel(step=slice(None, at["most"].item()))
    assert found.largest_norm.item() == until.max().item()
    assert found.norm_on_the_way[-1].item() == end.parameter_norm.item()
    early = run.sel(step=300)
    assert found.test_accuracy.item() == early.test_accuracy.item()


def test_a_mark_that_is_not_passed_is_not_known():
    split = modular_addition(11).split(90, rng=0)
    training = Training(TwoLayer(32), split, (Stage(Adam(1e-4), 400),), 0)
    found = norm_and_loss.course(training)
    marks = {"fits", "right", "most"}
    assert found.updates.sel(mark=list(marks)).isnull().all()
    assert found.norm.sel(mark=list(marks)).isnull().all()
    assert found.norm.sel(mark="end").notnull()


def test_what_comes_after_a_mark_does_not_count_until_there():
    along = xr.DataArray([1.0, 3.0, 2.0, 5.0], {"step": [0, 10, 20, 30]}, "step")
    assert norm_and_loss._until(along, 25.0).max() == 3
    assert norm_and_loss._until(along, np.nan).max() == 5


def test_a_rise_of_the_train_loss_is_over_its_lowest_so_far():
    assert norm_and_loss._rise(np.array([3.0, 1.0, 0.1, 0.5, 0.01])) == pytest.approx(5, rel=1e-4)
    assert norm_and_loss._rise(np.array([3.0, 1e-9, 2e-6])) < 10


def test_models_are_read_where_their_circuits_weigh_the_same():
    """Read off once more, from one model alone."""
    found = model_courses.courses(model_courses._SHARED, (ADAM, WEAK))
    model = model_courses.shared(29, norm_and_loss.L2[WEAK], norm_and_loss.PART_OF_SIZE)
    run = model_courses._trained(model, (WEAK,))
    generalising, memorising = (run.weight.sel(circuit=name) for name in model.names)
    ahead = int((generalising > memorising).argmax("step"))
    losses = run.test_loss.values
    said = found.sel(modulus=29, way=WEAK).isel(maker=0)
    fall = (losses.max() - losses[ahead]) / (losses.max() - losses[-1])
    assert said.sel(what=model_courses.FALL) == pytest.approx(fall, abs=0.02)  # of one record
    assert said.sel(what=model_courses.RISE) == pytest.approx(losses.max() - np.log(29))
    fits = int((run.train_loss < np.log(2)).argmax("step"))
    norms = run.parameter_norm.values
    assert said.sel(what=model_courses.END) == pytest.approx(norms[-1] / norms[fits], rel=0.01)
    fell = norms[ahead] / norms[: ahead + 1].max()
    assert said.sel(what=model_courses.FELL) == pytest.approx(fell, rel=0.01)


def test_how_small_the_start_is_hardly_matters():
    """What is read off of the repaired model, from a start a third as large."""
    model = model_courses.shared(33, norm_and_loss.L2[ADAM], norm_and_loss.PART_OF_SIZE)
    generalising, memorising = model.circuits
    smaller = replace(generalising, second_subweight=generalising.second_subweight / 3)
    run = model_courses._trained(replace(model, circuits=(smaller, memorising)), (ADAM,))
    said = model_courses.courses(model_courses._SHARED, (ADAM, WEAK)).sel(modulus=33, way=ADAM)
    found = model_courses._read(run, 33)
    np.testing.assert_allclose(said.isel(maker=0).values[:3], found[:3], rtol=0.03)

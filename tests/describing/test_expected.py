"""The laws of the delay, held against the stored runs that they are from."""

import numpy as np
import pytest

import theory
from theory import describe, questions, runs
from theory.describing.expected import LAWS, NEVER, what_next
from theory.events import FIT_LOSS
from theory.questions import delay_and_decay
from theory.questions.delay_and_decay import ADAMW, BASE, BY_DECAY, DECAYS, DESCENT, KINDS

SIZES = {name: float(name.split()[1]) for name in KINDS["size"]}
LADDERS = {
    "decay": dict(zip(BY_DECAY, DECAYS, strict=True)),
    "rate": {"rate 0.5": 0.5, BASE: 1.0, "rate 2": 2.0},
    "size": {**SIZES, BASE: delay_and_decay.Change.part},
}
EVERY = [(way, change) for way in LAWS for change in LADDERS]


@pytest.fixture(scope="module")
def stored(pytestconfig):
    return questions.load(delay_and_decay, pytestconfig.rootpath / "book/data")


def pairs(stored, way, change, moduli):
    """Logarithms of factors of change and of delay, between any two runs at a modulus."""
    marks = ("half",) if change == "size" else ("half", "most")
    return np.concatenate(
        [_pairs(stored, way, change, modulus, mark) for modulus in moduli for mark in marks]
    )


def _pairs(stored, way, change, modulus, mark):
    places = LADDERS[change]
    some = stored.sel(way=way, modulus=modulus, change=list(places))
    delay = (some[mark] - some.fits).transpose("change", "seed").values
    # Nothing is known of a mark that was passed before the run fits.
    log = np.log(np.where(delay > 0, delay, np.nan))
    log[np.isnan(some[mark].transpose("change", "seed").values)] = np.inf
    at = np.log(list(places.values()))
    with np.errstate(invalid="ignore"):
        longer = log[None, :, None, :] - log[:, None, :, None]
    factor = np.broadcast_to((at - at[:, None])[:, :, None, None], longer.shape)
    # From a run that came there, to another place, to one of which it is known.
    kept = ~np.isnan(longer) & ~np.isneginf(longer) & (factor != 0)
    return np.stack([factor[kept], longer[kept]], axis=1)


def fitted(way, change, found):
    """The exponent, and the factor within which nine of ten lie of those that came there."""
    factor, longer = found[np.isfinite(found[:, 1])].T
    one_over = way == DESCENT and change != "size"
    exponent = -1.0 if one_over else (factor @ longer) / (factor @ factor)
    return exponent, np.quantile(abs(longer - exponent * factor), 0.9, method="higher")


def covered(way, change, found, exponent, off):
    """The part of runs inside of the interval."""
    factor, longer = found.T
    miss = longer - exponent * factor
    no_end = (factor < 0) & (way == ADAMW and change == "decay")
    return np.mean((miss >= -off) & ((miss <= off) | no_end))


@pytest.mark.parametrize(("way", "change"), EVERY)
def test_constants_are_those_of_the_stored_runs(stored, way, change):
    law = LAWS[way][change]
    moduli = stored["modulus"].values
    exponent, off = fitted(way, change, pairs(stored, way, change, moduli))
    assert law.exponent == pytest.approx(exponent, abs=0.006)
    assert law.off == pytest.approx(np.exp(off), abs=0.006)
    assert law.most == pytest.approx(max(LADDERS[change].values()) / min(LADDERS[change].values()))


@pytest.mark.parametrize(("way", "change"), EVERY)
def test_the_coverage_that_is_told_is_that_at_a_modulus_left_out(stored, way, change):
    moduli = stored["modulus"].values.tolist()
    found = [
        covered(
            way,
            change,
            pairs(stored, way, change, [left]),
            *fitted(way, change, pairs(stored, way, change, [m for m in moduli if m != left])),
        )
        for left in moduli
    ]
    assert LAWS[way][change].least_covered == pytest.approx(min(found), abs=0.006)


def test_how_many_do_not_come_there_under_a_weaker_decay_of_adamw(stored):
    factor, longer = pairs(stored, ADAMW, "decay", stored["modulus"].values).T
    assert np.mean(np.isinf(longer[factor < 0])) == pytest.approx(NEVER, abs=0.006)


def seen(test_accuracy=(0.0, 0.0, 1.0), train_loss=(2 * FIT_LOSS, 0.0, 0.0)):
    columns = {"train_loss": train_loss, "test_accuracy": test_accuracy}
    return describe(runs.from_columns([0, 10, 20], **columns))


def test_one_over_the_decay():
    columns = {"train_loss": [2, 0, 0, 0], "test_accuracy": [0, 0, 0, 1]}
    run = runs.from_columns([0, 10, 90, 100], **columns)
    found, off = what_next(describe(run), "descent", decay=4), LAWS["descent"]["decay"].off
    assert found.steps == pytest.approx(theory.delay(run) / 4)
    # Between the records on either side.
    assert found.low == pytest.approx((90 - 10) / 4 / off)
    assert found.high == pytest.approx((100 - 0) / 4 * off)


def test_several_changes_are_multiplied_and_it_says_that_this_was_not_tried():
    by = {"decay": 2.0, "rate": 0.5, "size": 1.5}
    found = what_next(seen(), "Adam", **by)
    alone = [what_next(seen(), "Adam", **{name: each}) for name, each in by.items()]
    own = what_next(seen(), "descent", decay=32).steps * 32
    assert found.steps / own == pytest.approx(float(np.prod([each.steps / own for each in alone])))
    assert "not tried" in found.tested
    assert "not tried" not in alone[0].tested


def test_adamw_with_weaker_decay_has_no_upper_end_and_says_why():
    weaker, stronger = (what_next(seen(), "AdamW", decay=each) for each in (0.5, 2.0))
    assert np.isinf(weaker.high)
    assert "levels off" in weaker.tested
    assert "or more" in str(weaker)
    assert np.isfinite(stronger.high)
    assert "levels off" not in stronger.tested


def test_a_run_that_has_not_generalised_gives_a_lower_end():
    found = what_next(seen((0, 0, 0)), "descent", decay=2)
    assert np.isnan(found.steps)
    assert found.low == pytest.approx((20 - 10) / 2 / LAWS["descent"]["decay"].off)
    assert np.isinf(found.high)
    assert "only bounds" in found.tested


def test_a_run_that_generalises_first_has_no_delay_to_go_by():
    found = what_next(seen((0, 1, 1), (4, 4, 0)), "Adam", rate=2)
    assert np.isnan([found.steps, found.low, found.high]).all()
    assert "no delay to go by" in str(found)


@pytest.mark.parametrize(
    ("optimiser", "by", "message"),
    [
        ("sgd", {"decay": 2}, "optimiser must be one of descent, Adam, AdamW, got 'sgd'"),
        ("Adam", {}, "one of decay, rate and size must be other than 1"),
        ("Adam", {"decay": 33}, "decay must be at most 32, got 33"),
        ("Adam", {"rate": 0.2}, "rate must be at least 0.25, got 0.2"),
        ("Adam", {"size": 2}, "size must be at most 1.6"),
    ],
)
def test_bad_arguments_are_refused(optimiser, by, message):
    with pytest.raises(ValueError, match=message):
        what_next(seen(), optimiser, **by)


@pytest.mark.parametrize(
    ("optimiser", "by", "message"),
    [
        (["AdamW"], {"decay": 2}, r"optimiser must be one of .*, got \['AdamW'\]"),
        ("Adam", {"decay": np.array([1, 2])}, "decay must be one number, got an array of shape"),
        ("Adam", {"decay": True}, "decay must be a factor, got True"),
        ("Adam", {"rate": "fast"}, "rate must be a number"),
    ],
)
def test_what_is_no_optimiser_or_factor_is_refused(optimiser, by, message):
    with pytest.raises(ValueError, match=message):
        what_next(seen(), optimiser, **by)


def test_a_run_must_be_described_before():
    run = runs.from_columns([0, 10], train_loss=[1, 0], test_accuracy=[0, 1])
    with pytest.raises(ValueError, match="described must be what describe returns, got Dataset"):
        what_next(run, "Adam", decay=2)


def test_a_run_that_generalises_first_is_not_said_to_lack_an_event():
    assert "only bounds" not in what_next(seen((0, 1, 1), (4, 4, 0)), "Adam", rate=2).tested


def test_without_test_accuracy_nothing_is_known():
    run = runs.from_columns([0, 10, 20], train_loss=[2, 0, 0])
    assert str(what_next(describe(run), "Adam", rate=2)).startswith("nothing is known of the delay")


def test_small_delays_keep_their_digits():
    found = what_next(seen(), "descent", decay=32, rate=4, size=5 / 3)
    assert str(found).startswith("about 0.0177 steps from fitting to generalising, 0 to ")


def test_an_interval_is_as_wide_as_the_records_leave_it():
    run = runs.from_columns([0, 1000, 1500], train_loss=[4.6, 0, 0], test_accuracy=[0, 0.6, 1])
    found = what_next(describe(run), "descent", decay=2)
    assert found.low == 0
    assert found.high == pytest.approx(1500 / 2 * LAWS["descent"]["decay"].off)
    assert found.low < found.steps < found.high


def test_it_says_to_which_mark_it_was_tested_and_that_the_threshold_is_another():
    by_decay, by_size = (
        what_next(seen(), "Adam", **by).tested for by in ({"decay": 2}, {"size": 1.2})
    )
    assert "to half and nine tenths of the unseen pairs" in by_decay
    assert "to half of the unseen pairs" in by_size
    assert "A test accuracy of 0.95, by which this run is judged, was not tested." in by_size
    run = runs.from_columns([0, 10, 20], train_loss=[2, 0, 0], test_accuracy=[0, 0, 1])
    half = what_next(describe(run, threshold=0.5), "Adam", size=1.2)
    assert "was not tested" not in half.tested


def test_how_many_lay_inside_is_not_told_of_what_was_not_tried():
    found = what_next(seen(), "Adam", decay=2, rate=2).tested
    assert "%" not in found
    assert "how many lie inside is not known" in found


def test_runs_that_never_came_there_are_said_to_count_as_inside():
    assert "count as inside" in what_next(seen(), "AdamW", decay=0.5).tested

"""What trains in the browser, under Node, against `theory.networks` and `theory.circuits`."""

import json
from itertools import permutations

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from explorer_programs import found_by
from theory import circuits
from theory.explorer import module
from theory.explorer.training.program import STATIC, WORKER
from theory.networks import (
    Adam,
    Split,
    Stage,
    Training,
    TwoLayer,
    accuracy,
    advance,
    cross_entropy,
    modular_addition,
)

#: Modulus, width, rate, and examples and decay at first and later.
RUNS = [
    (5, 8, 1e-2, (15, 1e-3), (6, 1e-3)),
    (7, 3, 3e-3, (20, 0.0), (40, 0.0)),
    (23, 48, 1e-3, (300, 1e-4), (150, 1e-4)),
    (31, 64, 1e-3, (600, 1e-4), (200, 1e-3)),
]
HALF = 100
SETTINGS = f"const FROM_PYTHON = {json.dumps(module.numbers())};\n" + module.joined(
    [module.STATIC / "network.js", STATIC / "settings.js"]
)
TRAIN = """
const found = RUNS.map(({ start, order, setting, later }) => {
  const trainer = new Trainer({ ...setting, seed: 0 });
  trainer.parameters.set(start);
  trainer.order.set(order);
  const seen = () => {
    const { trained, answers, ...rest } = trainer.snapshot();
    const parameters = [...trainer.parameters];
    return { ...rest, parameters, trained: [...trained], answers: [...answers] };
  };
  const moments = [seen()];
  for (const { examples, decay } of [setting, later]) {
    trainer.change(examples, decay);
    for (let k = 0; k < HALF; k++) trainer.step();
    moments.push(seen());
  }
  return moments;
});
"""


def trains(script, **given):
    """What a script finds that has all in reach that trains, and what is given."""
    files = module.joined(STATIC / f"{name}.js" for name in WORKER)
    values = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in given.items())
    return found_by(files + values + script)


def in_python(modulus, width, rate, first, later):
    """The same run by `theory.networks`: its start, the order, and how it is at three moments."""
    task, network = modular_addition(modulus), TwoLayer(width=width)
    order = np.random.default_rng(modulus).permutation(modulus**2)
    most = max(first[0], later[0])
    stages = tuple(
        Stage(Adam(rate, l2=decay), HALF, examples=order[:size]) for size, decay in (first, later)
    )
    split = Split(task, np.sort(order[:most]), np.sort(order[most:]), 0)
    training = Training(network, split, stages, seed=width, dtype="float64")
    states = [training.first_parameters()]
    since = None
    for until in (HALF, 2 * HALF):
        _, since = advance(training, since, until, record_every=HALF, progress=False)
        states.append(since.parameters)
    moments = []
    for state, (size, _) in zip(states, (first, first, later), strict=True):
        inputs = network.encode(task, np.arange(modulus**2), "float64")
        logits = network.forward(state, inputs).logits
        sets = [order[:size], order[size:]]
        moments.append(
            {
                "parameters": state.flat,
                "loss": [cross_entropy(logits[each], task.labels[each])[0] for each in sets],
                "accuracy": [accuracy(logits[each], task.labels[each]) for each in sets],
                "answers": logits.argmax(axis=1),
                "trained": np.isin(np.arange(modulus**2), order[:size]),
                "norm": np.linalg.norm(state.flat),
            }
        )
    return states[0].flat, order, moments


@pytest.fixture(scope="module")
def runs():
    """Pairs of runs: how the browser's one is at three moments, and how Python's is."""
    exact = [in_python(*run) for run in RUNS]
    cells = [
        {
            "start": start.tolist(),
            "order": order.tolist(),
            "setting": {
                "modulus": m,
                "width": h,
                "rate": r,
                "examples": first[0],
                "decay": first[1],
            },
            "later": {"examples": later[0], "decay": later[1]},
        }
        for (m, h, r, first, later), (start, order, _) in zip(RUNS, exact, strict=True)
    ]
    found = trains(TRAIN, RUNS=cells, HALF=HALF)
    return list(zip(found, [moments for *_, moments in exact], strict=True))


def test_parameters_and_losses_are_those_of_python(runs):
    worst = 0.0
    for found, exact in runs:
        for ours, theirs in zip(found, exact, strict=True):
            scale = np.sqrt(np.mean(theirs["parameters"] ** 2))
            apart = abs(np.array(ours["parameters"]) - theirs["parameters"]).max() / scale
            worst = max(worst, apart)
            np.testing.assert_allclose(ours["loss"], theirs["loss"], rtol=1e-9)
            np.testing.assert_allclose(ours["norm"], theirs["norm"], rtol=1e-9)
    assert worst < 1e-9


def test_answers_are_those_of_python(runs):
    for found, exact in runs:
        for ours, theirs in zip(found, exact, strict=True):
            assert ours["answers"] == theirs["answers"].tolist()
            assert ours["trained"] == theirs["trained"].tolist()
            np.testing.assert_allclose(ours["accuracy"], theirs["accuracy"], rtol=1e-12)
        assert [each["updates"] for each in found] == [0, HALF, 2 * HALF]


def test_it_starts_as_in_python():
    """The same scales, and normal numbers."""
    setting = {"modulus": 31, "width": 128, "rate": 1e-3, "decay": 0, "examples": 1, "seed": 3}
    found = np.array(trains("const found = [...new Trainer(SETTING).parameters];", SETTING=setting))
    embedding, reads = found[: 2 * 31 * 128], found[2 * 31 * 128 :]
    assert reads.size == 31 * 128
    assert kstest(embedding / 0.1, "norm").pvalue > 1e-3
    assert kstest(reads * 128**0.5, "norm").pvalue > 1e-3


def test_a_seed_draws_the_same_again_and_another_seed_another():
    script = """
    const drawn = (seed) => {
      const { order, parameters } = new Trainer({ ...SETTING, seed });
      return [[...order], [...parameters]];
    };
    const found = [0, 0, 1].map(drawn);
    """
    setting = {"modulus": 5, "width": 4, "rate": 1e-3, "decay": 0, "examples": 10}
    one, again, other = trains(script, SETTING=setting)
    assert one == again
    assert one[0] != other[0]
    assert not np.isclose(one[1], other[1]).any()
    assert sorted(one[0]) == list(range(25))


def test_the_split_is_uniformly_random():
    """All orders of four cells, and the pairs of a larger table, come equally often."""
    script = """
    const orders = (seeds, count) =>
      Array.from({ length: seeds }, (_, seed) => [...new Random(seed).permutation(count)]);
    const found = { small: orders(24000, 4), large: orders(3000, 49) };
    """
    found = trains(script)
    counts = dict.fromkeys(permutations(range(4)), 0)
    for order in found["small"]:
        counts[tuple(order)] += 1
    assert chisquare(list(counts.values())).pvalue > 1e-3
    chosen = np.zeros((3000, 49))
    np.put_along_axis(chosen, np.array(found["large"])[:, :20], 1, axis=1)
    share = 20 / 49
    spread = np.sqrt(share * (1 - share) / 3000)
    assert abs(chosen.mean(axis=0) - share).max() < 4.5 * spread
    together = (chosen.T @ chosen)[np.triu_indices(49, 1)] / 3000
    pair = share * 19 / 48
    assert abs(together - pair).max() < 4.5 * np.sqrt(pair * (1 - pair) / 3000)


def test_the_marks_are_the_critical_sizes_of_python():
    marks = "const found = DECAYS.map((decay) => [decay, criticalOf(decay)]);"
    without, *others = found_by(SETTINGS + marks)
    assert without == [0, None]
    assert len(others) > 3
    for l2, mark in others:
        assert mark == pytest.approx(circuits.critical_size(31, l2), rel=1e-12)


def test_at_first_settings_it_groks_ungroks_and_groks_again():
    """Within as many updates as the page shows in half a minute."""
    script = """
    const trainer = new Trainer(DEFAULT);
    const until = (reached) => {
      const begun = trainer.optimiser.updates;
      while (!reached(trainer.snapshot())) {
        for (let k = 0; k < 50; k++) trainer.step();
        if (trainer.optimiser.updates > begun + 3000) return null;
      }
      return trainer.optimiser.updates - begun;
    };
    const fits = until(({ accuracy }) => accuracy[0] === 1);
    const then = trainer.snapshot().accuracy[1];
    const groks = until(({ accuracy }) => accuracy[1] > 0.95);
    trainer.change(200, DEFAULT.decay);
    const ungroks = until(({ accuracy }) => accuracy[1] < 0.1);
    trainer.change(DEFAULT.examples, DEFAULT.decay);
    const found = { fits, then, groks, ungroks, again: until(({ accuracy }) => accuracy[1] > 0.9) };
    """
    found = trains(SETTINGS + script)
    assert None not in found.values()
    assert found["then"] < 0.25
    assert found["groks"] > found["fits"]

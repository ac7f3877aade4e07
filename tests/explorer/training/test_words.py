"""What is said of a run, and of what the theory expects, under Node."""

import json

import pytest

from explorer_programs import found_by
from theory.explorer import module
from theory.explorer.inside import program as inside
from theory.explorer.training.program import STATIC

SOURCE = f"const FROM_PYTHON = {json.dumps(module.numbers())};\n" + module.joined(
    [
        module.STATIC / "network.js",
        inside.STATIC / "numbers.js",
        *(STATIC / f"{name}.js" for name in ("settings", "sums", "history", "words")),
    ]
)


def told(script, given=None):
    return found_by(f"{SOURCE}const GIVEN = {json.dumps(given)};\n{script}")


def moment(updates, train, test, examples=600):
    return {"updates": updates, "examples": examples, "accuracy": [train, test], "norm": 30}


#: A run as it is by default, with a change of mind in the middle.
STORY = [
    (moment(0, 0.03, 0.03), "Nothing is learned yet"),
    (moment(200, 0.6, 0.02), "It learns by heart"),
    (moment(400, 1.0, 0.1), "It has memorised"),
    (moment(700, 1.0, 0.4), "It is grokking"),
    (moment(1200, 1.0, 0.97), "It has grokked"),
    (moment(1400, 1.0, 0.5, 200), "It is ungrokking"),
    (moment(1600, 1.0, 0.02, 200), "It has ungrokked"),
    (moment(1700, 0.4, 0.15), "It learns by heart"),
    (moment(2000, 1.0, 0.6), "It is grokking"),
    (moment(2200, 1.0, 0.61), "It generalises in part"),
    (moment(2500, 1.0, 0.93), "It has grokked"),
]
HISTORY = """
const history = new History();
const found = GIVEN.map((each) => {
  history.add(each);
  return headlineOf(history);
});
"""


def test_a_run_is_told_as_it_goes():
    found = told(HISTORY, [each for each, _ in STORY])
    assert [line.split(":")[0] for line in found] == [words for _, words in STORY]
    expected = "It has memorised: 100 % of its examples are right, 10 % of the rest."
    assert found[2].replace("\u00a0", " ") == expected


def test_what_is_right_at_once_has_not_grokked():
    found = told(HISTORY, [moment(0, 0, 0), moment(100, 0.7, 0.8), moment(200, 1, 0.95)])
    assert found[-1].startswith("It generalises: ")


def test_a_long_run_is_kept_in_few_records_that_reach_from_its_start_to_its_end():
    script = """
    const history = new History();
    for (let k = 0; k <= 5000; k++) {
      history.add({ updates: 10 * k, examples: 600, accuracy: [1, k / 5000], norm: 30 });
    }
    const { moments, now } = history;
    const found = { count: moments.length, ends: [moments[0].updates, now.updates] };
    """
    found = told(script)
    assert 400 < found["count"] <= 1000
    assert found["ends"] == [0, 50_000]


def test_only_the_last_change_at_an_update_is_noted():
    script = """
    const history = new History();
    for (const each of GIVEN) history.add(each);
    const found = [history.changes, history.moments.length];
    """
    sizes = [(0, 500), (0, 600), (10, 600), (10, 400), (10, 200), (20, 200)]
    changes, count = told(script, [moment(k, 1, 0, size) for k, size in sizes])
    assert changes == [{"updates": 10, "examples": 200}]
    assert count == 3


@pytest.mark.parametrize(
    ("examples", "decay", "expected"),
    [
        (600, 1e-4, "Above 402 examples generalising costs less norm: with 600 it"),
        (490, 1e-4, "Above 402 "),
        (470, 1e-4, "At 402 examples both cost the same norm: with 470 it"),
        (250, 1e-4, "At 402 "),
        (240, 1e-4, "Below 402 examples memorising costs less norm: with 240 it"),
        (600, 0, "Without weight decay norm costs nothing"),
    ],
)
def test_what_the_theory_expects(examples, decay, expected):
    script = "const found = GIVEN.map(([examples, decay]) => expectationOf(examples, decay));"
    assert told(script, [[examples, decay]])[0].startswith(expected)


def test_sums_are_answered():
    script = """
    const trained = new Uint8Array(961);
    const answers = new Uint8Array(961).fill(4);
    trained[7 * 31 + 28] = 1;
    const sums = new Sums({ trained, answers, accuracy: [1, 0.25], examples: 200 });
    const found = [7 * 31 + 28, 31 + 2].map((cell) => answerOf(sums, cell));
    found.push(tableOf(sums));
    """
    assert told(script) == [
        "The network says 7 + 28 = 4 modulo 31. That is right. It is trained on this sum.",
        "The network says 1 + 2 = 4. Right is 3. It is not trained on this sum.",
        "Table of all sums: 100 % of 200 examples are right, and 25 % of the 761 others.",
    ]

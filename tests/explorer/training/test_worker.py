"""The worker, under Node, with a page that only listens."""

from itertools import pairwise

import pytest

from explorer_programs import found_by
from theory.explorer import module
from theory.explorer.training.program import STATIC, WORKER

SCRIPT = """
const heard = [];
const port = { postMessage: (each) => heard.push({ ...each, at: performance.now() }) };
serve(port);
const order = (data) => port.onmessage({ data });
const rest = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const setting = { modulus: 5, width: 4, rate: 0.01, decay: 1e-3, examples: 15, seed: 0 };
const brief = (from) =>
  heard.slice(from).map(({ updates, examples, at }) => ({ updates, examples, at }));

order({ kind: "begin", setting });
order({ kind: "change", examples: 10, decay: 1e-4 });
const before = brief(0);
order({ kind: "play" });
await rest(500);
order({ kind: "change", examples: 20, decay: 1e-4 });
await rest(120);
order({ kind: "pause" });
const while_playing = brief(2);
const seen = heard.length;
await rest(150);
const after_pause = brief(seen);
order({ kind: "play" });
await rest(60);
order({ kind: "begin", setting });
order({ kind: "pause" });
setTimeout(() => process.exit()); // also where it has not paused
const found = { before, while_playing, after_pause, anew: heard.at(-1).updates };
"""


@pytest.fixture(scope="module")
def found():
    return found_by(module.joined(STATIC / f"{name}.js" for name in WORKER) + SCRIPT)


def test_it_tells_at_once_what_it_begins_with_and_what_was_changed(found):
    assert [(each["updates"], each["examples"]) for each in found["before"]] == [(0, 15), (0, 10)]


def test_it_trains_while_it_is_told_to(found):
    updates = [each["updates"] for each in found["while_playing"]]
    assert updates == sorted(updates)
    assert updates[0] == 10
    assert updates[-1] > 50
    assert found["after_pause"] == []


def test_a_change_goes_on_from_where_it_is(found):
    sizes = [each["examples"] for each in found["while_playing"]]
    changed = sizes.index(20)
    assert set(sizes[:changed]) == {10}
    assert set(sizes[changed:]) == {20}
    updates = [each["updates"] for each in found["while_playing"]]
    assert updates[changed] == updates[changed - 1]
    assert updates[-1] > updates[changed]


def test_it_tells_at_most_twenty_times_a_second(found):
    told = [each for each in found["while_playing"] if each["examples"] == 10]
    assert len(told) > 4
    assert (told[-1]["at"] - told[0]["at"]) / (len(told) - 1) > 45
    assert {b["updates"] - a["updates"] for a, b in pairwise(told)} == {10}


def test_it_begins_anew_when_it_is_told_to(found):
    assert found["anew"] == 0

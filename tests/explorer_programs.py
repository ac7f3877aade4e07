"""The explorer's program under Node, without a browser."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from theory.explorer import module

HELPERS = """
const CELLS = %s;
const both = (value) => [value(0), value(1)];

function lawAt({ settings, weight, p }) {
  const law = lawOf(settings);
  const { penalty } = law;
  const total = weight[0] + weight[1];
  const marginal = [0, 0];
  penalty.marginals(weight, marginal);
  return {
    power: penalty.power,
    cost: penalty.cost,
    train: trainLoss(law, total),
    test: testLoss(law, ...weight),
    pull: pull(law, total),
    log_pull: logPull(law, total),
    pull_slope: pullSlope(pull(law, total)),
    log_pull_slope: logPullSlope(law, total),
    total: totalAt(law, p),
    penalty: penalty.value(weight),
    marginal,
    log_marginal: both((i) =>
      logMarginalCost(Math.log(penalty.cost[i]), penalty.power, Math.log(Math.abs(weight[i])))),
    curvature: penalty.curvature(weight.map(Math.abs)),
    gradient: both((i) => gradient(weight[i], marginal[i], pull(law, total))),
    speed: both((i) => speedOf(law, i, weight[i])),
    velocity: velocities(law, weight),
  };
}

const runs = (cells, precision) => cells.map((settings) => {
  const run = follow(settings, LAST, precision);
  const regime = REGIMES[regimeOf(run)];
  const end = run.at(LAST);
  return { groks: run.groks, end, leads: end[0] > end[1], regime };
});
"""
# JSON knows no infinite numbers.
TELL = """
const spelled = (_, value) => (Math.abs(value) === Infinity ? `${value}` : value);
console.log(JSON.stringify(found, spelled));
"""


def answers(script, cells):
    """What a script finds, which takes `CELLS` and defines `found`, with what is above in reach."""
    return found_by(module.program() + HELPERS % json.dumps(cells) + script)


def found_by(program):
    """What a program without imports has found, that defines `found`."""
    run = subprocess.run(
        [node(), "--input-type=module", "-"],
        input=program + TELL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def node():
    """Path of Node.js: beside this Python, where the extra ``browser`` puts it, or on the PATH."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which("node", path=path)
    if found is None:
        pytest.fail("cannot run node: install the extra browser, pip install -e '.[browser]'")
    return found

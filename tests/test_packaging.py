"""Versions, dependencies and commands are stated in one place each, or agree."""

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import theory

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
MAKEFILE = (ROOT / "Makefile").read_text()


def requirements(lines):
    """Parse requirements, leaving out comments."""
    return [Requirement(line) for line in lines if line and not line.lstrip().startswith("#")]


DECLARED = requirements([*PROJECT["dependencies"], *chain.from_iterable(EXTRAS.values())])
PINNED = requirements((ROOT / "constraints.txt").read_text().splitlines())


@pytest.fixture(scope="module")
def conda():
    """The conda environment: its own dependencies, and the lines that it hands to pip."""
    *own, pip = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    return own, pip["pip"]


@pytest.mark.parametrize("declared", DECLARED, ids=str)
def test_every_dependency_is_pinned_inside_its_range(declared):
    pins = [pin for pin in PINNED if pin.name == declared.name]
    versions = [spec.version for pin in pins for spec in pin.specifier]
    assert versions
    assert all(declared.specifier.contains(version) for version in versions)


def test_constraints_hold_nothing_but_exact_versions():
    assert all([spec.operator for spec in pin.specifier] == ["=="] for pin in PINNED)


def test_conda_brings_python_and_pip_only(conda):
    own, _ = conda
    assert [re.split("[<>=]", line)[0] for line in own] == ["python", "pip"]


def test_conda_brings_a_python_that_the_package_declares(conda):
    version = conda[0][0].removeprefix("python=")
    assert SpecifierSet(PROJECT["requires-python"]).contains(version)
    assert f"Programming Language :: Python :: {version}" in PROJECT["classifiers"]


def test_conda_installs_what_a_reader_runs_with_the_pins_of_make(conda):
    constraint, install = conda[1]
    assert constraint == "-c constraints.txt"
    assert install == "-e .[book,digits,lab]"
    assert f"pip install --quiet {constraint} -e '.[$(EXTRAS)]'" in MAKEFILE


def test_make_installs_every_extra_except_the_peers():
    extras = re.search(r"^\$\(VENV\)/installed: EXTRAS = (.*)$", MAKEFILE, re.MULTILINE)[1]
    assert set(extras.split(",")) == EXTRAS.keys() - {"peers"}


def test_the_citation_names_the_version_of_the_package():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == theory.__version__


def test_contributing_lists_every_command():
    targets = re.findall(r"^([a-z]+):.*## ", MAKEFILE, flags=re.MULTILINE)
    listed = re.findall(
        r"^\| `make ([a-z]+)`", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE
    )
    assert listed == targets

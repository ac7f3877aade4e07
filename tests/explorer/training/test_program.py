"""The program, its worker, the style and the figure that pages get."""

import json
import re
from collections import Counter

import pytest

from theory.explorer import module
from theory.explorer.inside import program as inside
from theory.explorer.training import program
from training_figure import html

OWN = {file.stem: file.read_text() for file in program.STATIC.glob("*.js")}
SHARED = {
    name: (place.STATIC / f"{name}.js").read_text()
    for place, names in [(module, program.EXPLORER), (inside, program.INSIDE)]
    for name in names
}
PAGE = {name: (SHARED | OWN)[name] for name in (*program.EXPLORER, *program.INSIDE, *program.PAGE)}
WORKER = {name: OWN[name] for name in program.WORKER}
PROGRAMS = pytest.mark.parametrize("files", [PAGE, WORKER], ids=["page", "worker"])


def test_every_file_is_in_the_page_or_in_its_worker():
    assert sorted([*program.WORKER, *program.PAGE]) == sorted(OWN)


@PROGRAMS
def test_files_stand_after_those_that_they_import(files):
    order = list(files)
    for place, (name, source) in enumerate(files.items()):
        imported = re.findall(r'^import .* from "[./\w]*/(\w+)\.js";$', source, re.MULTILINE)
        assert source.count("\nimport ") == len(imported), name
        assert set(imported) <= set(order[:place]), name


@PROGRAMS
def test_no_two_files_use_the_same_name(files):
    declared = r"^(?:export )?(?:async )?(?:const|let|class|function) (\w+)"
    names = re.findall(declared, "\n".join(files.values()), re.MULTILINE)
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert len(names) > 5


def test_the_program_is_one_module_that_loads_nothing():
    found = re.findall(r"^(?:import|export).*", program.program(), re.MULTILINE)
    assert found == ["export { mountTraining };"]
    everything = program.program() + program.style()
    assert not re.search(r"</script|</style|https?://|@import|url\(|fetch\(|import\(", everything)


def test_the_worker_is_a_script_of_its_own_that_the_program_holds():
    assert not re.search(r"^(?:import|export)|document|window", program.worker(), re.MULTILINE)
    held = re.search(r"^const WORKER_PROGRAM = (.*);$", program.program(), re.MULTILINE)[1]
    assert json.loads(held) == program.worker()
    assert "class Trainer" not in program.program().replace(held, "")


def test_a_page_holds_where_to_mount_it_and_the_program():
    assert '<div class="grokking-training"></div>' in html()
    assert f'<script type="module">\n{program.program()}mountTraining();\n</script>' in html()
    assert f"<style>\n{program.style()}</style>" in html()


def test_a_page_takes_less_than_80_kilobytes_for_it():
    assert len(html()) < 80_000

"""The program and style that notebooks and pages get."""

import re
from collections import Counter

import pytest
from docutils.core import publish_parts
from docutils.parsers.rst import directives

from explorer_figure import ExplorerFigure
from theory import figures
from theory.explorer import module, widget
from theory.explorer.widget import Explorer
from theory.measures import REGIMES

FILES = {file.stem: file.read_text() for file in module.STATIC.glob("*.js")}
#: How the parts of the law would be written out in a script, and where they are.
FORMULAS = {
    "q - 1 rival labels, or q - 2": ("law", r"\blabels - \d"),
    "l(S), log p(S) and the test loss": ("law", r"\bMath\.log1p\("),
    "p(S)": ("law", r"\bMath\.exp\(-?\(?(?:\w+ - )?(?:total|middle|[gm])\b"),
    "dp/dS": ("law", r"\b1 - p\b|\bp - 1\b"),
    "S at a p": ("law", r"\b1 / \w+ - 1\b"),
    "c": ("law", r"/ model\.kappa\b"),
    "P": ("law", r"\bexamples / critical\b"),
    "L_i": ("law", r"\bp - (?:\w*[cC]ost|pull|marginal)\b"),
    "the speed": ("law", r"\bhypot\([^()]*(?:\b2 \* |\brho\b|\bscale\b)"),
    "r": ("squared_norm", r"\b2 - kappa\b"),
    "c w^r": ("squared_norm", r"\*\* (?:this\.)?power\b"),
    "log(c w^r)": ("squared_norm", r"\bpower \* (?:log\w*|x)\b"),
    "what memory is free": ("shared_units", r"\bexp\(b \* "),
    "the critical size": ("network", r"\b3 \* modulus\b"),
}


def test_every_file_of_the_program_is_in_it():
    assert sorted(module.FILES) == sorted(FILES)


def test_files_stand_after_those_that_they_import():
    for place, name in enumerate(module.FILES):
        imported = re.findall(r'^import [^;]* from "\./(\w+)\.js";$', FILES[name], re.MULTILINE)
        assert set(imported) <= set(module.FILES[:place])


def test_each_part_of_the_law_stands_in_one_file_only():
    comment = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
    code = {name: comment.sub("", source) for name, source in FILES.items()}
    for part, (place, formula) in FORMULAS.items():
        stands_in = [name for name, source in code.items() if re.search(formula, source)]
        assert stands_in == [place], part


def test_no_two_files_use_the_same_name():
    names = re.findall(
        r"^(?:export )?(?:async )?(?:const|let|class|function) (\w+)",
        "\n".join(FILES.values()),
        re.MULTILINE,
    )
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert len(names) > 100


def test_the_program_is_one_module_without_imports_and_comments():
    program = module.program()
    assert re.findall(r"^(?:import|export).*", program, re.MULTILINE) == [
        "export default { render };",
        "export { mountAll };",
    ]
    assert not re.search(r"^ *(/\*\*[^*]*\*/|//.*)$", program, re.MULTILINE)
    for source in FILES.values():
        code = [line for line in source.splitlines() if re.match(r"(export )?function", line)]
        assert all(line.removeprefix("export ") in program for line in code)


def test_nothing_in_it_ends_the_script_of_a_page_or_loads_anything():
    assert "</script" not in module.program()
    assert "</style" not in module.style()
    assert not re.search(
        r"https?://|@import|url\(|fetch\(|import\(", module.program() + module.style()
    )


def test_notebooks_get_the_same_program():
    explorer = Explorer()
    assert explorer._esm == module.program()
    assert explorer._css == module.style()


def test_its_light_colours_are_those_of_the_figures():
    light = FILES["theme"].split("const LIGHT = {")[1].split("};")[0]
    colours = {
        name: re.findall(r'"(#\w+)"', values)
        for name, values in re.findall(r"(\w+): \[(.*)\]", light)
    }
    palette = {meaning: style["color"] for meaning, style in figures.PALETTE.items()}
    assert colours["circuits"] == [palette["generalising"], palette["memorising"]]
    assert colours["sets"] == [palette["train"], palette["test"]]
    assert colours["regimes"] == [figures.REGIME_COLOURS[name] for name in REGIMES]


def test_its_regimes_are_those_of_the_package():
    listed = re.search(r"REGIMES = .*?\[(.*?)\]", FILES["regimes"], re.DOTALL)[1]
    assert tuple(re.findall(r'"(.*)"', listed)) == REGIMES


def test_its_ranges_are_those_of_the_widget():
    found = re.findall(r"(\w+): { least: ([\d.e-]+),.* most: ([\d.e-]+) }", FILES["settings"])
    renamed = {"decay": "weight_decay"}
    ranges = {renamed.get(name, name): (float(low), float(high)) for name, low, high in found}
    assert ranges == widget.RANGES


@pytest.fixture
def publish():
    directives.register_directive("explorer", ExplorerFigure)

    def publish(source):
        return publish_parts(source, writer_name="html5", settings_overrides={"report_level": 5})[
            "body"
        ]

    return publish


@pytest.mark.parametrize(("argument", "view"), [("", "full"), ("small", "small")])
def test_a_page_holds_the_program_and_where_to_mount_it(publish, argument, view):
    html = publish(f".. explorer:: {argument}")
    assert f'<div class="grokking-explorer" data-view="{view}"></div>' in html
    assert f'<script type="module">\n{module.program()}mountAll();\n</script>' in html
    assert ('class="full-width"' in html) == (view == "full")


def test_a_page_with_another_view_is_refused(publish):
    assert "grokking-explorer" not in publish(".. explorer:: tiny")

"""No code that a verdict depends on can change without the checksum; nothing else moves it."""

import ast
import importlib
import random
import shutil
import subprocess
import sys

import pytest

from import_graph import graph, imported
from theory import theories
from theory.questions import QUESTIONS, efficiency
from theory.trial import checksum as offered
from theory.trial import ledger
from theory.trial.checksum import PACKAGE, checksum

#: All that verdicts on one question depend on.
ROOTS = [
    efficiency.__name__,
    "theory.questions.records",
    "theory.trial.outcomes",
    "theory.theories.homogeneous",
    "theory.theories.minimal_model",
]


def home(name):
    """The module that a full name is of, as Python itself knows it; None if it is of no module."""
    module, _, last = name.rpartition(".")
    if name in MODULES or not module:
        return name if name in MODULES else None
    if module not in MODULES:
        return home(module)
    found = getattr(importlib.import_module(module), last, None)
    # What is neither a class nor a function does not say where it is from.
    return found.__module__ if hasattr(found, "__qualname__") else module


MODULES = graph(PACKAGE).keys()


def reached(roots):
    """Modules that some modules use, and these theirs."""
    waiting, seen = list(roots), set()
    while waiting:
        name = waiting.pop()
        if name in MODULES and name not in seen:
            seen.add(name)
            waiting += filter(None, map(home, imported(name, file_of(name))))
    return seen


def file_of(module, package=PACKAGE):
    path = package.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


COVERED = sorted(reached(ROOTS))


def docstrings(tree):
    """The constants that are docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    return [
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, documented) and ast.get_docstring(node) is not None
    ]


def constants(text):
    """Constants of a module, other than docstrings and parts of formatted texts."""
    tree = ast.parse(text)
    left_out = {id(node) for node in docstrings(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            left_out |= {id(part) for part in ast.walk(node)}
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, bool | int | float | str)
        and id(node) not in left_out
    ]


def with_another(text, node):
    """The text of a module with one constant changed."""
    value = node.value
    other = not value if isinstance(value, bool) else value + ("." if isinstance(value, str) else 1)
    lines = text.encode().splitlines(keepends=True)
    before = b"".join(lines[: node.lineno - 1]) + lines[node.lineno - 1][: node.col_offset]
    after = lines[node.end_lineno - 1][node.end_col_offset :] + b"".join(lines[node.end_lineno :])
    changed = (before + repr(other).encode() + after).decode()
    ast.parse(changed)
    return changed


@pytest.fixture
def package(tmp_path):
    """Write a package called ``theory`` of modules with these texts; those before stay."""

    def write(sources):
        folder = tmp_path / "theory"
        for name, text in {"__init__": "", **sources}.items():
            file = folder / f"{name}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of the package."""
    folder = tmp_path_factory.mktemp("copy") / "theory"
    shutil.copytree(PACKAGE, folder, ignore=lambda *_: {"__pycache__", "static"})
    return folder


@pytest.fixture(scope="module")
def whole():
    return checksum(ROOTS)


def test_every_verdict_depends_on_the_question_its_theories_and_the_trial():
    rooms = {name.split(".")[1] for name in COVERED}
    assert {"questions", "theories", "trial", "statistics", "minimal", "networks"} <= rooms
    assert {"theory.trial.verdict", "theory.questions.pooling", "theory.checks"} <= set(COVERED)
    assert not {"theory.trial.tables", "theory.trial.ledger", "theory.figures"} & set(COVERED)
    assert offered is checksum


@pytest.mark.parametrize("module", ["networks", "minimal", "theories", "theories.adamw_barrier"])
def test_no_list_of_names_and_no_theory_that_is_silent_is_depended_on(module):
    assert f"theory.{module}" not in COVERED


def test_all_that_is_used_is_covered_and_no_more():
    """As another reader of imports finds it."""
    room = sys.modules["theory.trial.checksum"]
    assert room._covered(ROOTS, room._Package(PACKAGE)).keys() == set(COVERED)


def test_the_rule_of_a_question_is_the_checksum_of_these(whole):
    assert ledger.rule_of(efficiency) == whole


def test_every_theory_has_a_name_by_which_its_module_is_found():
    named = [each for each in vars(theories).values() if isinstance(each, theories.Theory)]
    assert sorted(map(id, named)) == sorted(map(id, theories.THEORIES))


def test_a_new_theory_is_one_for_the_questions_of_which_it_speaks(monkeypatch, whole):
    monkeypatch.setattr(theories, "another", theories.ADAMW_BARRIER, raising=False)
    assert ledger.rule_of(efficiency) == whole
    monkeypatch.setattr(theories, "HOMOGENEOUS", None)
    assert ledger.rule_of(efficiency) != whole


@pytest.mark.parametrize("module", COVERED)
def test_no_constant_of_any_module_can_change(module, package):
    """By themselves, so that two of each module can be tried in no time."""
    text = file_of(module).read_text(encoding="utf-8")
    found = constants(text)
    folder = package({"one": text})
    before = checksum(["theory.one"], folder)
    for node in random.Random(module).sample(found, min(2, len(found))):
        package({"one": with_another(text, node)})
        assert checksum(["theory.one"], folder) != before, ast.unparse(node)


@pytest.mark.parametrize(
    "module",
    [
        "theory.questions.efficiency",
        "theory.theories.homogeneous",
        "theory.minimal.roots",
        "theory.networks.adam",
    ],
)
def test_a_constant_anywhere_below_changes_the_rule(module, copied, whole):
    assert module in COVERED
    file = file_of(module, copied)
    text = file.read_text(encoding="utf-8")
    file.write_text(with_another(text, constants(text)[-1]), encoding="utf-8")
    changed = checksum(ROOTS, copied)
    file.write_text(text, encoding="utf-8")
    assert changed != whole


def test_comments_docstrings_layout_and_other_modules_do_not_count(copied, whole, tmp_path):
    """All modules are written anew from what was parsed; others do something else."""
    folder = tmp_path / "theory"
    shutil.copytree(copied, folder)
    others = 0
    for name in graph(copied):
        file = file_of(name, folder)
        if name in COVERED:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            for each in docstrings(tree):
                each.value = "Something else."
            file.write_text(f"# A comment.\n\n\n{ast.unparse(tree)}\n", encoding="utf-8")
        else:
            # A package still passes names on.
            kept = file.read_text(encoding="utf-8") if file.stem == "__init__" else ""
            file.write_text(f"{kept}\nx = 1\n", encoding="utf-8")
            others += 1
    assert others > 10
    assert checksum(ROOTS, folder) == whole


SOURCE = '''"""A module."""

LEVEL, OTHER = 0.5, None
NAMES: tuple[str, ...] = ("one", "two")


def judge(runs, *, part=1, **others):
    """Return what runs say."""
    # A comment.
    assert runs
    return runs.one / part - [each for each in NAMES if each > LEVEL][-1]


class Scale:
    """What is measured in."""

    unit = 0.0
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    # A comment.\n", "\n\n"),
        ('"""Return what runs say."""', '"""Return something else."""'),
        ('    """Return what runs say."""\n', ""),
        ('"""A module."""\n', ""),
        ("0.5, None", "(0.5), None  # a note"),
        ('("one", "two")', "(\n    'one',\n    'tw' 'o',\n)"),
        ("0.5", "5e-1"),
    ],
)
def test_how_it_is_written_does_not_count(package, old, new):
    assert SOURCE.count(old) == 1
    before = checksum(["theory.one"], package({"one": SOURCE}))
    assert checksum(["theory.one"], package({"one": SOURCE.replace(old, new)})) == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0.5, None", "0.6, None"),
        ("0.5, None", "0.5, False"),
        ("0.5, None", "0.5, ()"),
        ("unit = 0.0", "unit = 0"),
        ("unit = 0.0", "unit = -0.0"),
        ('"one", "two"', '"two", "one"'),
        ("part=1", "part=True"),
        ("*, part=1", "part=1"),
        ("each > LEVEL", "each >= LEVEL"),
        ("runs.one", "runs.other"),
        ("[-1]", "[-2]"),
        ("    assert runs\n", ""),
        (" - [", " + ["),
        ("class Scale:", "class Scale(dict):"),
        ("def judge", "@cache\ndef judge"),
    ],
)
def test_whatever_is_done_counts(package, old, new):
    assert SOURCE.count(old) == 1
    before = checksum(["theory.one"], package({"one": SOURCE}))
    assert checksum(["theory.one"], package({"one": SOURCE.replace(old, new)})) != before


@pytest.mark.parametrize(
    "how",
    [
        "import theory.room.other",
        "import theory.room.other as short",
        "from theory.room import other",
        "from theory.room.other import x",
        "from theory.room.other import *",
        "from . import other",
        "from .other import x",
        "from ..room.other import x",
        "def late():\n    from theory.room.other import x",
        "class Late:\n    if True:\n        from .other import x",
        "from theory.room.between import x",
    ],
)
def test_an_import_is_followed_however_it_is_written(package, how):
    package({"room/__init__": "", "room/between": "from .other import x", "room/one": how})
    before = checksum(["theory.room.one"], package({"room/other": "x = 1"}))
    assert checksum(["theory.room.one"], package({"room/other": "x = 2"})) != before


@pytest.mark.parametrize(
    "passes_on", ["from .other import x", "from theory.room.other import x", "from .more import x"]
)
def test_what_a_package_passes_on_is_of_the_module_that_defines_it(package, passes_on):
    package(
        {"room/__init__": passes_on, "room/more": "from .other import x", "room/other": "x = 1"}
    )
    folder = package({"one": "from theory.room import x"})
    before = checksum(["theory.one"], folder)
    package({"room/__init__": f"{passes_on}\nfrom .new import y\n__all__ = ['x', 'y']"})
    package({"room/new": "y = 1"})
    assert checksum(["theory.one"], folder) == before
    package({"room/other": "x = 2"})
    assert checksum(["theory.one"], folder) != before


@pytest.mark.parametrize(
    "does",
    [
        "from .other import x as y\nx = y",
        "from .other import y as x",
        "from .other import x\nx = 2 * x",
        "from .other import x\nx += 1",
        "from .other import x\nfrom .new import y as x",
        "from .other import x\nfrom .new import *",
        "from .other import *",
        "from .other import x\nif True:\n    from .new import x",
        "from .other import x\ndef x():\n    pass",
        "from .other import x\nclass x:\n    pass",
        "from .other import x\nfor x in [1]:\n    pass",
        "from .other import x\ndef late():\n    global x\n    x = 2",
    ],
)
def test_a_package_counts_where_it_does_more_than_pass_a_name_on(package, does):
    package({"room/__init__": does, "room/other": "x = y = 1", "room/new": "y = 1"})
    folder = package({"one": "from theory.room import x", "two": "import theory.room.other"})
    before = [checksum([f"theory.{name}"], folder) for name in ("one", "two")]
    package({"room/__init__": f"{does}\nz = 2"})
    after = [checksum([f"theory.{name}"], folder) for name in ("one", "two")]
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, True]
    package({"room/other": "x = 2"})
    assert checksum(["theory.one"], folder) != after[0]


def test_a_name_can_be_asked_for_by_which_a_package_passes_it_on(package):
    folder = package({"room/__init__": "from .other import x", "room/other": "x = 1"})
    assert checksum(["theory.room.x"], folder) == checksum(["theory.room.other"], folder)


def test_which_module_says_it_counts(package):
    folder = package({"one": "x = 1", "other": "x = 2"})
    before = checksum(["theory.one", "theory.other"], folder)
    assert checksum(["theory.other", "theory.one"], folder) == before
    assert (
        checksum(["theory.one", "theory.other"], package({"one": "x = 2", "other": "x = 1"}))
        != before
    )


def test_modules_that_import_each_other_are_covered_once(package):
    folder = package({"one": "import theory.other", "other": "import theory.one\nx = 1"})
    assert checksum(["theory.one"], folder) == checksum(["theory.other", "theory.one"], folder)


def test_a_module_that_is_not_there_is_refused(package):
    message = r"^names must be of the package theory, got \['numpy', 'theory.other'\]"
    with pytest.raises(ValueError, match=message):
        checksum(["theory.one", "theory.other", "numpy"], package({"one": ""}))


def test_every_python_that_there_is_has_the_same_checksum(whole):
    code = f"import runpy; print(runpy.run_path({str(PACKAGE / 'trial' / 'checksum.py')!r})"
    code += f"['checksum']({ROOTS!r}))"
    others = [shutil.which(f"python3.{minor}") for minor in (11, 12, 13, 14)]
    for python in [sys.executable, *filter(None, others)]:
        asked = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
        # A name on the path may stand for a version that is not installed.
        if asked.returncode != 127:
            assert asked.stdout.strip() == whole, asked.stderr


def rooms_of(*modules):
    return {name.split(".")[1] for name in reached(modules) if "." in name}


def test_no_question_leads_to_a_theory_and_no_theory_to_the_trial():
    questions = rooms_of(*(question.__name__ for question in QUESTIONS))
    assert not questions & {"theories", "trial", "minimal"}
    assert "trial" not in rooms_of("theory.theories")

"""No code that a verdict depends on can change without the checksum; nothing else moves it."""

import ast
import random
import shutil
import subprocess
import sys

import pytest

from import_graph import graph
from theory.questions import QUESTIONS, efficiency
from theory.trial import checksum as offered
from theory.trial import ledger
from theory.trial.checksum import PACKAGE, checksum

ROOTS = [
    efficiency.__name__,
    "theory.questions.records",
    "theory.theories",
    "theory.trial.outcomes",
]


def reached(roots, package=PACKAGE):
    """Modules that some modules import, and these theirs."""
    found, waiting, seen = graph(package), list(roots), set()
    while waiting:
        name = waiting.pop()
        if name in found and name not in seen:
            seen.add(name)
            waiting += found[name]
    return seen


COVERED = sorted(reached(ROOTS))


def file_of(module, package=PACKAGE):
    path = package.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


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


def test_every_verdict_depends_on_the_question_all_theories_and_the_trial():
    rooms = {name.split(".")[1] for name in COVERED}
    assert {"questions", "theories", "trial", "statistics", "minimal", "networks"} <= rooms
    assert {"theory.trial.verdict", "theory.questions.pooling", "theory.checks"} <= set(COVERED)
    assert not {"theory.trial.tables", "theory.trial.ledger", "theory.figures"} & set(COVERED)
    assert offered is checksum


def test_all_that_is_imported_is_covered_and_no_more(monkeypatch):
    """As another reader of imports finds it."""
    room, seen = sys.modules["theory.trial.checksum"], set()
    imported = room._imported

    def noted(tree, module, files):
        seen.add(module)
        return imported(tree, module, files)

    monkeypatch.setattr(room, "_imported", noted)
    checksum(ROOTS)
    assert seen == set(COVERED)


def test_the_rule_of_a_question_is_the_checksum_of_these(whole):
    assert ledger.rule_of(efficiency) == whole


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
    """All modules are written anew from what was parsed, and others are emptied."""
    folder = tmp_path / "theory"
    shutil.copytree(copied, folder)
    emptied = 0
    for name in graph(copied):
        file = file_of(name, folder)
        if name in COVERED:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            for each in docstrings(tree):
                each.value = "Something else."
            file.write_text(f"# A comment.\n\n\n{ast.unparse(tree)}\n", encoding="utf-8")
        else:
            file.write_text("x = 1\n", encoding="utf-8")
            emptied += 1
    assert emptied > 10
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


def test_a_package_counts_where_its_own_names_are_used(package):
    package({"room/__init__": "from .other import x", "room/other": "x = 1"})
    folder = package({"one": "from theory.room import x", "two": "import theory.room.other"})
    before = [checksum([f"theory.{name}"], folder) for name in ("one", "two")]
    package({"room/__init__": "from .other import x as y\nx = y"})
    after = [checksum([f"theory.{name}"], folder) for name in ("one", "two")]
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, True]
    package({"room/other": "x = 2"})
    assert checksum(["theory.one"], folder) != after[0]


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
    message = r"^modules must be of the package theory, got \['numpy', 'theory.other'\]"
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

"""Who may import whom in ``theory``, and what importing it loads."""

import subprocess
import sys
from pathlib import Path

import pytest

import theory
from import_graph import cycle, graph

PACKAGE = Path(theory.__file__).parent

# Each room of the house, with the rooms that it may import; anyone may use the foundation.
FOUNDATION = {"_version", "checks", "optimiser", "progress"}
LABORATORIES = {"minimal", "networks"}
ROOMS: dict[str, set[str]] = {
    "_version": set(),
    "checks": set(),
    "optimiser": set(),
    "progress": set(),
    "netcdf": set(),
    "runs": {"netcdf"},
    "events": {"runs"},
    "logs": {"runs"},
    "measures": {"runs", "events"},
    "describing": {"runs", "events"},
    "statistics": {"runs"},
    "sweeps": {"runs"},
    "minimal": {"runs", "measures"},
    "networks": {"runs"},
    "circuits": {"networks"},
    "questions": {"runs", "measures", "statistics", "sweeps", "networks", "circuits"},
    "repaired": {"minimal", "circuits"},
    "theories": {"measures", "statistics", "questions", "minimal", "circuits", "repaired"},
    "forecasts": {"statistics", "networks", "circuits", "questions"},
    "commands": {"runs", "logs", "describing", "forecasts", "figures", "paper_figures"},
    "__main__": {"commands"},
    "trial": {"runs", "statistics", "questions", "theories"},
    "scoreboard": {"statistics", "questions", "circuits", "theories", "trial"},
    "figures": {"runs", "measures", "describing", "statistics", "circuits"},
    "paper_figures": {"runs", "questions", "sweeps", "figures", *LABORATORIES, "circuits"},
    "explorer": {"runs", "measures", "circuits", "repaired", *LABORATORIES},
}
BANNED = {"jax", "numba", "torch"}
#: Rooms with a wall inside a room, and who may look behind it.
WALLED = {
    "theory.minimal.fast": {
        "theory.minimal",
        "theory.minimal.descent",
        "theory.minimal.dynamics.time_to_grok",
    },
}
ONLY_SYMPY = ("theory.minimal.symbolic", "theory.circuits.symbolic")


def room(module):
    """The part of the package that a module belongs to; the package itself has none."""
    return module.split(".")[1] if "." in module else ""


def wrong_rooms(found):
    """Imports between rooms that the plan of the house does not have."""
    return [
        f"{module} imports {name}"
        for module, names in found.items()
        for name in names & found.keys()
        if room(module) not in {"", room(name)}
        and room(name) not in ROOMS.get(room(module), set()) | FOUNDATION
    ]


def wrong_libraries(found):
    """Imports of other distributions where they have no place."""
    wrong = []
    for module, names in found.items():
        refused = names & BANNED
        if room(module) != "figures":
            refused |= names & {"matplotlib"}
        for only in ONLY_SYMPY:
            if f"{module}.".startswith(f"{only}."):
                own = {name for name in names if name.startswith(f"{only}.")}
                refused |= names - own - {"sympy"} - sys.stdlib_module_names
        wrong += [f"{module} imports {name}" for name in sorted(refused)]
    return wrong


def wrong_walls(found):
    """Imports from behind a wall by others than it has a door for."""
    return [
        f"{module} imports {name}"
        for wall, doors in WALLED.items()
        for module, names in found.items()
        for name in names
        if name.startswith(wall) and not module.startswith(wall) and module not in doors
    ]


def test_the_package_has_no_import_cycle():
    assert cycle(graph(PACKAGE)) == []


def test_rooms_import_only_what_the_plan_allows():
    assert wrong_rooms(graph(PACKAGE)) == []


def test_the_fast_room_is_walled():
    assert wrong_walls(graph(PACKAGE)) == []


def test_an_import_from_behind_a_wall_is_found(graph_of):
    sources = {"minimal/__init__": "", "minimal/fast/__init__": "", "minimal/fast/pool": ""}
    reader = {"minimal/losses": "from theory.minimal.fast import pool"}
    inside = {"minimal/fast/more": "from theory.minimal.fast import pool"}
    door = {"minimal/descent": "from theory.minimal.fast.pool import times"}
    assert len(wrong_walls(graph_of({**sources, **reader, **inside, **door}))) == 1


def test_every_room_is_in_the_plan():
    assert {room(module) for module in graph(PACKAGE)} - {""} <= ROOMS.keys()


def test_libraries_stay_where_they_belong():
    assert wrong_libraries(graph(PACKAGE)) == []


def test_importing_the_package_loads_no_heavy_library():
    code = "import sys, theory; print(*{'anywidget', 'matplotlib', 'sympy'} & sys.modules.keys())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


@pytest.fixture
def graph_of(tmp_path):
    """Write a package called ``theory`` and return its import graph."""

    def write(sources):
        for name, source in {"__init__": "", **sources}.items():
            file = tmp_path / "theory" / f"{name}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(source)
        return graph(tmp_path / "theory")

    return write


@pytest.mark.parametrize(
    "back",
    [
        "import theory.runs",
        "from theory import runs",
        "from . import runs",
        "from .runs import units",
        "def late():\n    from theory.runs import units",
    ],
)
def test_a_cycle_is_found_however_it_is_written(graph_of, back):
    found = graph_of({"runs": "from theory.measures import delay", "measures": back})
    assert set(cycle(found)) == {"theory.runs", "theory.measures"}


def test_a_cycle_through_the_package_itself_is_found(graph_of):
    found = graph_of({"__init__": "from theory.runs import units", "runs": "import theory"})
    assert set(cycle(found)) == {"theory", "theory.runs"}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("runs", "from theory import measures"),
        ("measures", "import theory.figures"),
        ("minimal/model", "from ..networks import train"),
        ("networks/tasks", "def late():\n    import theory.minimal.model"),
        ("questions", "from theory.minimal import model"),
        ("questions", "def late():\n    from theory.theories import minimal_model"),
        ("theories/minimal_model", "from theory.trial import verdict"),
        ("theories/minimal_model", "from theory.networks import train"),
    ],
)
def test_an_import_against_the_plan_is_found(graph_of, module, source):
    rooms = ["runs", "measures", "figures", "minimal/model", "networks/__init__"]
    rooms += ["questions", "theories/minimal_model", "trial/verdict"]
    found = graph_of({**dict.fromkeys(rooms, ""), module: source})
    assert len(wrong_rooms(found)) == 1


def test_imports_inside_a_room_and_along_the_plan_are_allowed(graph_of):
    model = "from ..runs import units\nfrom .losses import loss\nfrom theory.checks import number"
    found = graph_of({"runs": "", "checks": "", "minimal/losses": "", "minimal/model": model})
    expected = {"theory.runs", "theory.minimal.losses", "theory.checks"}
    assert found["theory.minimal.model"] == expected
    assert wrong_rooms(found) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("runs", "import torch.nn"),
        ("runs", "def late():\n    from jax import numpy"),
        ("measures", "import matplotlib.pyplot as plt"),
        ("minimal/symbolic", "import sympy, math, numpy"),
        ("minimal/symbolic", "from theory.runs import units"),
        ("minimal/symbolic/loss", "import numpy"),
        ("minimal/symbolic/loss", "from theory.runs import units"),
    ],
)
def test_a_library_out_of_place_is_found(graph_of, module, source):
    assert len(wrong_libraries(graph_of({"runs": "", module: source}))) == 1


def test_libraries_in_their_place_are_allowed(graph_of):
    found = graph_of({"figures": "import matplotlib", "minimal/symbolic": "import sympy, math"})
    assert wrong_libraries(found) == []

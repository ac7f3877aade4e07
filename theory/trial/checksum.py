"""The checksum of the code that a verdict depends on.

It covers some modules and, followed through every import, what they use of the package: the
parsed code, without comments, docstrings and layout. A page can be reworded without touching it. It
does not cover the libraries, whose versions the runs carry.
"""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: The folder of the package.
PACKAGE = Path(__file__).parents[1]


def checksum(names: Iterable[str], package: Path = PACKAGE) -> str:
    """Return the checksum of modules and all that they use of the package.

    Parameters
    ----------
    names
        Full names of modules, such as "theory.questions.efficiency", or of what a package passes on
        from one of its modules, such as "theory.theories.MINIMAL_MODEL".
    package
        Folder of the package.

    Returns
    -------
    str
        SHA-256, in hexadecimal.

    Raises
    ------
    ValueError
        If the package has no such module and passes on nothing of that name.
    """
    covered = _covered(names, _Package(package))
    text = "\n".join(f"{name} {covered[name].code}" for name in sorted(covered))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class _Module:
    """What is read of a module.

    Attributes
    ----------
    code
        As plain values, in a text.
    imports
        Full names of all that it imports, inside of functions too.
    passed_on
        Full names of what it imports once and by its own name, and gives no other value.
    """

    code: str
    imports: list[str]
    passed_on: dict[str, str]


class _Package(dict[str, _Module]):
    """The modules of a package by their full names, read when they are asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.name, self.files = folder.name, dict(_files(folder))

    def __missing__(self, name: str) -> _Module:
        file = self.files[name]
        folder = name if file.stem == "__init__" else _above(name)
        self[name] = _read(file.read_text(encoding="utf-8"), folder)
        return self[name]

    def home(self, name: str) -> str | None:
        """Return the module of this name, or that from which something of this name is.

        A module that only passes it on is none: what else that has is for its users. None if it is
        not of this package.
        """
        module, _, last = name.rpartition(".")
        if name in self.files:
            return name
        if module not in self.files:
            return None
        source = self[module].passed_on.get(last)
        return (source and self.home(source)) or module


@cache
def _read(source: str, folder: str) -> _Module:
    """Return what is read of a module of a folder.

    Once for each text: the rules of all questions share most of their modules.
    """
    tree = _without_docstrings(ast.parse(source))
    imports = list(_imports(tree, folder))
    values = Counter(_given(node) for node in ast.walk(tree))
    once = {
        alias.name: full
        for alias, full in imports
        if alias.asname is None and values[alias.name] == 1 and not values["*"]
    }
    return _Module(f"{_plain(tree)}", [full for _, full in imports], once)


def _covered(names: Iterable[str], package: _Package) -> dict[str, _Module]:
    """Return some modules by name, with all that they use, and these theirs."""
    homes = {name: package.home(name) for name in names}
    unknown = sorted(name for name, home in homes.items() if home in {None, _above(name)})
    if unknown:
        raise ValueError(f"names must be of the package {package.name}, got {unknown}")
    waiting, covered = list(homes.values()), {}
    while waiting:
        name = waiting.pop()
        if name is not None and name not in covered:
            covered[name] = package[name]
            waiting += map(package.home, covered[name].imports)
    return covered


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for file in sorted(folder.rglob("*.py")):
        parts = [folder.name, *file.relative_to(folder).with_suffix("").parts]
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), file


def _imports(tree: ast.Module, folder: str) -> Iterator[tuple[ast.alias, str]]:
    """Yield all that is imported, and its full name."""
    own = folder.split(".")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = own[: len(own) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((alias, f"{origin}.{alias.name}") for alias in node.names)


def _given(node: ast.AST) -> str | None:
    """Return the name to which a part of a module may give a value."""
    if isinstance(getattr(node, "ctx", None), ast.Load):
        return None
    names = (getattr(node, field, None) for field in ("asname", "name", "id"))
    return next((name for name in names if isinstance(name, str)), None)


def _above(name: str) -> str:
    return name.rpartition(".")[0]


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return tree


def _plain(node: object) -> object:
    """Return a syntax tree as plain values, the same under every version of Python.

    Fields that are empty are left out: newer versions have more of them.
    """
    if isinstance(node, ast.AST):
        values = {name: _plain(value) for name, value in ast.iter_fields(node)}
        kept = [(name, value) for name, value in values.items() if value not in (None, [])]
        return [type(node).__name__, *kept]
    if isinstance(node, list):
        return [_plain(each) for each in node]
    return None if node is None else repr(node)

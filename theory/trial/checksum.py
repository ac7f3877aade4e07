"""The checksum of the code that a verdict depends on.

It covers some modules and, followed through every import, what they use of the package: the
parsed code, without comments, docstrings and layout. A page can be reworded without touching it. It
does not cover the libraries, whose versions the runs carry.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

#: The folder of the package.
PACKAGE = Path(__file__).parents[1]


def checksum(modules: Iterable[str], package: Path = PACKAGE) -> str:
    """Return the checksum of modules and all that they import of the package.

    Parameters
    ----------
    modules
        Full names, such as "theory.questions.efficiency".
    package
        Folder of the package.

    Returns
    -------
    str
        SHA-256, in hexadecimal.

    Raises
    ------
    ValueError
        If the package has no such module.
    """
    files = dict(_files(package))
    unknown = sorted(set(modules) - files.keys())
    if unknown:
        raise ValueError(f"modules must be of the package {package.name}, got {unknown}")
    waiting, seen = list(modules), {}
    while waiting:
        name = waiting.pop()
        if name not in seen:
            tree = ast.parse(files[name].read_text(encoding="utf-8"))
            seen[name] = _plain(_without_docstrings(tree))
            waiting += _imported(tree, name, files)
    text = "\n".join(f"{name} {seen[name]}" for name in sorted(seen))
    return hashlib.sha256(text.encode()).hexdigest()


def _files(package: Path) -> Iterator[tuple[str, Path]]:
    for file in sorted(package.rglob("*.py")):
        parts = [package.name, *file.relative_to(package).with_suffix("").parts]
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), file


def _imported(tree: ast.Module, module: str, files: dict[str, Path]) -> Iterator[str]:
    """Yield the modules of the package that a module imports, inside of functions too.

    ``from package import name`` is the module of this name, if there is one, and not the package:
    what the package itself offers by that name is for its users.
    """
    own = module.split(".")
    folder = own if files[module].stem == "__init__" else own[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = folder[: len(folder) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            names = [f"{origin}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            prefixes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
            yield from [prefix for prefix in prefixes if prefix in files][:1]


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

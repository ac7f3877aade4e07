"""Read from its source what a package imports, anywhere in a file, functions included."""

import ast
from graphlib import CycleError, TopologicalSorter


def graph(package):
    """Map each module to what it imports: modules of the package, top-level names of others."""
    files = dict(_modules(package))
    return {
        module: {_resolve(name, files) for name in imported(module, file)}
        for module, file in files.items()
    }


def cycle(graph):
    """Modules along one import cycle, or nothing."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _modules(package):
    for file in sorted(package.rglob("*.py")):
        folder = file.relative_to(package.parent).parent.parts
        own = () if file.stem == "__init__" else (file.stem,)
        yield ".".join([*folder, *own]), file


def imported(module, file):
    """Yield the full names that a module imports."""
    parent = module.split(".")[: None if file.stem == "__init__" else -1]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = parent[: len(parent) - node.level + 1] if node.level else []
            origin = [*above, *([node.module] if node.module else [])]
            yield from (".".join([*origin, alias.name]) for alias in node.names)


def _resolve(name, files):
    """Longest known module that a dotted name starts with, else its first part."""
    parts = name.split(".")
    prefixes = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return next((prefix for prefix in prefixes if prefix in files), parts[0])

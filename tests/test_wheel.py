"""The wheel carries the whole package, and works where it is installed."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

import theory

ROOT = Path(__file__).parent.parent


def run(*arguments, cwd):
    """Run a module of Python, and return what it printed."""
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run("-m", "build", "--wheel", "--no-isolation", "--outdir", folder, cwd=ROOT)
    (file,) = folder.glob("*.whl")
    return file


def test_the_wheel_carries_every_file_of_the_package(wheel):
    files = {file for file in (ROOT / "theory").rglob("*") if file.is_file()}
    expected = {
        file.relative_to(ROOT).as_posix() for file in files if "__pycache__" not in file.parts
    }
    carried = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert carried == expected
    assert "theory/py.typed" in carried


def test_the_wheel_names_project_version_and_licence(wheel):
    names = ZipFile(wheel).namelist()
    assert wheel.name == f"grokking_theory-{theory.__version__}-py3-none-any.whl"
    assert f"grokking_theory-{theory.__version__}.dist-info/licenses/LICENSE" in names


def test_the_installed_wheel_is_what_python_imports(wheel, tmp_path):
    run(
        "-m", "pip", "install", "--no-deps", "--no-index", "--target", tmp_path, wheel, cwd=tmp_path
    )
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
    code += "import theory; print(theory.__version__, theory.__file__)"
    version, file = run("-c", code, cwd=tmp_path.parent).split()
    assert version == theory.__version__
    assert Path(file) == tmp_path / "theory" / "__init__.py"

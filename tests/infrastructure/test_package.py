"""What is in the deployed archive, and that the same sources give the same bytes."""

import ast
import os
import platform
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infrastructure.package import SERVICES, write_package
from tests.packaged import NEEDS_LAMBDAS_PYTHON, ROOT

pytestmark = NEEDS_LAMBDAS_PYTHON

HERE = platform.machine().replace("aarch64", "arm64")
LAMBDA_LIMIT_BYTES = 250 * 1024 * 1024
OUR_LIMIT_BYTES = 18_000_000  # a cold start reads the archive: it should be noticed growing


@pytest.fixture(scope="session")
def names(package: Path) -> set[str]:
    with zipfile.ZipFile(package / "deployment.zip") as archive:
        return set(archive.namelist())


def test_our_own_files_are_all_there_and_nothing_else_of_ours(names: set[str]) -> None:
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*")]
        if path.is_file() and path.suffix != ".pyc"
    }
    packaged = {n for n in names if n.startswith(("chalicelib/", "app.")) and "pycache" not in n}
    assert packaged == ours | {"chalicelib/dataclasses.bin"}  # made of them, see ahead.py


@pytest.mark.parametrize(
    ("asked", "processor"),
    [
        (["deploy"], "arm64"),
        (["deploy", "ARCH=x86_64"], "x86_64"),
        (["deploy", "AWS_ENDPOINT_URL=http://127.0.0.1:4566"], HERE),
        (["package"], HERE),
    ],
)
def test_what_goes_to_aws_is_for_the_cheaper_processor_and_the_rest_for_this_machines(
    asked: list[str], processor: str
) -> None:
    clean = {"PATH": os.environ["PATH"]}
    command = ["make", "--dry-run", "--what-if=infrastructure/package.py", *asked]
    told = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=True)
    assert f"infrastructure.package --architecture {processor} " in told.stdout


@pytest.mark.parametrize(
    "name",
    [
        "infrastructure",
        "tests",
        "bench",
        "docs",
        "events",
        "ministack",
        "moto",
        "pytest",
        "mypy",
        "duckdb",
        "sqlglot",
    ],
)
def test_nothing_of_the_local_stack_or_the_tools_is_packaged(names: set[str], name: str) -> None:
    assert not {n for n in names if n.split("/")[0] == name}


def test_our_modules_import_what_is_packaged_and_the_local_stand_in_for_athena_alone(
    package: Path, names: set[str]
) -> None:
    """Wherever in a function it stands. MiniStack's Lambdas see MiniStack's libraries, DuckDB among
    them: that something is missing does not show there."""
    packaged = {name.split("/")[0].removesuffix(".py").partition(".")[0] for name in names}
    missing = set()
    for path in [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")]:
        for library in imported(ast.parse(path.read_text())):
            if library not in packaged | sys.stdlib_module_names:
                missing.add((path.name, library))
    assert missing == {("duckdb_engine.py", "duckdb")}
    assert "SNAPSHOT_FOLDER" not in (package / "template.json").read_text()  # what chooses it


def imported(tree: ast.Module) -> set[str]:
    """The libraries that a module names anywhere, but for those that only types come from."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return {name for name in found if not name.startswith("mypy_boto3_")}


def test_no_local_route_is_packaged(package: Path) -> None:
    assert "/_dev" not in (package / "template.json").read_text()
    with zipfile.ZipFile(package / "deployment.zip") as archive:
        ours = [n for n in archive.namelist() if n.startswith(("chalicelib/", "app."))]
        assert [n for n in ours if b"/_dev" in archive.read(n)] == []


def test_every_module_is_compiled_and_its_source_is_never_looked_at(package: Path) -> None:
    with zipfile.ZipFile(package / "deployment.zip") as archive:
        names = archive.namelist()
        compiled = [name for name in names if name.endswith(".pyc")]
        flags = {archive.open(name).read(8)[4:] for name in compiled}
    sources = [name for name in names if name.endswith(".py")]
    caches = {n.replace("__pycache__/", "").replace(".cpython-311.pyc", ".py") for n in compiled}
    assert set(sources) <= caches
    assert {s.split("/")[0] for s in sources} == {"app.py", "chalice", "chalicelib"}
    assert flags == {b"\x01\x00\x00\x00"}  # by hash, unchecked


def test_botocore_knows_the_services_that_are_called_and_no_other(names: set[str]) -> None:
    parts = [n.split("/") for n in names if n.startswith("botocore/data/")]
    assert {p[2] for p in parts if len(p) > 3} == SERVICES


def test_the_services_that_are_called_are_the_ones_packaged() -> None:
    clients = ast.parse((ROOT / "chalicelib" / "providers" / "aws.py").read_text())
    called = {
        node.args[0].value
        for node in ast.walk(clients)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "_client"
        and isinstance(node.args[0], ast.Constant)
    }
    assert called | {"dynamodb"} == SERVICES  # PynamoDB makes its own client


def test_the_archive_stays_small(package: Path) -> None:
    with zipfile.ZipFile(package / "deployment.zip") as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    assert (package / "deployment.zip").stat().st_size < OUR_LIMIT_BYTES
    assert unpacked < LAMBDA_LIMIT_BYTES


def test_every_module_of_ours_loads_with_the_archive_alone_and_no_environment(
    package: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(package / "deployment.zip") as archive:
        archive.extractall(tmp_path)
    modules = [
        path.relative_to(tmp_path).with_suffix("").as_posix().replace("/", ".")
        for path in sorted((tmp_path / "chalicelib").rglob("*.py"))
    ]
    loads = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nimport stripe, app\n"
    loads += "".join(f"import {m.removesuffix('.__init__')}\n" for m in modules)
    loads += "print(sorted({m.__file__ for m in sys.modules.values() "
    loads += "if 'site-packages' in (getattr(m, '__file__', '') or '')}))"
    alone = subprocess.run(  # no site-packages, no environment: only what is deployed
        [sys.executable, "-I", "-S", "-c", loads], env={}, capture_output=True, text=True
    )
    assert (alone.returncode, alone.stdout) == (0, "[]\n"), alone.stderr


def test_the_same_sources_give_the_same_bytes(package: Path, tmp_path: Path) -> None:
    architecture = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    write_package(tmp_path, architecture, ROOT / f".venv-lambda-{architecture}")
    for name in ("template.json", "deployment.zip"):
        assert (tmp_path / name).read_bytes() == (package / name).read_bytes(), name

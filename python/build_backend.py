"""Makes the wheel (PEP 517) from the package's files and the agent that ./viperf has built; needs Python alone.

The same files give the same bytes: entries have a fixed order, date and mode, and are stored without compression, which
differs between versions of zlib.
"""

import ast
import base64
import hashlib
import os
import zipfile

ROOT = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.join(ROOT, "viperf")
AGENT = "_agent.abi3.so"

# By e_machine of the agent's ELF header. It asks for no version of any symbol of libc, so the oldest glibc for which
# there is a tag will do.
TAGS = {
    62: "cp38-abi3-manylinux_2_17_x86_64",
    183: "cp38-abi3-manylinux_2_17_aarch64",
}

METADATA = """\
Metadata-Version: 2.1
Name: viperf
Version: {version}
Summary: Stack trampolines for Linux profilers, on CPython 3.8 to 3.15
Author: The viperf developers
License: MIT
Keywords: profiler,profiling,perf,trampoline,linux
Classifier: License :: OSI Approved :: MIT License
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: Python :: 3
Classifier: Programming Language :: Python :: Implementation :: CPython
Classifier: Topic :: Software Development :: Debuggers
Classifier: Typing :: Typed
Requires-Python: >=3.8
Description-Content-Type: text/markdown

"""


class UnsupportedOperation(Exception):
    """PEP 517's exception for a distribution that cannot be made."""


def get_requires_for_build_wheel(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    name = _info_directory()
    os.makedirs(os.path.join(metadata_directory, name))
    for path, content in _info_files().items():
        with open(os.path.join(metadata_directory, path), "wb") as file:
            file.write(content)
    return name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    files = {"viperf.pth": _read(os.path.join(ROOT, "viperf.pth"))}
    for name in os.listdir(PACKAGE):
        if name.endswith((".py", ".pyi")) or name == "py.typed":
            files["viperf/" + name] = _read(os.path.join(PACKAGE, name))
    files["viperf/" + AGENT] = _read_agent()
    files.update(_info_files())

    wheel = "viperf-{}-{}.whl".format(_version(), _tag())
    record = _info_directory() + "/RECORD"
    lines = []
    with zipfile.ZipFile(os.path.join(wheel_directory, wheel), "w") as archive:
        for path in sorted(files):
            _add(archive, path, files[path])
            digest = base64.urlsafe_b64encode(hashlib.sha256(files[path]).digest()).rstrip(b"=").decode()
            lines.append("{},sha256={},{}\n".format(path, digest, len(files[path])))
        lines.append(record + ",,\n")
        _add(archive, record, "".join(lines).encode())
    return wheel


def build_sdist(sdist_directory, config_settings=None):
    raise UnsupportedOperation("the agent is built by ./viperf from the whole checkout: make a wheel of ./python there")


def _add(archive, path, content):
    entry = zipfile.ZipInfo(path, date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system = 3  # Unix, whose modes follow
    entry.external_attr = (0o100755 if path.endswith(".so") else 0o100644) << 16
    archive.writestr(entry, content)


def _info_directory():
    return "viperf-{}.dist-info".format(_version())


def _info_files():
    wheel = "Wheel-Version: 1.0\nGenerator: viperf {}\nRoot-Is-Purelib: false\nTag: {}\n".format(_version(), _tag())
    metadata = METADATA.format(version=_version()).encode() + _read(os.path.join(ROOT, "README.md"))
    directory = _info_directory()
    return {
        directory + "/METADATA": metadata,
        directory + "/WHEEL": wheel.encode(),
        directory + "/LICENSE": _read(os.path.join(ROOT, os.pardir, "LICENSE")),
    }


def _version():
    for statement in ast.parse(_read(os.path.join(PACKAGE, "__init__.py"))).body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id == "__version__":
            return ast.literal_eval(statement.value)
    raise SystemExit("viperf: viperf/__init__.py has no __version__")


def _tag():
    machine = int.from_bytes(_read_agent()[18:20], "little")
    if machine not in TAGS:
        raise SystemExit("viperf: the agent is for an architecture without a wheel (e_machine {})".format(machine))
    return TAGS[machine]


def _read_agent():
    path = os.path.join(PACKAGE, AGENT)
    # Not an exception, whose traceback would hide the line.
    if not os.path.exists(path):
        raise SystemExit("viperf: the agent is not built yet: run ./viperf --version in the checkout, then this again")
    return _read(path)


def _read(path):
    with open(path, "rb") as file:
        return file.read()

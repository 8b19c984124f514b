"""Lets the PyPI build of PyTorch import on a machine without a GPU, without its GPU packages.

The Linux wheel links to about 2.5 GB of GPU libraries that a CPU run never
calls, but the loader wants every name to resolve. For each library that is
absent this compiles a stand-in of the same name whose every function traps.
The CPU code of the wheel is untouched.

Usage: python gpu_stand_ins.py   (with the interpreter of the virtual environment)
"""

import collections
import pathlib
import re
import subprocess
import sys
import sysconfig
import tempfile

SITE = pathlib.Path(sysconfig.get_paths()["purelib"])
TORCH = SITE / "torch" / "lib"
NEEDED = re.compile(r"NEEDED.*\[((?:libcu|libnv|libnccl)[^\]]*)\]")
PREFIXES = {"nccl": "libnccl", "cuFile": "libcufile", "cusparseLt": "libcusparseLt"}


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main() -> None:
    linked = sorted(TORCH.glob("lib*.so"))
    present = {path.name for path in SITE.glob("nvidia/*/lib/*")}
    absent = set()
    symbols = collections.defaultdict(lambda: collections.defaultdict(set))
    for library in linked:
        absent.update(NEEDED.findall(run("readelf", "-d", str(library))))
    absent = {name for name in absent - present if name != "libcuda.so.1"}
    for library in linked:
        for line in run("nm", "-D", "--undefined-only", str(library)).splitlines():
            symbol, _, version = line.split()[-1].partition("@")
            owner = version if version in absent else None
            if version == "NVSHMEM":
                owner = next((name for name in absent if name.startswith("libnvshmem")), None)
            if not version:
                stem = next((PREFIXES[p] for p in PREFIXES if symbol.startswith(p)), None)
                owner = next((name for name in absent if stem and name.startswith(stem + ".")), None)
            if owner:
                symbols[owner][version].add(symbol)
    with tempfile.TemporaryDirectory() as folder:
        source, versions = pathlib.Path(folder, "s.c"), pathlib.Path(folder, "s.map")
        for name in sorted(absent):
            groups = symbols[name]
            traps = (f"void {s}(void) {{ __builtin_trap(); }}" for g in groups.values() for s in sorted(g))
            source.write_text("void gpu_stand_in(void) {}\n" + "\n".join(traps) + "\n")
            versions.write_text("".join(
                f"{version} {{ global: {'; '.join(sorted(group))}; }};\n"
                for version, group in groups.items() if version))
            script = [f"-Wl,--version-script={versions}"] if any(groups) else []
            run("gcc", "-w", "-fno-builtin", "-shared", "-fPIC", f"-Wl,-soname,{name}", *script,
                "-o", str(TORCH / name), str(source))
            print(f"stand-in for {name}: {sum(map(len, groups.values()))} functions", file=sys.stderr)


if __name__ == "__main__":
    main()

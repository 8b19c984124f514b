"""Bytes on disk of installed packages with all that they require and is installed.

Usage: python installed_size.py NAME …
"""

import re
import sys
from importlib import metadata


def with_requirements(names):
    found, waiting = {}, list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # of another system, or an extra
            continue
        found[name] = package
        for requirement in package.requires or []:
            if "extra ==" not in requirement:
                waiting.append(re.match(r"[\w.-]+", requirement)[0])
    return found.values()


if __name__ == "__main__":
    paths = {file.locate() for package in with_requirements(sys.argv[1:]) for file in package.files or []}
    print(sum(path.stat().st_size for path in paths if path.is_file()))

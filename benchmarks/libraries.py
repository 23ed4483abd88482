"""The libraries that bertviz pages ask a CDN for, from packages of the npm registry, answered from disk."""

import subprocess
import tarfile
from pathlib import Path

# What a page asks for -> npm package and the file in it. jquery 2.0.0 is no npm package; 2.2.4 is the nearest.
LIBRARIES = {
    "require.min.js": ("requirejs@2.3.6", "package/require.js"),
    "d3.min.js": ("d3@5.7.0", "package/dist/d3.min.js"),
    "jquery.min.js": ("jquery@2.2.4", "package/dist/jquery.min.js"),
}


def fetched(folder: Path) -> dict[str, Path]:
    """Fetch each library once into a folder; give the files by the name that a page asks for."""
    files = {}
    for name, (package, inside) in LIBRARIES.items():
        files[name] = folder / name
        if not files[name].exists():
            packed = subprocess.run(
                ["npm", "pack", "--silent", package], cwd=folder, capture_output=True, text=True, check=True
            )
            with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
                member = archive.extractfile(inside)
                assert member is not None, f"{package} has no {inside}."
                files[name].write_bytes(member.read())
    return files

"""Folders in which a live store is not safe: those that other programs copy, and those on a network."""

from __future__ import annotations

from pathlib import Path

_SYNCED_NAMES = (
    "dropbox",
    "onedrive",
    "google drive",
    "googledrive",
    "my drive",
    "icloud drive",
    "mobile documents",
    "nextcloud",
    "owncloud",
    "syncthing",
    "pcloud",
    "box sync",
    "megasync",
)
_SYNC_MARKS = (
    ".stfolder",
    ".dropbox",
    ".dropbox.cache",
    ".sync_*.db",
    "._sync_*.db",
    ".owncloudsync.log",
    ".SyncArchive",
)
_CONFLICT_MARKS = ("*conflicted copy*", "*sync-conflict*", "*in Konflikt stehende Kopie*")
_NETWORK_TYPES = (
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "davfs", "vboxsf", "vmhgfs"),
    *(
        "fuse.sshfs",
        "fuse.rclone",
        "fuse.davfs",
        "fuse.gvfsd-fuse",
        "fuse.glusterfs",
        "fuse.s3fs",
        "fuse.vmhgfs-fuse",
    ),
)


def find_hazard(folder: Path, *, mounts: Path = Path("/proc/self/mounts")) -> str | None:
    """Look whether a folder is one in which a live store can be damaged or doubled.

    Parameters
    ----------
    folder : Path
        Need not exist yet.
    mounts : Path
        Table of mounted file systems, where the system has one.

    Returns
    -------
    str or None
        What is wrong, as the rest of a sentence that begins with the folder; None: nothing was found.
    """
    place = folder.resolve()
    lineage = [place, *place.parents]
    for parent in lineage:
        name = parent.name.casefold()
        if any(name == known or name.startswith((f"{known} ", f"{known}-")) for known in _SYNCED_NAMES):
            return f"is synchronised by another program ({parent.name})"
        if mark := _first(parent, _SYNC_MARKS):
            return f"is synchronised by another program (found {mark} in {parent})"
    if mark := _first(place, _CONFLICT_MARKS):
        return f"is synchronised by another program (found {mark})"
    kind = _file_system(lineage, mounts)
    return f"is on a network file system ({kind})" if kind in _NETWORK_TYPES else None


def _first(folder: Path, patterns: tuple[str, ...]) -> str | None:
    try:
        return next((found.name for pattern in patterns for found in folder.glob(pattern)), None)
    except OSError:  # a parent that may not be read says nothing
        return None


def _file_system(lineage: list[Path], mounts: Path) -> str | None:
    """Return the type of the file system at the nearest mount point."""
    try:
        rows = [line.split() for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return None
    types = {row[1].replace("\\040", " "): row[2] for row in rows if len(row) > 2}
    return next((types[str(parent)] for parent in lineage if str(parent) in types), None)

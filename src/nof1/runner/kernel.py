"""The kernel: this very interpreter, reached over sockets in a private folder, with no history and no start-up files."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager


class OwnKernel(AsyncKernelManager):
    """Kernel manager that needs no installed kernel and keeps all its files in a folder that it removes.

    Sockets of the file system (IPC) cannot be reached from other machines, and in a private folder
    not by other users of this one. The folder has a short name, because the path of a socket may
    have about 100 characters only.
    """

    def __init__(self, **kwargs: object) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="nof1-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        places = {"transport": "ipc", "connection_file": str(folder / "k.json"), "ip": str(folder / "k")}
        super().__init__(**{**kwargs, **places})

    @property
    def kernel_spec(self) -> KernelSpec:
        """The command that starts the kernel; never one that is installed under the same name."""
        return KernelSpec(
            argv=[
                *(sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"),
                "--HistoryManager.enabled=False",
            ],
            display_name="Python 3",
            language="python",
            # A person's own start-up files could change what a report says.
            env={"IPYTHONDIR": str(Path(self._folder.name) / "ipython")},
        )

    async def _async_cleanup_resources(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002 - theirs
        await super()._async_cleanup_resources(restart=restart)
        if not restart:
            self._folder.cleanup()

    cleanup_resources = _async_cleanup_resources

"""A ConfigMap or Secret as Kubernetes mounts it: every change swaps a symbolic link."""

import itertools
import os
from pathlib import Path


class SettingsVolume:
    """`folder` is one source in FUNCAPP_SETTINGS_FOLDER."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._versions = itertools.count()
        folder.mkdir(parents=True)

    def write(self, **values: str) -> None:
        version = self._folder / f"..{next(self._versions)}"
        version.mkdir()
        for name, value in values.items():
            (version / name).write_text(value)
        link = self._folder / "..data_tmp"
        link.symlink_to(version.name)
        os.replace(link, self._folder / "..data")
        for name in values:
            if not (self._folder / name).is_symlink():
                (self._folder / name).symlink_to(f"..data/{name}")
        for entry in self._folder.iterdir():
            if not entry.name.startswith("..") and entry.name not in values:
                entry.unlink()

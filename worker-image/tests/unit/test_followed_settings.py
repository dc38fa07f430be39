import asyncio
from pathlib import Path

from support.settings_volume import SettingsVolume

from funcapp.host.settings_files import SettingsFiles


async def test_what_changes_before_anybody_follows_is_not_missed(tmp_path: Path) -> None:
    """Between reading the settings and following them lies the whole start of the app."""
    volume = SettingsVolume(tmp_path / "0-secret")
    volume.write(KEY="old")
    files = SettingsFiles({"FUNCAPP_SETTINGS_FOLDER": str(tmp_path)}, seconds=0.01)
    started_with = files.environment()
    volume.write(KEY="new")
    changes = files.changes(started_with)
    assert (await asyncio.wait_for(anext(changes), 5))["KEY"] == "new"
    volume.write(KEY="newer")
    assert (await asyncio.wait_for(anext(changes), 5))["KEY"] == "newer"
    await changes.aclose()

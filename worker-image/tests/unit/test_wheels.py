"""Which installed packages do not run on the worker."""

from pathlib import Path

import pytest

from funcapp.errors import ConfigurationError
from funcapp.prepare import wheels


def install(site_packages: Path, name: str, tag: str, requires: str = "") -> None:
    folder = site_packages / f"{name}-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "WHEEL").write_text(f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n")
    (folder / "METADATA").write_text(f"Name: {name}\n" + (f"Requires-Python: {requires}\n" if requires else ""))


@pytest.mark.parametrize(
    "tag",
    [
        "py3-none-any",
        "py2.py3-none-any",
        "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64",
        "cp37-abi3-manylinux_2_28_x86_64",
        "cp311-cp311-manylinux1_x86_64",
        "cp311-cp311-linux_x86_64",
    ],
)
def test_wheels_that_fit(tmp_path: Path, tag: str) -> None:
    install(tmp_path, "fits", tag, ">=3.8,<4")
    assert wheels.misfits(tmp_path, wheels.target("3.11", "manylinux_2_36_x86_64")) == []


@pytest.mark.parametrize(
    ("tag", "requires"),
    [
        ("cp313-cp313-manylinux_2_17_x86_64", ""),
        ("cp311-cp311-macosx_11_0_arm64", ""),
        ("cp311-cp311-win_amd64", ""),
        ("cp311-cp311-musllinux_1_2_x86_64", ""),
        ("cp311-cp311-manylinux_2_17_aarch64", ""),
        ("cp311-cp311-manylinux_2_39_x86_64", ""),
        ("cp312-abi3-manylinux_2_17_x86_64", ""),
        ("py3-none-any", ">=3.12"),
    ],
)
def test_wheels_that_do_not(tmp_path: Path, tag: str, requires: str) -> None:
    install(tmp_path, "other", tag, requires)
    (reason,) = wheels.misfits(tmp_path, wheels.target("3.11", "manylinux_2_36_x86_64"))
    assert reason.startswith("other 1.0: ")
    assert (requires or tag) in reason
    assert "3.11" in reason


def test_another_machine_takes_ready_made_wheels_alone() -> None:
    arguments = wheels.target("3.12", "manylinux2014_aarch64").pip_arguments()
    assert arguments[:6] == ["--only-binary", ":all:", "--implementation", "cp", "--python-version", "3.12"]
    assert {"manylinux2014_aarch64", "manylinux_2_17_aarch64", "manylinux1_aarch64"} < set(arguments)
    assert "manylinux_2_18_aarch64" not in arguments
    assert wheels.target(None, None).pip_arguments() == []


@pytest.mark.parametrize(
    ("version", "platform"), [("3", None), ("2.7", None), (None, "win_amd64"), (None, "manylinux")]
)
def test_targets_that_there_are_not(version: str | None, platform: str | None) -> None:
    with pytest.raises(ConfigurationError, match="must"):
        wheels.target(version, platform)

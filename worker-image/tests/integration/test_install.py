"""The build step installs what requirements.txt asks for, from a package index with HTTPS and credentials."""

import hashlib
import json
import logging
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from support.apps import HTTP_RETURN, http_trigger
from support.azurite import Azurite
from support.package_index import PackageIndex, source_distribution, wheel
from support.preparing import Prepare
from support.tls import Authority

from funcapp.errors import AppError
from funcapp.prepare import distributions, pip

PASSWORD = 'canary "pa$$\\word#%'
SITE_PACKAGES = ".python_packages/lib/site-packages"
Build = Callable[..., tuple[int, dict[str, str]]]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def index(authority: Authority) -> Iterator[PackageIndex]:
    running = PackageIndex(authority, ("builder", PASSWORD))
    running.add(wheel("greeting"))
    running.add(wheel("greeting", "2.0"))
    running.add(wheel("polite", needs="greeting<2"))
    yield running
    running.close()


@pytest.fixture
def prepare(tmp_path: Path, azurite: Azurite, unique: str) -> Prepare:
    made = Prepare(tmp_path, azurite, unique)
    made.source.function("greet", "import greeting\ndef main(req): return 'hi'", http_trigger(), HTTP_RETURN)
    folder = made.run / "pip"
    folder.mkdir()
    (folder / "username").write_text("builder")
    (folder / "password").write_text(f"{PASSWORD}\n")
    return made


@pytest.fixture
def build(prepare: Prepare, index: PackageIndex, authority: Authority) -> Build:
    """Runs the build step with this text as requirements.txt, as if its package was not stored yet."""

    def run(requirements: str, **settings: str) -> tuple[int, dict[str, str]]:
        prepare.source.file("requirements.txt", requirements)
        if prepare.container.get_blob_client("packages/app/key.zip").exists():
            prepare.forget_package()
        certificates = {"PIP_CERT": str(authority.file), "FUNCAPP_CA_FILE": str(authority.file)}
        few = {"PIP_FIND_LINKS": "", "PIP_RETRIES": "1", "PIP_DEFAULT_TIMEOUT": "20"}
        done = prepare.step("build", **{"PIP_INDEX_URL": index.url, **certificates, **few, **settings})
        assert "canary" not in prepare.output + json.dumps(done)
        assert "sig=" not in prepare.output.replace("sig=****", "")
        return done

    return run


def installed(prepare: Prepare) -> list[str]:
    """The lines of the package's own list."""
    with zipfile.ZipFile(BytesIO(prepare.stored("packages/app/key.zip"))) as package:
        return package.read(".python_packages/installed.txt").decode().splitlines()


def pip_ran(prepare: Prepare) -> bool:
    return any(json.loads(line)["logger"] == "pip" for line in prepare.output.splitlines())


def test_a_private_index(prepare: Prepare, build: Build) -> None:
    """The resolved set stands in the package, beside it and in the index."""
    assert build("polite\n") == (0, {"outcome": "Succeeded"}), prepare.output
    expected = ["greeting==1.0", "polite==1.0"]
    assert installed(prepare) == expected
    assert prepare.note["distributions"] == expected
    assert pip_ran(prepare)
    (took,) = (message for message in prepare.messages if message.startswith("build took"))
    for part in ("store", "source", "cache", "pip", "compile and compress", "compile", "pack", "upload"):
        assert f"{part} " in took
    assert prepare.step("verify")[0] == 0, prepare.output
    assert json.loads(prepare.stored("revisions/app/rev/index.json"))["package"]["distributions"] == expected
    # Only the settings changed: the package comes from the store, with what is known of it.
    (prepare.run / "workspace" / "package.json").unlink()
    assert prepare.step("build")[0] == 0
    assert (prepare.note["built"], prepare.note["distributions"]) == (False, expected)


def test_a_netrc_and_an_extra_index(prepare: Prepare, index: PackageIndex, build: Build, authority: Authority) -> None:
    extra = PackageIndex(authority)
    try:
        extra.add(wheel("elsewhere"))
        (prepare.run / "pip" / "netrc").write_text(f'machine 127.0.0.1 login builder password "{_quoted(PASSWORD)}"\n')
        assert build("polite\nelsewhere\n", PIP_EXTRA_INDEX_URL=extra.url)[0] == 0, prepare.output
    finally:
        extra.close()
    assert installed(prepare) == ["elsewhere==1.0", "greeting==1.0", "polite==1.0"]


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def test_an_index_of_the_apps_own_gets_no_credentials(prepare: Prepare, index: PackageIndex, build: Build) -> None:
    """`requirements.txt` may name another one; the Secret is for the configured ones."""
    own = PackageIndex()
    own.add(wheel("elsewhere"))
    try:
        url = own.url.replace("127.0.0.1", "localhost")
        assert build(f"--index-url {url}\nelsewhere\n")[0] == 0, prepare.output
    finally:
        own.close()
    assert own.requests
    assert set(own.authorizations) == {None}
    assert not index.requests


def test_a_changed_code_takes_dependencies_from_the_cache(prepare: Prepare, index: PackageIndex, build: Build) -> None:
    """Pip, which would fail, does not run. The same source gives the same bytes either way."""
    text = "polite\n-c limits.txt\n"
    prepare.source.file("limits.txt", "greeting==1.0\n")
    assert build(text)[0] == 0, prepare.output
    first, asked = prepare.note, len(index.requests)
    index.fails_with = 503
    assert build(f"# a comment more\n{text}")[0] == 0, prepare.output
    assert any("taken from the cache" in message for message in prepare.messages)
    assert not pip_ran(prepare)
    assert (len(index.requests), installed(prepare)) == (asked, ["greeting==1.0", "polite==1.0"])
    assert build(text)[0] == 0
    assert prepare.note == first

    prepare.source.file("limits.txt", "greeting==1.0\npolite==1.0\n")
    status, message = build(text)
    assert (status, message["reason"]) == (1, "Infrastructure")
    assert pip_ran(prepare)


def test_a_damaged_cache_is_not_used(prepare: Prepare, build: Build) -> None:
    assert build("greeting\n")[0] == 0
    first = prepare.note
    (blob,) = prepare.dependencies.list_blobs(include=["metadata"])
    content = bytearray(prepare.dependencies.download_blob(blob.name).readall())
    content[len(content) // 2] ^= 1
    prepare.dependencies.upload_blob(blob.name, bytes(content), metadata=blob.metadata, overwrite=True)
    assert build("greeting\n")[0] == 0, prepare.output
    assert any("are damaged" in message for message in prepare.messages)
    assert pip_ran(prepare)
    assert prepare.note == first


def test_a_cached_set_reaches_no_other_file(prepare: Prepare, build: Build) -> None:
    """Another app of the namespace may have written it."""
    assert build("greeting\n")[0] == 0
    (blob,) = prepare.dependencies.list_blobs()
    evil = BytesIO()
    with zipfile.ZipFile(evil, "w") as made:
        made.writestr(f"{SITE_PACKAGES}/greeting.py", "")
        made.writestr("greet/__init__.py", "import os")
    digest = hashlib.sha256(evil.getvalue()).hexdigest()
    prepare.dependencies.upload_blob(blob.name, evil.getvalue(), metadata={"sha256": digest}, overwrite=True)
    assert build("greeting\n")[0] == 0, prepare.output
    assert "import greeting" in (prepare.root / "greet" / "__init__.py").read_text()
    assert installed(prepare) == ["greeting==2.0"]


def test_a_cache_that_is_down_fails_no_build(prepare: Prepare, build: Build) -> None:
    path = prepare.run / "prepare" / "prepare.json"
    grants = json.loads(path.read_text())
    path.write_text(json.dumps({**grants, "dependencies": {"url": "http://127.0.0.1:1/deps?sig=canary"}}))
    assert build("greeting\n")[0] == 0, prepare.output
    assert any("cannot be asked" in message for message in prepare.messages)
    assert any("cannot be cached" in message for message in prepare.messages)


def test_what_names_a_path_is_not_cached(prepare: Prepare, build: Build) -> None:
    file, content = wheel("vendored")
    (prepare.source.root / file).write_bytes(content)
    assert build(f"greeting\n./{file}\n")[0] == 0, prepare.output
    assert installed(prepare) == ["greeting==2.0", "vendored==1.0"]
    (message,) = (message for message in prepare.messages if "are not cached" in message)
    assert "requirements.txt, line 2 names a path" in message
    assert list(prepare.dependencies.list_blobs()) == []


RIGHT, WRONG = hashlib.sha256(wheel("greeting")[1]).hexdigest(), "0" * 64
MISTAKES: dict[str, tuple[str, str, str]] = {
    "other hash": (f"greeting==1.0 --hash=sha256:{WRONG}\n", "RequirementsNotInstalled", "differs from its --hash"),
    "no hash": (f"polite==1.0\ngreeting==1.0 --hash=sha256:{RIGHT}\n", "RequirementsNotInstalled", "give each"),
    "constraint": ("polite\n-c limits.txt\n", "RequirementsNotInstalled", "contradict each other"),
    "not there": ("no-such-thing\n", "RequirementsNotInstalled", "No matching distribution found for no-such-thing"),
    "other platform": ("windows-only\n", "RequirementsNotInstalled", "has a wheel for Python 3."),
    "out of the app": ("-r ../secret.txt\n", "RequirementsInvalid", "leads out of the app"),
    "grants": ("-r /var/run/funcapp/prepare/prepare.json\n", "RequirementsInvalid", "leads out of the app"),
    "not read": ("what is this?\n", "RequirementsInvalid", "what is this?"),
}


@pytest.mark.parametrize(("requirements", "reason", "part"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(
    prepare: Prepare, index: PackageIndex, build: Build, requirements: str, reason: str, part: str
) -> None:
    """The first line says what to do, and pip's own last lines follow."""
    prepare.source.file("limits.txt", "greeting==2.0\n")
    index.add(wheel("windows_only", tag="cp311-cp311-win_amd64"))
    status, message = build(requirements)
    assert (status, message.get("reason")) == (10, reason), prepare.output
    assert part in message["message"]
    assert list(prepare.container.list_blobs()) == list(prepare.dependencies.list_blobs()) == []


def test_hashes_that_are_right(prepare: Prepare, build: Build) -> None:
    assert build(f"greeting==1.0 --hash=sha256:{RIGHT}\n")[0] == 0, prepare.output


@pytest.mark.parametrize("status", [503, 504, 429])
def test_an_index_that_fails_is_asked_again_later(
    prepare: Prepare, index: PackageIndex, build: Build, status: int
) -> None:
    index.fails_with = status
    code, message = build("greeting\n")
    assert (code, message["reason"]) == (1, "Infrastructure"), prepare.output
    assert "could not reach the package index: https://127.0.0.1" in message["message"]
    assert str(status) in message["message"]


def test_credentials_that_the_index_refuses(prepare: Prepare, build: Build) -> None:
    """An app's own are a mistake that names the Secret; a platform's index that refuses is tried again."""
    (prepare.run / "pip" / "password").write_text("canary of another kind")
    code, message = build("greeting\n", FUNCAPP_PIP_SECRET="pypi")
    assert (code, message["reason"]) == (10, "PackageIndexUnauthorized"), prepare.output
    assert message["message"].startswith("the package index refuses access: https://127")
    assert "correct what the Secret pypi (spec.build.pip.secretRef) holds for 127.0.0.1" in message["message"]
    code, message = build("greeting\n")
    assert (code, message["reason"]) == (1, "Infrastructure"), prepare.output
    assert message["message"].startswith("the package index does not accept the credentials of builds: https://127")


def test_credentials_that_are_no_credentials(prepare: Prepare, build: Build) -> None:
    (prepare.run / "pip" / "password").write_text("canary\nmachine example.com login x password y")
    code, message = build("greeting\n")
    assert (code, message["reason"]) == (10, "RequirementsNotInstalled")
    assert "the entry password holds a line break" in message["message"]


def test_source_distributions_by_policy(prepare: Prepare, index: PackageIndex, build: Build) -> None:
    """They are built where the policy allows it, else refused with what to do."""
    index.add(source_distribution("sourced", code="print('x' * 200_000)"))
    assert build("sourced\n", FUNCAPP_SOURCE_DISTRIBUTIONS="true")[0] == 0, prepare.output
    assert installed(prepare) == ["sourced==1.0"]
    code, message = build("sourced\n", FUNCAPP_SOURCE_DISTRIBUTIONS="false")
    assert (code, message["reason"]) == (10, "RequirementsNotInstalled"), prepare.output
    assert "sourced has no wheel for Python 3." in message["message"]
    assert "source distributions are not built here" in message["message"]
    # requirements.txt does not overrule it.
    code, message = build("--only-binary :none:\nsourced\n", FUNCAPP_SOURCE_DISTRIBUTIONS="false")
    assert (code, message["reason"]) == (10, "RequirementsInvalid")
    assert "line 1 has --only-binary :none:" in message["message"]


def test_an_sdist_that_cannot_be_built(prepare: Prepare, index: PackageIndex, build: Build) -> None:
    index.add(source_distribution("broken", code="raise RuntimeError('no compiler ' + 'x' * 6000 + ' here')"))
    code, message = build("broken\n")
    assert (code, message["reason"]) == (10, "RequirementsNotInstalled"), prepare.output
    assert "broken could not be built from source" in message["message"].splitlines()[0]


def test_modules_of_the_app_do_not_stand_in_for_pips(prepare: Prepare, build: Build) -> None:
    for name in ("email", "logging", "json", "pip"):
        prepare.source.file(f"{name}.py", "raise SystemExit('this is the module of the app')")
    assert build("greeting\n")[0] == 0, prepare.output


def test_a_folder_for_another_platform_is_refused(prepare: Prepare, build: Build) -> None:
    """`.python_packages` is taken as it is, if its wheels run here."""
    info = f"{SITE_PACKAGES}/fits-1.0.dist-info"
    prepare.source.file(f"{SITE_PACKAGES}/fits.py", "").file(f"{info}/WHEEL", "Tag: py3-none-any\n")
    assert build("greeting\n", FUNCAPP_BUILD_MODE="None")[0] == 0, prepare.output
    assert not pip_ran(prepare)
    assert prepare.note["distributions"] == ["fits==1.0"]
    prepare.source.file(f"{SITE_PACKAGES}/mac-2.0.dist-info/WHEEL", "Tag: cp311-cp311-macosx_11_0_arm64\n")
    code, message = build("greeting\n")
    assert (code, message["reason"]) == (10, "DependenciesUnfit")
    assert "mac 2.0: its wheel is for cp311-cp311-macosx_11_0_arm64" in message["message"]
    assert "funcapp pack --build local --python-version 3." in message["message"]
    # Remote says that requirements.txt counts, whatever the folder has.
    assert build("greeting\n", FUNCAPP_BUILD_MODE="Remote")[0] == 0, prepare.output
    assert installed(prepare) == ["greeting==2.0"]


def test_an_image_with_wheels_for_another_platform(prepare: Prepare) -> None:
    """Nothing is built for an image source, so the verify step looks at what it has."""
    target = prepare.root / SITE_PACKAGES / "mac-2.0.dist-info"
    target.mkdir(parents=True)
    (target / "WHEEL").write_text("Tag: cp311-cp311-macosx_11_0_arm64\n")
    (prepare.root / "host.json").write_text('{"version": "2.0"}')
    code, message = prepare.step("verify")
    assert (code, message["reason"]) == (10, "DependenciesUnfit")
    (target / "WHEEL").write_text("Tag: py3-none-any\n")
    assert prepare.step("verify")[0] == 0, prepare.output
    assert json.loads(prepare.stored("revisions/app/rev/index.json"))["package"] is None


def environment_of(index: PackageIndex, **settings: str) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "PIP_INDEX_URL": index.url, "PIP_RETRIES": "1", **settings}


async def test_a_pip_that_hangs_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pip, "MAX_SECONDS", 15)
    index = PackageIndex()
    index.hangs.set()
    (tmp_path / "requirements.txt").write_text("greeting\n")
    try:
        with caplog.at_level(logging.INFO), pytest.raises(pip.Interrupted) as error:
            await pip.install(tmp_path, environment_of(index, PIP_DEFAULT_TIMEOUT="60"))
    finally:
        index.close()
    assert "longer than 15 seconds; its last lines:\nLooking in indexes: http://127.0.0.1" in str(error.value)


async def test_output_has_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pip, "MAX_LOGGED_LINES", 3)
    index = PackageIndex()
    index.add(source_distribution("loud", code="raise RuntimeError(chr(10).join(map(str, range(1000))))"))
    (tmp_path / "requirements.txt").write_text("loud\n")
    try:
        with caplog.at_level(logging.INFO), pytest.raises(AppError):
            await pip.install(tmp_path, environment_of(index))
    finally:
        index.close()
    logged = [record.getMessage() for record in caplog.records if record.name == "pip"]
    assert len(logged) == 4
    assert logged[-1] == "more than 3 lines: the others are left out"


@pytest.mark.parametrize(("limit", "value", "part"), [("MAX_FILES", 2, "than 2 files"), ("MAX_BYTES", 4096, "big")])
def test_sets_that_are_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, part: str
) -> None:
    folder = tmp_path / SITE_PACKAGES / "big"
    folder.mkdir(parents=True)
    for number in range(3):
        (folder / f"{number}.py").write_bytes(b"\n" * 2000)
    monkeypatch.setattr(distributions, limit, value)
    with pytest.raises(AppError, match=part) as error:
        distributions.check_size(tmp_path)
    assert error.value.reason == "PackageTooLarge"

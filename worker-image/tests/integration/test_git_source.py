"""Sources of the kind `git`, from git's own servers."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.building import Building
from support.git import Repository, Sshd, basic, serve_https
from support.https import Answer, HttpsServer
from support.worker import FUNCAPP, environment

from funcapp.prepare.outcome import run_step
from funcapp.prepare.resolve import resolve

APP = {"host.json": b"{}", "function_app.py": b"import azure.functions as func\napp = func.FunctionApp()\n"}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


@pytest.fixture
def url(server: HttpsServer, repository: Repository) -> str:
    return serve_https(server, "/git", repository.bare.parent) + "/orders.git"


def source(url: str, commit: str, path: str = "") -> dict[str, str]:
    return {"kind": "git", "url": url, "commit": commit, "path": path}


def asked(building: Building, ref: dict[str, str], credentials: dict[str, str] | None = None) -> tuple[int, Any]:
    """`prepare resolve`: exit code and termination message."""
    environment = building.environment({"kind": "git", **ref}, credentials or {})
    log = building.folder / "resolved"
    return run_step(lambda: resolve(environment, building.guard), log), json.loads(log.read_bytes())


def test_a_commit_becomes_the_package(building: Building, repository: Repository, url: str) -> None:
    commit = repository.commit(
        {**APP, ".funcignore": b"*.md\n", "README.md": b"x", "tests/.gitignore": b"", "a/b.sh": b"x"}
    )
    repository.commit({"function_app.py": b"something later"})
    assert building.run(source(url, commit)) == (0, {"outcome": "Succeeded"})
    assert building.files == {**APP, "a/b.sh": b"x"}


def test_a_folder_of_a_repository(building: Building, repository: Repository, url: str) -> None:
    files = {f"apps/orders/{name}": content for name, content in APP.items()}
    commit = repository.commit({**files, "apps/other/host.json": b"{}", "apps/orders/.funcignore": b"/notes"})
    for path in ("apps/orders", "apps/orders/", "./apps//orders"):
        assert building.run(source(url, commit, path))[0] == 0
        assert building.files == APP
    code, outcome = building.run(source(url, commit, "apps/none"))
    assert (code, outcome["reason"]) == (10, "SourceNotFound")
    assert "'apps/none'" in outcome["message"]
    for path in ("../x", "/etc", "a/.git/hooks"):
        code, outcome = building.run(source(url, commit, path))
        assert (code, outcome["reason"]) == (10, "SourceInvalid")


def test_one_commit_is_fetched_and_not_its_history(
    building: Building, repository: Repository, url: str, server: HttpsServer
) -> None:
    repository.commit({"old": bytes(range(256)) * 4})
    repository.git("rm", "--quiet", "old")
    commit = repository.commit(APP)
    assert building.run(source(url, commit))[0] == 0
    assert b"deepen 1" in server.asked[-1].body and commit.encode() in server.asked[-1].body


def test_a_server_that_gives_no_single_commits(building: Building, repository: Repository, server: HttpsServer) -> None:
    """Then its branches are fetched with their histories."""
    url = serve_https(server, "/old", repository.bare.parent, newest_protocol=False) + "/orders.git"
    commit = repository.commit(APP)
    repository.commit({"host.json": b'{"later": 1}'})
    assert building.run(source(url, commit))[0] == 0
    assert building.files == APP
    code, outcome = building.run(source(url, "1" * 40))
    assert (code, outcome["reason"]) == (10, "SourceNotFound")


@pytest.mark.parametrize("newest_protocol", [True, False])
def test_branches_and_tags_are_resolved(
    building: Building, repository: Repository, server: HttpsServer, newest_protocol: bool
) -> None:
    """A branch, a tag and an annotated tag are each resolved to the commit that is built."""
    url = serve_https(server, "/g", repository.bare.parent, newest_protocol=newest_protocol) + "/orders.git"
    first = repository.commit(APP)
    repository.git("tag", "v1")
    repository.git("tag", "--annotate", "v1.1", "--message", "x")
    second = repository.commit({"new": b""}, "feature/new")
    repository.git("push", "--quiet", "origin", f"{first}:refs/heads/main", "--force")
    assert asked(building, {"url": url, "branch": "main"}) == (0, {"outcome": "Succeeded", "commit": first})
    assert asked(building, {"url": url, "branch": "feature/new"})[1]["commit"] == second
    assert asked(building, {"url": url, "tag": "v1"})[1]["commit"] == first
    assert asked(building, {"url": url, "tag": "v1.1"})[1]["commit"] == first


def test_a_branch_that_is_not_there(building: Building, repository: Repository, url: str) -> None:
    """The message has the name that was asked for, and those that there are."""
    repository.commit(APP)
    repository.commit(APP, "release-1")
    repository.git("tag", "v1")
    repository.commit()
    for ref, told in [
        ({"branch": "mian"}, ["no branch 'mian'", "did you mean main?"]),
        ({"branch": "zzz"}, ["no branch 'zzz'", "main", "release-1"]),
        ({"branch": "v1"}, ["no branch 'v1'", "git.ref.tag"]),
        ({"tag": "v2"}, ["no tag 'v2'", "v1"]),
    ]:
        code, outcome = asked(building, {"url": url, **ref})
        assert (code, outcome["reason"]) == (10, "SourceNotFound")
        assert all(part in outcome["message"] for part in told), outcome


def test_commits_that_are_not_there(building: Building, repository: Repository, url: str) -> None:
    repository.commit(APP)
    code, outcome = building.run(source(url, "1" * 40))
    assert (code, outcome["reason"]) == (10, "SourceNotFound")
    assert "1" * 40 in outcome["message"]
    repository.git("tag", "--annotate", "v1", "--message", "x")
    repository.commit()
    for commit, kind in [
        (repository.git("rev-parse", "v1"), "tag"),
        (repository.git("rev-parse", "v1^{tree}"), "tree"),
    ]:
        code, outcome = building.run(source(url, commit))
        assert (code, outcome["reason"]) == (10, "SourceInvalid")
        assert f"not a commit but a {kind}" in outcome["message"]
    code, outcome = building.run(source(url, "abc"))
    assert (code, outcome["reason"]) == (10, "SourceInvalid")


def test_repositories_that_cannot_be_read(building: Building, repository: Repository, server: HttpsServer) -> None:
    """The user's mistakes are told apart from the server's failures, and no message has credentials."""
    commit = repository.commit(APP)
    url = serve_https(server, "/private", repository.bare.parent, basic("robot", "s3cret")) + "/orders.git"
    right = {"username": "robot", "password": "s3cret\n"}
    assert building.run(source(url, commit), right)[0] == 0
    assert asked(building, {"url": url, "branch": "main"}, right)[1]["commit"] == commit
    for credentials in ({}, {"username": "robot", "password": "wr0ng"}, {"bearerToken": "wr0ng"}):
        code, outcome = building.run(source(url, commit), credentials)
        assert (code, outcome["reason"]) == (10, "SourceUnauthorized")
        assert "wr0ng" not in outcome["message"]
    code, outcome = building.run(source(url.replace("orders", "none"), commit), right)
    assert (code, outcome["reason"]) == (10, "SourceNotFound")
    code, outcome = building.run(
        source(server.answer("/page", Answer(200, {"Content-Type": "text/html"}, b"hi")), commit)
    )
    assert (code, outcome["reason"]) == (10, "SourceInvalid")
    assert "not the address of a git repository" in outcome["message"]
    code, outcome = building.run(source(server.answer("/down", Answer(502)), commit))
    assert (code, outcome["reason"]) == (1, "Infrastructure")


def test_a_repository_that_moved(building: Building, repository: Repository, server: HttpsServer) -> None:
    """The credentials go to the new path, and to no other host."""
    commit = repository.commit(APP)
    serve_https(server, "/new", repository.bare.parent, basic("robot", "pw"))
    serve_https(server, "/public", repository.bare.parent)

    def moved(to: str) -> Any:
        return lambda request: Answer(301, {"Location": to + request.path.partition("orders.git")[2]})

    credentials = {"username": "robot", "password": "pw"}
    url = server.answer("/old", moved("/new/orders.git"))
    assert building.run(source(f"{url}/orders.git", commit), credentials)[0] == 0
    url = server.answer("/gone", moved(f"https://localhost:{server.port}/public/orders.git"))
    server.asked.clear()
    assert building.run(source(f"{url}/orders.git", commit), credentials)[0] == 0
    assert {(request.path.split("/")[1], request.headers.get("Authorization")) for request in server.asked} == {
        ("gone", basic("robot", "pw")),
        ("public", None),
    }


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% /tmp/out",
        "file:///etc",
        "/etc",
        "http://example.com/orders.git",
        "git://example.com/orders.git",
        "https://user:s3cret@example.com/orders.git",
        "ssh://git:s3cret@example.com/orders.git",
        "git@example.com:team/orders.git",
        "https://example.com/",
        "https://example.com/orders.git?x=s3cret",
        "-oProxyCommand=touch",
    ],
)
def test_addresses_that_are_not_repositories(building: Building, url: str) -> None:
    """What runs a command or reads a file is no address; nor does it hold credentials."""
    for code, outcome in (building.run(source(url, "1" * 40)), asked(building, {"url": url, "branch": "main"})):
        assert (code, outcome["reason"]) == (10, "SourceInvalid")
        assert "s3cret" not in outcome["message"]


def test_submodules_are_refused_unless_they_are_left_out(building: Building, repository: Repository, url: str) -> None:
    host, rules = repository.blob(b"{}"), repository.blob(b"vendored/\n")
    tree = f"100644 blob {host}\thost.json\n160000 commit {'1' * 40}\tvendored\n"
    commit = repository.crafted(tree.encode())
    code, outcome = building.run(source(url, commit))
    assert (code, outcome["reason"]) == (10, "SourceInvalid")
    assert "vendored is a submodule" in outcome["message"]
    commit = repository.crafted(f"100644 blob {rules}\t.funcignore\n{tree}".encode())
    assert building.run(source(url, commit))[0] == 0
    assert building.files == {"host.json": b"{}"}


def test_pointers_of_lfs_are_not_taken_for_files(building: Building, repository: Repository, url: str) -> None:
    """A model that is 130 bytes long would fail in production only."""
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"1" * 64 + b"\nsize 12345\n"
    commit = repository.commit({**APP, "model.bin": pointer})
    code, outcome = building.run(source(url, commit))
    assert (code, outcome["reason"]) == (10, "SourceInvalid")
    assert "model.bin is in Git LFS" in outcome["message"]


def test_links_become_what_they_lead_to(building: Building, repository: Repository, url: str) -> None:
    """Also out of the app's folder, but not out of the repository: monorepos share code so."""
    repository.write({f"apps/orders/{name}": content for name, content in APP.items()})
    repository.write({"lib/util.py": b"x = 1", "lib/deep/more.py": b"y = 2"})
    repository.link("apps/orders/shared", "../../lib")
    repository.link("apps/orders/one.py", "shared/util.py")
    repository.link("apps/orders/dangling", "../none")
    commit = repository.commit()
    assert building.run(source(url, commit, "apps/orders"))[0] == 0
    assert building.files == {
        **APP,
        "shared/util.py": b"x = 1",
        "shared/deep/more.py": b"y = 2",
        "one.py": b"x = 1",
    }


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("../out", "out of the repository"),
        ("/etc/passwd", "out of the repository"),
        ("a/../../../out", "out of the repository"),
        (".", "in itself"),
        ("link", "leads to itself"),
    ],
)
def test_links_that_lead_nowhere_good(
    building: Building, repository: Repository, url: str, target: str, message: str
) -> None:
    repository.write({**APP, "a/x": b""})
    repository.link("link", target)
    code, outcome = building.run(source(url, repository.commit()))
    assert (code, outcome["reason"]) == (10, "SourceInvalid")
    assert message in outcome["message"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (b".git", "must not be"),
        (b".GIT", "must not be"),
        (b"..", "must not be"),
        (b"a/../../out", "must not be"),
        (b"HOST.json", "differ only in case"),
        (b"line\nbreak", "control characters"),
        (b"\xff\xfe", "not UTF-8"),
        (b"back\\slash", "separate folders with /"),
    ],
)
def test_names_that_no_client_commits(
    building: Building, repository: Repository, url: str, name: bytes, message: str
) -> None:
    """A server that is not git's may send them all the same."""
    blob = bytes.fromhex(repository.blob(b"{}"))
    entries = sorted([b"100644 host.json\0" + blob, b"100644 " + name + b"\0" + blob], key=lambda entry: entry[7:])
    code, outcome = building.run(source(url, repository.crafted(b"".join(entries))))
    assert (code, outcome["reason"]) == (10, "SourceInvalid"), outcome
    assert message in outcome["message"]
    assert not list(building.folder.rglob("out"))


def test_limits_of_repositories(
    building: Building, repository: Repository, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There are limits to the bytes that are sent, of a file and of all, and to the number of files and of objects."""
    commit = repository.commit({**APP, "zeros": bytes(3_000_000), "more/a": b"1", "more/b": b"2"})
    module = "funcapp.prepare.sources"
    for limit, value in [
        (f"{module}.git_repository.MAX_PACK", 200),
        (f"{module}.git_pack.MAX_OBJECT", 2_000_000),
        (f"{module}.git_pack.MAX_TOTAL", 2_000_000),
        (f"{module}.git_pack.MAX_OBJECTS", 3),
        ("funcapp.entries.MAX_BYTES", 2_000_000),
        ("funcapp.entries.MAX_FILES", 3),
    ]:
        with monkeypatch.context() as patch:
            patch.setattr(limit, value)
            code, outcome = building.run(source(url, commit))
            assert (code, outcome["reason"]) == (10, "SourceTooLarge"), limit
    assert building.run(source(url, commit))[0] == 0


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    running = Sshd(tmp_path / "ssh")
    running.start()
    yield running
    running.stop()


def test_over_ssh(building: Building, repository: Repository, sshd: Sshd) -> None:
    commit = repository.commit(APP)
    repository.git("tag", "--annotate", "v1", "--message", "x")
    repository.commit({"later": b""})
    url = f"ssh://{sshd.user}@127.0.0.1:{sshd.port}{repository.bare}"
    secret = {"ssh-privatekey": sshd.private_key.rstrip(), "known_hosts": sshd.known_hosts}
    assert building.run(source(url, commit), secret) == (0, {"outcome": "Succeeded"})
    assert building.files == APP
    assert asked(building, {"url": url, "tag": "v1"}, secret) == (0, {"outcome": "Succeeded", "commit": commit})
    code, outcome = asked(building, {"url": url, "branch": "mian"}, secret)
    assert (code, outcome["reason"]) == (10, "SourceNotFound")
    code, outcome = building.run(source(url.replace("orders", "none"), commit), secret)
    assert (code, outcome["reason"]) == (10, "SourceNotFound"), outcome
    code, outcome = building.run(source(url, "1" * 40), secret)
    assert (code, outcome["reason"]) == (10, "SourceNotFound"), outcome


def test_ssh_trusts_nobody_unknown(building: Building, repository: Repository, sshd: Sshd, tmp_path: Path) -> None:
    commit = repository.commit(APP)
    url = f"ssh://{sshd.user}@127.0.0.1:{sshd.port}{repository.bare}"
    other = Sshd(tmp_path / "other")
    key, hosts = sshd.private_key, sshd.known_hosts
    another_host = other.known_hosts.replace(str(other.port), str(sshd.port))
    for secret, message in [
        ({}, "ssh-privatekey and known_hosts"),
        ({"ssh-privatekey": key}, "no known_hosts"),
        ({"ssh-privatekey": key, "known_hosts": ""}, "has no key of this host"),
        ({"ssh-privatekey": key, "known_hosts": another_host}, "the host shows the key"),
        ({"ssh-privatekey": other.private_key, "known_hosts": hosts}, "does not accept ssh-privatekey"),
        ({"ssh-privatekey": "nonsense", "known_hosts": hosts}, "must be a private key"),
    ]:
        code, outcome = building.run(source(url, commit), secret)
        assert (code, outcome["reason"]) == (10, "SourceUnauthorized"), outcome
        assert message in outcome["message"]
        assert "PRIVATE KEY" not in outcome["message"]


def test_the_command_asks_no_address_of_its_own_machine(
    building: Building, repository: Repository, url: str, server: HttpsServer
) -> None:
    """`funcapp prepare resolve` as a Job runs it, where private networks are allowed: loopback is not."""
    repository.commit(APP)
    settings = building.environment({"kind": "git", "url": url, "branch": "main"}, {}, FUNCAPP_PRIVATE_NETWORKS="true")
    log = building.folder / "resolved"
    settings["FUNCAPP_TERMINATION_LOG"] = str(log)
    done = subprocess.run([FUNCAPP, "prepare", "resolve"], env=environment(**settings), capture_output=True)
    outcome = json.loads(log.read_bytes())
    assert (done.returncode, outcome["reason"]) == (10, "SourceInvalid"), done.stdout
    assert "has the address 127.0.0.1" in outcome["message"]
    assert server.asked == []

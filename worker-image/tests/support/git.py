"""Repositories, and git's own servers for them: over HTTPS (git http-backend) and over SSH (sshd)."""

import base64
import os
import pwd
import subprocess
from pathlib import Path

from support.azurite import answers
from support.https import Answer, Asked, HttpsServer
from support.ports import free_ports
from support.waiting import wait_for

_IDENTITY = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
}


class Repository:
    """A bare repository `NAME.git` in a folder, and a place to commit from."""

    def __init__(self, folder: Path, name: str = "orders") -> None:
        self.bare = folder / f"{name}.git"
        self._work = folder / f"{name}-work"
        self._run("init", "--quiet", "--bare", "--initial-branch=main", str(self.bare), cwd=folder)
        self._run("init", "--quiet", "--initial-branch=main", str(self._work), cwd=folder)
        self.git("remote", "add", "origin", str(self.bare))

    def git(self, *arguments: str, stdin: bytes | None = None) -> str:
        return self._run(*arguments, cwd=self._work, stdin=stdin)

    def write(self, files: dict[str, bytes]) -> None:
        for name, content in files.items():
            path = self._work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def link(self, name: str, target: str) -> None:
        path = self._work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    def commit(self, files: dict[str, bytes] | None = None, branch: str = "main") -> str:
        """Commits everything, pushes it, and gives the commit."""
        self.write(files or {})
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "--message", "A change")
        self.git("push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{branch}", "--tags")
        return self.git("rev-parse", "HEAD")

    def crafted(self, tree: bytes) -> str:
        """A commit of a tree that `git add` would not make: lines of `git mktree`, or bytes of a tree as it is."""
        if tree[:1].isdigit() and b"\t" in tree:
            tree_id = self.git("mktree", "--missing", stdin=tree)
        else:
            tree_id = self.git("hash-object", "-t", "tree", "--literally", "-w", "--stdin", stdin=tree)
        commit = self.git("commit-tree", tree_id, "-m", "Crafted")
        self.git("push", "--quiet", "origin", f"{commit}:refs/heads/crafted-{commit[:8]}")
        return commit

    def blob(self, content: bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", stdin=content)

    def _run(self, *arguments: str, cwd: Path, stdin: bytes | None = None) -> str:
        environment = {**os.environ, **_IDENTITY}
        command = ["git", "-c", "transfer.fsckObjects=false", "-c", "protocol.file.allow=always", *arguments]
        done = subprocess.run(command, cwd=cwd, env=environment, input=stdin, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()


def serve_https(
    server: HttpsServer, path: str, folder: Path, login: str | None = None, *, newest_protocol: bool = True
) -> str:
    """The repositories of a folder below a path. `login`: the header that is asked for. Gives the URL of the folder."""

    def backend(asked: Asked) -> Answer:
        if login is not None and asked.headers.get("Authorization") != login:
            return Answer(401, {"WWW-Authenticate": 'Basic realm="git"'})
        name, _, query = asked.path.removeprefix(path).partition("?")
        environment = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "PATH_INFO": name,
            "QUERY_STRING": query,
            "REQUEST_METHOD": asked.method,
            "CONTENT_TYPE": asked.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(asked.body)),
            "HTTP_CONTENT_ENCODING": asked.headers.get("Content-Encoding", ""),
        }
        if newest_protocol:
            environment["GIT_PROTOCOL"] = asked.headers.get("Git-Protocol", "")
        done = subprocess.run(["git", "http-backend"], env=environment, input=asked.body, capture_output=True)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        return Answer(int(headers.pop("Status", "200").split()[0]), headers, body)

    return server.answer(path, backend)


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


class Sshd:
    """Debian's OpenSSH server on 127.0.0.1, for this user and one key, which may run git alone."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._folder = folder
        self.port = free_ports(1)[0]
        self.user = pwd.getpwuid(os.getuid()).pw_name
        self.private_key = self._key("client", "ed25519")
        self._key("host", "ed25519")
        (folder / "authorized_keys").write_text((folder / "client.pub").read_text())
        host_key = " ".join((folder / "host.pub").read_text().split()[:2])
        self.known_hosts = f"[127.0.0.1]:{self.port} {host_key}\n"
        (folder / "sshd_config").write_text(
            f"ListenAddress 127.0.0.1:{self.port}\nHostKey {folder}/host\nPidFile none\n"
            f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nUsePAM no\nAcceptEnv GIT_PROTOCOL\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # Where the server keeps what it has separated from itself; the package's service makes it.
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        with (self._folder / "sshd.log").open("ab") as output:
            command = ["/usr/sbin/sshd", "-D", "-e", "-f", str(self._folder / "sshd_config")]
            self._process = subprocess.Popen(command, stdout=output, stderr=output)
        wait_for(lambda: answers(self.port), "sshd listens", 60)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _key(self, name: str, kind: str) -> str:
        path = self._folder / name
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(path)], check=True)
        return path.read_text()

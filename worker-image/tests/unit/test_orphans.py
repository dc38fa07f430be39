"""What function processes leave behind."""

import ctypes
import os

from funcapp.host.orphans import reap_once

PR_SET_CHILD_SUBREAPER = 36


def test_an_orphan_is_reaped_at_the_second_look_and_an_own_child_never() -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    reading, writing = os.pipe()
    own = os.posix_spawn("/bin/true", ["true"], {})
    # A shell that ends at once leaves its child to this process, as to the first one of a container.
    shell = os.posix_spawn(
        "/bin/sh", ["sh", "-c", "sh -c 'echo $$; sleep 0.1' &"], {}, file_actions=[(os.POSIX_SPAWN_DUP2, writing, 1)]
    )
    os.close(writing)
    os.waitpid(shell, 0)
    with os.fdopen(reading) as output:
        orphan = int(output.read())
    seen: set[int] = set()
    while not {orphan, own} <= reap_once(set(), seen):
        pass
    seen = reap_once({own}, seen)
    assert orphan in seen
    assert os.path.exists(f"/proc/{orphan}")
    reap_once({own}, seen)
    assert not os.path.exists(f"/proc/{orphan}")
    assert os.waitpid(own, 0)[0] == own

"""Parts that are too small for a file of their own."""

import errno
import json
import random
from pathlib import Path

import pytest

from funcapp.errors import ConfigurationError
from funcapp.host import settings
from funcapp.host.bindings.queue import MessageTooLarge, encode
from funcapp.host.triggers.backoff import Backoff
from funcapp.host.triggers.queue import binding_data
from funcapp.model.bindings.blob import split_path
from funcapp.prepare import outcome
from funcapp.stats import BUCKETS, FunctionStats


def test_backoff_doubles_with_jitter_up_to_its_limit() -> None:
    backoff = Backoff(60.0, random.Random(1))
    delays = [backoff.next() for _ in range(12)]
    assert all(0.8 * 0.1 * 2**n <= delay <= 1.2 * 0.1 * 2**n for n, delay in enumerate(delays[:9]))
    assert all(48 <= delay <= 60 for delay in delays[-2:])
    backoff.reset()
    assert backoff.next() <= 0.12


@pytest.mark.parametrize(("size", "encoding"), [(49_152, "base64"), (65_536, "none")])
def test_the_largest_message(size: int, encoding: str) -> None:
    assert len(encode(b"x" * size, encoding)) == 65_536
    with pytest.raises(MessageTooLarge):
        encode(b"x" * (size + 1), encoding)


def test_a_messages_properties_win_over_metadata() -> None:
    assert binding_data(b'{"id": 1, "x": 2}', {"Id": "m", "DequeueCount": 1}) == {"id": 1, "x": 2, "DequeueCount": 1}
    assert binding_data(b"[1]", {"Id": "m"}) == {"Id": "m"}
    assert binding_data(b"\xff", {"Id": "m"}) == {"Id": "m"}


def test_blob_paths() -> None:
    assert split_path("photos/a/b.png") == ("photos", "a/b.png")
    for path in (
        "photos",
        "photos/",
        "Photos/a",
        "ab/c",
        "photos/../secret/x",
        "photos/a/..",
        "photos/a\\..\\b",
        "a--b/c",
    ):
        with pytest.raises(ValueError, match="the blob path"):
            split_path(path)


def test_termination_message_keeps_its_end_within_the_limit() -> None:
    data = outcome.encode({"outcome": "Failed", "reason": "X", "message": '"\u00e9\n' * 5000 + "the end"})
    assert len(data) <= 4096
    assert json.loads(data)["message"].endswith("the end")


def test_a_full_disk_is_told_in_plain_words(tmp_path: Path) -> None:
    """Whatever the step was writing; the pod is tried again, because the platform can give more room."""

    async def step() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/tmp/package.zip")

    assert outcome.run_step(step, tmp_path / "termination") == 1
    told = json.loads((tmp_path / "termination").read_bytes())
    assert told["reason"] == "Infrastructure"
    assert told["message"].startswith("the disk is full: ")


def test_stats_add_up() -> None:
    first, second = FunctionStats(), FunctionStats()
    first.add("succeeded", 0.02)
    second.add("failed", 1e9)
    first.merge(json.loads(json.dumps(second.to_wire())))
    assert first.outcomes == {"succeeded": 1, "failed": 1, "timeout": 0}
    assert (sum(first.buckets), first.buckets[len(BUCKETS)]) == (2, 1)


def test_settings_in_a_pod_and_on_a_laptop() -> None:
    pod = settings.parse({"FUNCAPP_NAMESPACE": "shop", "FUNCAPP_FUNCTIONS": "a, b"})
    assert (str(pod.root), pod.package_file) == ("/home/site/wwwroot", None), "an image that holds its app"
    assert (pod.functions, pod.keys_required, pod.address) == ({"a", "b"}, True, "")
    laptop = settings.parse({})
    assert (laptop.package_file, laptop.functions, laptop.keys_required, laptop.address) == (
        None,
        None,
        False,
        "127.0.0.1",
    )
    with pytest.raises(ConfigurationError, match="FUNCAPP_HTTP_PORT is '-1'"):
        settings.parse({"FUNCAPP_HTTP_PORT": "-1"})

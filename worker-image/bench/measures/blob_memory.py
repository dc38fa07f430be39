"""blob-memory: the most memory that a pod has while a blob of 200 MiB passes through trigger and output."""

from __future__ import annotations

from bench.context import HERE, Context
from bench.results import OURS, Entry, Samples
from bench.storage import running_azurite

_BLOB_MIB = 200
_SECONDS = 120.0


def measure(context: Context) -> list[Entry]:
    samples = Samples()
    with running_azurite() as azurite:
        source, target = azurite.blobs.create_container("bench-in"), azurite.blobs.create_container("bench-out")
        for number in range(1, context.repetitions + 1):
            name, most = f"{number}.bin", 0.0
            source.upload_blob(name, bytes(_BLOB_MIB * 1024 * 1024))
            ours = context.start_ours(HERE / "apps" / "blob", AzureWebJobsStorage=azurite.connection_string)
            with ours.server:

                def is_copied(copied: str = name) -> bool:
                    nonlocal most
                    most = max(most, ours.server.memory_mib())  # noqa: B023
                    return target.get_blob_client(copied).exists()

                ours.server.wait_until(is_copied, "the blob is copied", _SECONDS, step=0.02)
            samples.add("blob-memory", OURS, most)
            context.say(f"blob-memory {number}: {most:.0f} MiB")
    return [samples.entry("blob-memory", "MiB")]

import io
import logging

import azure.functions as func
from PIL import Image, ImageOps

LONGER_EDGE = 160


def main(job: func.QueueMessage, photo: bytes, thumbnail: func.Out[bytes]) -> None:
    """Make the thumbnail: upright as the camera's orientation tag says, at most LONGER_EDGE pixels wide and high."""
    with Image.open(io.BytesIO(photo)) as image:
        small = ImageOps.exif_transpose(image).convert("RGB")
    small.thumbnail((LONGER_EDGE, LONGER_EDGE), Image.Resampling.LANCZOS)
    jpeg = io.BytesIO()
    small.save(jpeg, "JPEG", quality=85)
    thumbnail.set(jpeg.getvalue())
    logging.info("thumbnail of %s: %d x %d", job.get_json()["id"], *small.size)

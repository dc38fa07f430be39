"""The functions are plain functions: the SDK's own types are all that a test needs."""

import importlib
import io
import json
import sys
from pathlib import Path

import azure.functions as func
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "app"))


class Out:
    """Stands for func.Out, which the host makes when the function runs."""

    def __init__(self):
        self.value = None

    def set(self, value):
        self.value = value

    def get(self):
        return self.value


def entry(function):
    return importlib.import_module(function).main


def picture(width, height, orientation=None):
    image = Image.new("RGB", (width, height), "teal")
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", exif=exif)
    return jpeg.getvalue()


def upload(body):
    photo, job = Out(), Out()
    request = func.HttpRequest(method="POST", url="/api/photos/p1", body=body, route_params={"id": "p1"})
    return entry("upload")(request, photo, job), photo.value, job.value


def test_upload_stores_the_photo_and_asks_for_its_thumbnail():
    response, photo, job = upload(b"jpeg")
    assert response.status_code == 202
    assert photo == b"jpeg"
    assert json.loads(job) == {"id": "p1"}


def test_upload_without_a_body_stores_nothing():
    response, photo, job = upload(b"")
    assert (response.status_code, photo, job) == (400, None, None)


@pytest.mark.parametrize(
    ("photo", "size"),
    [(picture(640, 320), (160, 80)), (picture(640, 320, orientation=6), (80, 160)), (picture(40, 30), (40, 30))],
    ids=["wide", "taken with the camera on its side", "already small"],
)
def test_resize_fits_the_photo_into_the_frame(photo, size):
    thumbnail = Out()
    entry("resize")(func.QueueMessage(body=b'{"id": "p1"}'), photo, thumbnail)
    with Image.open(io.BytesIO(thumbnail.value)) as image:
        assert image.size == size


def test_thumbnail_answers_with_the_image():
    request = func.HttpRequest(method="GET", url="/api/thumbnails/p1", body=b"")
    response = entry("thumbnail")(request, b"jpeg")
    assert (response.status_code, response.mimetype, response.get_body()) == (200, "image/jpeg", b"jpeg")


def test_thumbnail_that_is_not_there_is_404():
    request = func.HttpRequest(method="GET", url="/api/thumbnails/p1", body=b"")
    assert entry("thumbnail")(request, None).status_code == 404

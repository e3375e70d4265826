"""Photos in a bucket: a real S3 service on a socket, away, back, and without the bucket."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from civic.attachments.operations import attach, keep_draft, store_photo
from civic.settings import Settings
from civic.storage import open_store
from civic.storage.files import MissingFileError, S3Files
from tests.client import CheckingClient
from tests.factories import make_account, make_contribution
from tests.photos import jpeg
from tests.servers import free_port, running_bucket

TOKEN = "t" * 32


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, running_bucket() as url:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
        boto3.client("s3", endpoint_url=url).create_bucket(
            Bucket="town", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"}
        )
        yield url


def test_what_is_put_can_be_opened_and_deleted(service: str, tmp_path: Path) -> None:
    store = open_store(
        Settings.from_values(data_dir=tmp_path, storage="s3://town/photos", s3_endpoint=service)
    )
    store.put("a/b.jpg", b"old", "image/jpeg")
    store.put("a/b.jpg", b"new", "image/jpeg")
    with store.open("a/b.jpg") as file:
        assert file.read() == b"new"
    kept = boto3.client("s3", endpoint_url=service).get_object(Bucket="town", Key="photos/a/b.jpg")
    assert kept["ContentType"] == "image/jpeg"
    assert "immutable" in kept["CacheControl"]
    store.delete("a/b.jpg")
    store.delete("a/b.jpg")
    with pytest.raises(MissingFileError):
        store.open("a/b.jpg")


@pytest.mark.parametrize("key", ["../a", "/a", "a b", ""])
def test_a_key_stays_under_its_prefix(service: str, key: str) -> None:
    store = S3Files("town", prefix="photos", endpoint_url=service)
    with pytest.raises(ValueError, match="not a key"):
        store.put(key, b"", "image/jpeg")


def test_a_bucket_that_is_missing_or_away_is_an_oserror(service: str) -> None:
    for store in (
        S3Files("nobodys", endpoint_url=service),
        S3Files("town", endpoint_url=f"http://127.0.0.1:{free_port()}"),
    ):
        with pytest.raises(OSError, match="bucket"):
            store.put("a.jpg", b"data", "image/jpeg")
        with pytest.raises(OSError, match="bucket"):
            store.open("a.jpg")


def test_a_photo_goes_from_the_form_through_the_bucket_to_the_page(
    app: Flask, session: Session, client: CheckingClient, service: str, monkeypatch: Any
) -> None:
    store = S3Files("town", prefix="village", endpoint_url=service)
    monkeypatch.setitem(app.extensions, "file_store", store)
    contribution = make_contribution(session)
    assert keep_draft(session, store_photo(store, jpeg()), TOKEN)
    [photo] = attach(session, contribution, TOKEN)
    session.commit()
    answer = client.get(f"/photos/{photo.key}/small.jpg")
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xff\xd8\xff")
    away = S3Files("town", endpoint_url=f"http://127.0.0.1:{free_port()}")
    monkeypatch.setitem(app.extensions, "file_store", away)
    assert client.get(f"/photos/{photo.key}/small.jpg").status_code == 503


def test_a_store_that_is_away_costs_the_photo_and_not_the_words(
    app: Flask, session: Session, client: CheckingClient, service: str, monkeypatch: Any
) -> None:
    away = S3Files("town", endpoint_url=f"http://127.0.0.1:{free_port()}")
    monkeypatch.setitem(app.extensions, "file_store", away)
    client.sign_in(make_account(session))
    answer = client.send(
        "/ideas/new",
        {
            "title": "Planter des tilleuls",
            "body": "Sur la place, à la place du béton.",
            "photos": (io.BytesIO(jpeg()), "place.jpg"),
        },
    )
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Planter des tilleuls" in text
    assert "enregistrer votre photo" in text

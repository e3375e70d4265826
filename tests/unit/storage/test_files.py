"""A file is there whole or not at all, and its key leads nowhere else."""

from pathlib import Path

import pytest

from civic.storage.files import FileStore, LocalFiles, MissingFileError


def test_what_is_put_can_be_opened_and_deleted(tmp_path: Path) -> None:
    store: FileStore = LocalFiles(tmp_path / "photos")
    key = "ab/cd/photo.jpg"
    store.put(key, b"data", "image/jpeg")
    with store.open(key) as file:
        assert file.read() == b"data"
    store.delete(key)
    store.delete(key)
    with pytest.raises(MissingFileError):
        store.open(key)


def test_a_file_is_replaced_and_no_scrap_is_left(tmp_path: Path) -> None:
    store = LocalFiles(tmp_path)
    store.put("a/b.jpg", b"old", "image/jpeg")
    store.put("a/b.jpg", b"new", "image/jpeg")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.jpg"]
    with store.open("a/b.jpg") as file:
        assert file.read() == b"new"


def test_a_failed_write_leaves_the_old_file_and_no_scrap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalFiles(tmp_path)
    store.put("a.jpg", b"old", "image/jpeg")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="space"):
        store.put("a.jpg", b"new", "image/jpeg")
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]
    assert (tmp_path / "a.jpg").read_bytes() == b"old"


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    store = LocalFiles(tmp_path)
    store.put("a/b.jpg", b"data", "image/jpeg")
    with pytest.raises(MissingFileError):
        store.open("a")
    with pytest.raises(MissingFileError):
        store.open("a/b.jpg/c")


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "../a", "a/../b", "a//b", "a/", ".hidden", "A", "a b", "a\0", "x" * 201],
)
def test_a_key_stays_in_its_folder(tmp_path: Path, key: str) -> None:
    store = LocalFiles(tmp_path)
    for use in (store.open, store.delete):
        with pytest.raises(ValueError, match="not a key"):
            use(key)
    with pytest.raises(ValueError, match="not a key"):
        store.put(key, b"", "image/jpeg")

"""A setting that cannot be used stops the start with a sentence that names it, and no secret."""

import stat
from pathlib import Path

import pytest

from civic.settings import SettingError, Settings, keep_settings

SECRET = "hunter2"


def read(folder: Path, **environ: str) -> Settings:
    return Settings.from_environment({"CIVIC_DATA_DIR": str(folder), **environ})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CIVIC_PORT", "99999"),
        ("CIVIC_PORT", "eighty"),
        ("CIVIC_PROXIES", "-1"),
        ("CIVIC_PUBLIC_URL", "village.example"),
        ("CIVIC_PUBLIC_URL", "https://village.example:99999999"),
        ("CIVIC_TILES", "http://tiles.example/{z}/{x}/{y}.png"),
        ("CIVIC_TILES", "https://tiles.example/{z}/{x}.png"),
        ("CIVIC_TILES", "https://tiles.example; script-src */{z}/{x}/{y}.png"),
        ("CIVIC_STORAGE", "s3://"),
        ("CIVIC_STORAGE", "ftp://photos"),
        ("CIVIC_GEOCODER", "elsewhere"),
        ("CIVIC_MAIL_FROM", "nobody"),
        ("CIVIC_MAIL_FROM", "Ville <ville@village.example>"),
        ("CIVIC_MAIL_FROM", "ville@village.example\nBcc: all@village.example"),
        ("CIVIC_LOG_LEVEL", "LOUD"),
        ("CIVIC_RATE_LIMITS", "perhaps"),
        ("CIVIC_PHOTO_MAX_BYTES", "0"),
        ("CIVIC_NO_SUCH_THING", "1"),
    ],
)
def test_a_wrong_value_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        read(tmp_path, **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CIVIC_SECRET_KEY", SECRET),
        ("CIVIC_DATABASE_URL", f"mysql://civic:{SECRET}@host/civic"),
        ("CIVIC_SMTP_URL", f"imap://civic:{SECRET}@host"),
        ("CIVIC_SMTP_URL", f"smtp://civic:{SECRET}@host:port"),
        ("CIVIC_SMTP_URL", f"smtp://civic:{SECRET}%C3%A9@host"),
        ("CIVIC_REDIS_URL", f"http://:{SECRET}@host"),
    ],
)
def test_the_sentence_repeats_no_secret(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name) as caught:
        read(tmp_path, **{name: value})
    assert SECRET not in str(caught.value)


def test_a_package_that_few_need_is_asked_for_by_its_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("civic.settings.find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"CIVIC_REDIS_URL=….*pip install 'redis"):
        read(tmp_path, CIVIC_REDIS_URL="redis://127.0.0.1/0")
    with pytest.raises(SettingError, match=r"CIVIC_STORAGE=.*pip install 'boto3"):
        read(tmp_path, CIVIC_STORAGE="s3://photos")


def test_what_is_kept_holds_where_the_environment_says_nothing(tmp_path: Path) -> None:
    keep_settings(tmp_path, {"CIVIC_TILES": "osm", "CIVIC_LOG_LEVEL": "warning"})
    assert read(tmp_path).tiles == "osm"
    assert read(tmp_path).log_level == "WARNING"
    assert read(tmp_path, CIVIC_TILES="ign").tiles == "ign"
    assert read(tmp_path, CIVIC_TILES="").tiles == "osm"


def test_the_data_folder_and_its_secret_are_for_the_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    settings = read(folder)
    assert len(settings.secret_key) >= 32
    assert read(folder).secret_key == settings.secret_key
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600

import os
from pathlib import Path

import pytest

from qa_core.errors import SettingsError
from qa_core.settings import Settings


def test_without_any_variable_the_state_lies_in_var_beneath_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    settings = Settings.load({})

    assert settings == Settings()
    assert settings.home == tmp_path / "var"
    assert settings.database == tmp_path / "var" / "manualbot.db"
    assert settings.n_threads >= 1
    assert (settings.runtime, settings.encoder, settings.reader, settings.threshold) == (
        "auto",
        None,
        None,
        None,
    )


def test_every_variable_sets_its_field(tmp_path):
    env = {
        "MANUALBOT_HOME": str(tmp_path / "state"),
        "MANUALBOT_THREADS": "3",
        "MANUALBOT_RUNTIME": "ONNX-int8",
        "MANUALBOT_ENCODER": str(tmp_path),
        "MANUALBOT_READER": str(tmp_path),
        "MANUALBOT_THRESHOLD": "0.25",
        "MANUALBOT_MAX_FILE_MB": "7",
        "MANUALBOT_PARSE_TIMEOUT_S": "1.5",
        "MANUALBOT_PARSE_MEMORY_MB": "512",
        "MANUALBOT_LOG_LEVEL": "debug",
    }

    assert Settings.load(env, dotenv=None) == Settings(
        home=tmp_path / "state",
        n_threads=3,
        runtime="onnx-int8",
        encoder=tmp_path,
        reader=tmp_path,
        threshold=0.25,
        max_file_mb=7,
        parse_timeout_s=1.5,
        parse_memory_mb=512,
        log_level="DEBUG",
    )


def test_models_that_nothing_was_fitted_for_are_named_with_what_to_do(tmp_path):
    assert Settings().unfitted is None
    assert Settings(reader=tmp_path).unfitted == (
        f"MANUALBOT_READER={tmp_path}: ranking and confidence are still those that were fitted for the "
        "release's own models. See how well it declines (manualbot evaluate QUESTIONS), and set "
        "MANUALBOT_THRESHOLD to suit"
    )
    both = Settings(encoder=tmp_path, reader=tmp_path).unfitted
    assert both.startswith(f"MANUALBOT_ENCODER={tmp_path} and MANUALBOT_READER={tmp_path}: ")


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("MANUALBOT_THREADS", "0", "a whole number of at least 1"),
        ("MANUALBOT_THREADS", "two", "a whole number of at least 1"),
        ("MANUALBOT_MAX_FILE_MB", "-1", "a whole number of at least 1"),
        ("MANUALBOT_MAX_FILE_MB", "²", "a whole number of at least 1"),
        ("MANUALBOT_PARSE_MEMORY_MB", "1.5", "a whole number of at least 1"),
        ("MANUALBOT_PARSE_TIMEOUT_S", "inf", "a number of seconds above 0, at most 86,400"),
        ("MANUALBOT_PARSE_TIMEOUT_S", "soon", "a number of seconds above 0, at most 86,400"),
        ("MANUALBOT_PARSE_TIMEOUT_S", "1e300", "a number of seconds above 0, at most 86,400"),
        ("MANUALBOT_PARSE_MEMORY_MB", "99999999999999", "a whole number of at most 1,000,000"),
        ("MANUALBOT_MAX_FILE_MB", "9" * 5000, "a whole number of at most 1,000,000"),
        ("MANUALBOT_THREADS", "2147483647", "a whole number of at most 256"),
        ("MANUALBOT_HOME", "~nosuchuser/x", "a path; there is no home folder of that name"),
        ("MANUALBOT_READER", "~nosuchuser/x", "a path; there is no home folder of that name"),
        ("MANUALBOT_THRESHOLD", "80", "a number from 0 to 1"),
        ("MANUALBOT_THRESHOLD", "nan", "a number from 0 to 1"),
        ("MANUALBOT_RUNTIME", "tensorrt", "one of auto, onnx-int8, onnx-fp32, torch-bf16, torch-fp32"),
        ("MANUALBOT_LOG_LEVEL", "loud", "one of DEBUG, INFO, WARNING, ERROR"),
        ("MANUALBOT_ENCODER", "/no/such/folder", "a folder that exists"),
    ],
)
def test_a_bad_value_is_refused_with_its_name_the_value_and_what_is_allowed(name, value, allowed):
    with pytest.raises(SettingsError) as caught:
        Settings.load({name: value}, dotenv=None)

    assert str(caught.value) == f"{name}={value!r} cannot be used: it must be {allowed}"


def test_an_empty_value_counts_as_not_set():
    assert Settings.load({"MANUALBOT_THRESHOLD": " "}, dotenv=None).threshold is None


def test_the_environment_wins_over_the_env_file(tmp_path):
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        "# limits\nMANUALBOT_MAX_FILE_MB=7\nexport MANUALBOT_LOG_LEVEL='INFO'\n", encoding="utf-8"
    )

    settings = Settings.load({"MANUALBOT_MAX_FILE_MB": "9"}, dotenv)

    assert (settings.max_file_mb, settings.log_level) == (9, "INFO")


def test_an_env_file_changes_nothing_in_the_process(tmp_path, monkeypatch):
    monkeypatch.delenv("MANUALBOT_MAX_FILE_MB", raising=False)
    (tmp_path / ".env").write_text("MANUALBOT_MAX_FILE_MB=7\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert Settings.load().max_file_mb == 7

    monkeypatch.chdir("/")
    assert Settings.load().max_file_mb == Settings().max_file_mb


def test_an_env_file_in_another_encoding_is_refused_by_name(tmp_path):
    dotenv = tmp_path / ".env"
    dotenv.write_bytes("MANUALBOT_HOME=Büro".encode("latin-1"))

    with pytest.raises(SettingsError, match="Save it as UTF-8"):
        Settings.load({}, dotenv)


def test_a_relative_home_and_a_tilde_become_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ada")

    assert Settings.load({"MANUALBOT_HOME": "state"}).home == tmp_path / "state"
    assert Settings.load({"MANUALBOT_HOME": "~/bot"}).home == Path("/home/ada/bot")


NOT_UTF_8 = "it must be a path in UTF-8. Set a UTF-8 locale, or PYTHONUTF8=1, or take another folder"


def test_a_home_that_libraries_could_not_open_is_refused(tmp_path, monkeypatch):
    folder = tmp_path / os.fsdecode(b"B\xfcro")  # as each umlaut is where the locale is C
    folder.mkdir()
    with pytest.raises(SettingsError, match=NOT_UTF_8):
        Settings.load({"MANUALBOT_HOME": str(folder)}, dotenv=None)
    monkeypatch.chdir(folder)
    with pytest.raises(SettingsError, match=NOT_UTF_8):
        Settings.load({}, dotenv=None)


def test_a_home_whose_name_is_written_otherwise_than_in_utf_8_is_refused(monkeypatch):
    monkeypatch.setattr("qa_core.settings.os.fsencode", lambda path: str(path).encode("latin-1"))
    assert Settings.load({"MANUALBOT_HOME": "/Buero"}, dotenv=None).home == Path("/Buero")
    with pytest.raises(SettingsError, match=NOT_UTF_8):
        Settings.load({"MANUALBOT_HOME": "/Büro"}, dotenv=None)


def test_a_mark_that_windows_puts_before_the_text_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_bytes(b"\xef\xbb\xbfMANUALBOT_MAX_FILE_MB=7\r\n")

    assert Settings.load({}, dotenv).max_file_mb == 7

"""Limits: where they come from, how they are written, and what an operator hears of a wrong one."""

import pytest
from pydantic import ValidationError

from attnviz.errors import ServiceError
from attnviz.service.limits import Limits, sized

GB = 10**9


def test_sizes_are_written_as_people_write_them():
    limits = Limits.from_env({"ATTNVIZ_MAX_MODELS_BYTES": "2GB", "ATTNVIZ_MAX_RECORDS_BYTES": "512MiB"})
    assert limits.max_models_bytes == 2_000_000_000
    assert limits.max_records_bytes == 536_870_912


def test_every_bound_has_its_variable():
    given = {
        "ATTNVIZ_MAX_TOKENS": "512",
        "ATTNVIZ_MAX_CHARACTERS": "9000",
        "ATTNVIZ_WORKERS": "3",
        "ATTNVIZ_BACKLOG": "0",
        "ATTNVIZ_DEADLINE_SECONDS": "2.5",
        "ATTNVIZ_MODELS": "offline",
        "ATTNVIZ_FOLDER": "/data",
        "ATTNVIZ_WITHOUT_MEANING": "x",
    }
    limits = Limits.from_env(given)
    assert (limits.max_tokens, limits.max_characters, limits.workers, limits.backlog) == (512, 9000, 3, 0)
    assert (limits.deadline_seconds, limits.models, str(limits.folder)) == (2.5, "offline", "/data")


def test_sizes_that_are_not_given_divide_the_memory():
    limits = Limits(memory_bytes=6_600_000_000, workers=2)
    assert limits.max_models_bytes == limits.max_model_bytes == 3 * GB
    assert limits.max_records_bytes == 1 * GB
    assert limits.max_record_bytes == GB // 2
    assert limits.max_work_bytes == 1 * GB


def test_a_small_machine_still_opens_the_embedded_model():
    limits = Limits(memory_bytes=400_000_000)
    assert limits.max_models_bytes == 128_000_000
    assert limits.max_work_bytes == 96_000_000


@pytest.mark.parametrize(
    ("name", "given", "accepted"),
    [
        ("WORKERS", "many", "1, 2, 3"),
        ("WORKERS", "0", "1, 2, 3"),
        ("BACKLOG", "-1", "0, 1, 2"),
        ("MAX_TOKENS", "1", "2, 3, 512"),
        ("MAX_MODEL_BYTES", "big", "512MB, 2GB, 512MiB"),
        ("MEMORY_BYTES", "lots", "512MB, 2GB, 512MiB"),
        ("MAX_RECORD_BYTES", "0", "512MB, 2GB, 512MiB"),
        ("DEADLINE_SECONDS", "nan", "0.5, 60, 1800"),
        ("MODELS", "any", "curated, open, offline"),
    ],
)
def test_a_wrong_variable_is_named_with_what_it_says_and_what_it_accepts(name, given, accepted):
    with pytest.raises(ServiceError) as caught:
        Limits.from_env({f"ATTNVIZ_{name}": given})
    assert str(caught.value).startswith(f"The environment sets ATTNVIZ_{name}={given} ({accepted}). ")
    assert str(caught.value).count("ATTNVIZ_") == 1


def test_two_wrong_variables_are_both_named():
    with pytest.raises(ServiceError, match=r"ATTNVIZ_MAX_TOKENS.*ATTNVIZ_WORKERS"):
        Limits.from_env({"ATTNVIZ_WORKERS": "x", "ATTNVIZ_MAX_TOKENS": "1"})


def test_one_is_no_larger_than_all():
    with pytest.raises(ServiceError, match=r"MAX_RECORD_BYTES is 2.0 GB and ATTNVIZ_MAX_RECORDS_BYTES is 1.0 GB"):
        Limits.from_env({"ATTNVIZ_MAX_RECORD_BYTES": "2GB", "ATTNVIZ_MAX_RECORDS_BYTES": "1GB"})


def test_an_empty_variable_is_not_given():
    assert Limits.from_env({"ATTNVIZ_WORKERS": ""}).workers == 1


def test_limits_stay_as_they_are():
    with pytest.raises(ValidationError):
        Limits().workers = 2


def test_a_size_is_said_in_decimal_units():
    assert [sized(number) for number in (999, 2_300_000, 1_100_000_000)] == ["999 B", "2.3 MB", "1.1 GB"]

"""Records that stay ready: bounded in bytes, found by the hash of a text, shared by threads."""

from dataclasses import dataclass
from threading import Thread

from attnviz.inputs import Text
from attnviz.service.records import RecordKey, Records


@dataclass
class Kept:
    """Stands for a record: its bytes are all that a shelf of records looks at."""

    nbytes: int


def key(text: str, model: str = "minilm", revision: str = "") -> RecordKey:
    return RecordKey.of(model, revision, Text(text))


def test_a_record_is_found_by_model_commit_and_text():
    records = Records(100)
    kept = Kept(10)
    records.put(key("a"), kept)
    assert records.get(key("a")) is kept
    assert [records.get(other) for other in (key("b"), key("a", "gpt2"), key("a", revision="0" * 40))] == [None] * 3


def test_the_least_recently_asked_for_leaves_first_and_bytes_count_not_entries():
    records = Records(100)
    for name, nbytes in (("a", 40), ("b", 40), ("c", 20)):
        records.put(key(name), Kept(nbytes))
    assert (len(records), records.nbytes) == (3, 100)
    records.get(key("a"))
    records.put(key("d"), Kept(30))
    assert [name for name in "abcd" if records.get(key(name))] == ["a", "c", "d"]
    assert records.nbytes == 90


def test_a_record_larger_than_the_whole_is_not_kept_and_drives_nothing_out():
    records = Records(100)
    records.put(key("small"), Kept(10))
    records.put(key("large"), Kept(101))
    assert (len(records), records.nbytes) == (1, 10)


def test_threads_share_the_records_and_the_bound_holds():
    records = Records(1_000)

    def work(thread: int) -> None:
        for turn in range(500):
            records.put(key(f"{(thread * turn) % 50}"), Kept(90))
            records.get(key(f"{turn % 50}"))

    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert records.nbytes == 90 * len(records) <= 1_000

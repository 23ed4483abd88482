"""Who may look at a long map, and what is answered."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from attnviz.errors import AttnvizError, Busy, LinkError
from attnviz.record import AttentionRecord
from attnviz.service import tiles as rooms
from attnviz.service.pyramid import root_bytes, sheet_of, survey
from attnviz.service.pyramid import tile as cut
from attnviz.service.tiles import Tiles
from tests.service.test_pyramid import LENGTH, SPECIAL, dense, record_of


@pytest.fixture(scope="module")
def record() -> AttentionRecord:
    return record_of()


@pytest.fixture
def tiles():
    made = Tiles()
    yield made
    made.close()


def answer(tiles: Tiles, name: str, path: str) -> bytes:
    with tiles.ask(name, path) as ticket:
        return ticket.result()


def test_a_tile_is_answered_as_bytes_row_by_row(tiles, record):
    name = tiles.lend("cat", lambda: record)
    sheet = sheet_of(record, "self", "1.0")
    for level, row, col in ((0, 0, 0), (3, 2, 1), (3, 4, 4)):
        expected = cut(sheet, survey(sheet), level, row, col)
        assert answer(tiles, name, f"self/1.0/shown/shared/{level}/{row}/{col}") == expected.tobytes()


def test_each_way_of_looking_is_its_own_picture(tiles, record):
    name = tiles.lend("cat", lambda: record)
    looks = [
        f"self/1.0/{specials}/{scale}/0/0/0"
        for specials in ("shown", "hidden", "renormalised")
        for scale in ("shared", "row")
    ]
    pictures = [answer(tiles, name, look) for look in looks]
    assert len(set(pictures)) == 5  # on a scale for each row it is all the same whether rows were renormalised
    assert pictures[3] == pictures[5]


def test_numbers_are_exact_and_of_every_position(tiles, record):
    name, weights = tiles.lend("cat", lambda: record), dense(record, "1.0")
    row = np.frombuffer(answer(tiles, name, f"self/1.0/numbers/700-701/0-{LENGTH}"), "<f4")
    np.testing.assert_array_equal(row, record.row("self", 1, 0, 700))
    column = np.frombuffer(answer(tiles, name, f"self/1.0/numbers/0-{LENGTH}/3-4"), "<f4")
    np.testing.assert_allclose(column, weights[:, 3], rtol=1e-5)
    block = np.frombuffer(answer(tiles, name, "self/1.0/numbers/10-30/5-9"), "<f4").reshape(20, 4)
    np.testing.assert_allclose(block, weights[10:30, 5:9], rtol=1e-5, atol=1e-9)


def test_what_is_kept_of_each_row_when_special_tokens_are_hidden(tiles, record):
    name = tiles.lend("cat", lambda: record)
    kept = np.frombuffer(answer(tiles, name, "self/1.0/kept"), "<f4")
    shown = np.setdiff1d(np.arange(LENGTH), SPECIAL)
    np.testing.assert_allclose(kept, dense(record, "1.0")[np.ix_(shown, shown)].sum(axis=1), rtol=1e-5)


def test_a_name_tells_nothing_and_cannot_be_guessed(tiles, record):
    name, other = tiles.lend("minilm@:the text", lambda: record), Tiles().lend("minilm@:the text", lambda: record)
    assert re.fullmatch("[0-9a-f]{64}", name)
    assert name == tiles.lend("minilm@:the text", lambda: record)  # the same page finds its tiles again
    assert name != other  # another process has another secret
    assert name != tiles.lend("minilm@:the texu", lambda: record)


@pytest.mark.parametrize("name", ["", "0" * 64, "cat", "../cat", "é"])
def test_who_does_not_have_the_name_gets_nothing(tiles, record, name):
    tiles.lend("cat", lambda: record)
    with pytest.raises(LinkError):
        answer(tiles, name, "self/1.0/shown/shared/0/0/0")


def test_a_record_that_has_left_is_gone_and_one_that_came_back_is_there(tiles, record):
    held: list[AttentionRecord] = []
    name = tiles.lend("cat", lambda: held[0] if held else None)
    with pytest.raises(LinkError, match="at hand"):
        answer(tiles, name, "self/1.0/shown/shared/0/0/0")
    held.append(record)
    assert len(answer(tiles, name, "self/1.0/shown/shared/0/0/0")) == 138 * 138  # 1,100 positions, 8 a cell


HOSTILE = [
    "",
    "/",
    "self",
    "self/1.0",
    "self/1.0/shown/shared/0/0",
    "self/1.0/shown/shared/0/0/0/0",
    "self/1.0/shown/shared/-1/0/0",
    "self/1.0/shown/shared/99/0/0",
    "self/1.0/shown/shared/0/99999/0",
    "self/1.0/shown/shared/0/0/0.5",
    "self/1.0/shown/shared/٣/0/0",
    "self/1.0/seen/shared/0/0/0",
    "self/1.0/shown/own/0/0/0",
    "cross/1.0/shown/shared/0/0/0",
    "self/9.9/shown/shared/0/0/0",
    "self/<b>/shown/shared/0/0/0",
    "../../etc/passwd",
    "self/1.0/numbers/0-0/0-1",
    "self/1.0/numbers/5-4/0-1",
    "self/1.0/numbers/0-1101/0-1",
    "self/1.0/numbers/0-1/0-99999",
    "self/1.0/numbers/0-1100/0-1100",
    "self/1.0/numbers/-1-1/0-1",
    "self/1.0/kept/",
    "self/" + "0.0*1," * 3000 + "/kept",
]


@pytest.mark.parametrize("path", HOSTILE)
def test_a_path_that_names_nothing_is_refused_whatever_it_is(tiles, record, path):
    name = tiles.lend("cat", lambda: record)
    with pytest.raises(AttnvizError):
        answer(tiles, name, path)


def test_a_map_of_more_pairs_than_one_answer_weighs_is_refused_and_its_rows_are_not(tiles, record, monkeypatch):
    monkeypatch.setattr(rooms, "MOST_PAIRS", 2 * LENGTH * LENGTH)
    name = tiles.lend("cat", lambda: record)
    assert answer(tiles, name, "self/0.mean/shown/shared/0/0/0")
    with pytest.raises(LinkError, match="pairs"):
        answer(tiles, name, "self/mean/shown/shared/0/0/0")
    row = np.frombuffer(answer(tiles, name, f"self/mean/numbers/9-10/0-{LENGTH}"), "<f4")
    np.testing.assert_allclose(row, dense(record, "mean")[9], rtol=1e-5)


def test_who_asks_for_one_map_at_once_shares_one_pass_over_it(tiles, record, monkeypatch):
    passes = []
    monkeypatch.setattr(rooms, "survey", lambda *given: passes.append(1) or survey(*given))
    name = tiles.lend("cat", lambda: record)
    with ThreadPoolExecutor(8) as threads:
        paths = [f"self/0.1/shown/shared/2/{row}/{col}" for row in range(3) for col in range(3)]
        list(threads.map(lambda path: answer(tiles, name, path), paths))
    assert len(passes) == 1


def test_surveys_are_bounded_in_bytes(record):
    small = Tiles(survey_bytes=700_000)  # two surveys of 1,100 positions, 550 × 550 cells each
    name = small.lend("cat", lambda: record)
    for head in ("0.0", "0.1", "1.0", "1.1"):
        answer(small, name, f"self/{head}/shown/shared/0/0/0")
    assert len(small._surveys) == 2
    small.close()


def test_a_survey_too_large_to_be_kept_is_made_anew(record):
    none = Tiles(survey_bytes=1000)
    name = none.lend("cat", lambda: record)
    exact = root_bytes(dense(record, "0.0")[:256, :256])
    assert answer(none, name, "self/0.0/shown/shared/3/0/0") == exact.tobytes()
    none.close()


def test_more_askers_than_there_are_places_are_told_so_at_once(record):
    few, waiting = Tiles(workers=1, backlog=1), Event()
    name = few.lend("cat", lambda: record if waiting.wait(30) else None)
    places = [few.ask(name, f"self/0.{head}/kept") for head in range(2)]
    with pytest.raises(Busy):
        few.ask(name, "self/1.0/kept")
    waiting.set()
    assert all(place.result() for place in places)
    few.close()

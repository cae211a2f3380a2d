"""A table's text, as people and spreadsheets write it, and as nobody should."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.directory.bulk.text import MOST_LINES, decode, parse, render
from relevo.errors import DirectoryError

COLUMNS, NEEDED = ("address", "name", "password"), ("address",)
RUN = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def cells(text):
    lines, mistakes = parse(text, COLUMNS, NEEDED)
    assert mistakes == []
    return [(line.number, line.cells) for line in lines]


@pytest.mark.parametrize("text", [
    "address,name\na@b.example,Ana\n",
    "address;name\r\na@b.example;Ana\r\n",
    "address\tname\na@b.example\tAna",
    '"ADDRESS"; Name \n"a@b.example"; Ana \n',
    "address;name\ra@b.example;Ana\r",
])
def test_tables_as_spreadsheets_write_them(text):
    assert cells(text) == [(2, {"address": "a@b.example", "name": "Ana"})]


def test_lines_are_counted_as_editors_do():
    text = 'sep=;\r\naddress;name\r\n\r\na@b.example;"two\r\nlines"\r\n ; \r\nb@b.example;B\r\n'
    assert [number for number, _cells in cells(text)] == [4, 7]


@pytest.mark.parametrize(("data", "text"), [
    ("address\nñ".encode(), "address\nñ"), (b"\xef\xbb\xbfaddress", "address"), (b"", ""),
])
def test_utf_8_with_its_mark_or_without(data, text):
    assert decode(data) == text


@pytest.mark.parametrize("data", [b"a\nb\nMar\xeda", "a\nb\nMaría".encode("utf-16"), b"\xff\xfe\x00"])
def test_other_encodings_are_told_with_their_line(data):
    with pytest.raises(DirectoryError, match=r"line \d is not UTF-8: save the table as"):
        decode(data)


@pytest.mark.parametrize(("text", "line", "column", "because"), [
    ("", 0, "", "is empty"),
    ("\n \n", 0, "", "is empty"),
    ("name\nAna\n", 1, "address", "missing"),
    ("address,nmae\na@b.example,x\n", 1, "nmae", "did you mean name"),
    ("address,xyzzy\na@b.example,x\n", 1, "xyzzy", "there are: address, name, password"),
    ("address,\na@b.example,x\n", 1, "2", "no such column"),
    ("address,name,name\na@b.example,x,y\n", 1, "name", "two columns"),
    ("address,name\na@b.example\n", 2, "", "cells: 1, columns that the first line names: 2"),
    ("address,name\na@b.example,x,y\n", 2, "", "cells: 3"),
    ('address,name\na@b.example,"x\nb@b.example,y\n', 2, "", "a quote is not closed"),
    ('address,name\na@b.example,"x"y\n', 2, "", "a quote is not closed"),
])
def test_what_is_wrong_is_told_with_its_place(text, line, column, because):
    _lines, mistakes = parse(text, COLUMNS, NEEDED)
    assert [(m.line, m.column) for m in mistakes] == [(line, column)]
    assert because in mistakes[0].message


def test_what_is_wrong_in_a_long_cell_is_short():
    _lines, mistakes = parse("address," + "x" * 100_000 + "\n", COLUMNS, NEEDED)
    assert all(len(m.column) + len(m.message) < 200 for m in mistakes)


def test_a_table_ends_somewhere():
    lines, mistakes = parse("address\n" + "a\n" * (MOST_LINES + 5), COLUMNS, NEEDED)
    assert len(lines) == MOST_LINES
    assert [m.line for m in mistakes] == [MOST_LINES + 2]


@given(st.text() | st.text(alphabet="address,name;\n\r\t\"'=sep -@"))
def test_any_text_is_read_or_told(text):
    lines, mistakes = parse(text, COLUMNS, NEEDED)
    last = len(text.splitlines()) + 1
    assert all(0 <= mistake.line <= last and mistake.message for mistake in mistakes)
    assert lines or mistakes or len(text.split()) <= 1 or "address" in text
    assert all(set(line.cells) and 0 < line.number <= last for line in lines)


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_one_sentence(data):
    with suppress(DirectoryError):
        parse(decode(data), COLUMNS, NEEDED)


NAME = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")).map(str.strip)


@given(st.lists(NAME), st.sampled_from(",;\t"))
def test_what_is_written_is_read_again_and_nothing_is_run(names, delimiter):
    rows = [{"address": f"a{number}@b.example", "name": name} for number, name in enumerate(names)]
    text = render(("address", "name"), rows, delimiter)
    assert [line.cells for line in parse(text, COLUMNS, NEEDED)[0]] == rows
    read = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    assert not [cell for row in read for cell in row if cell.startswith(RUN)]

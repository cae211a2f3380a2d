from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.directory.addresses import any_address, domain_name, own_address
from relevo.errors import DirectoryError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana@Example.ORG", "ana@example.org"),
        (" ana.luisa_1-2@example.org ", "ana.luisa_1-2@example.org"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("ana@example.org.", "ana@example.org"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
)
def test_an_address_of_ours_is_taken(text, expected):
    assert str(own_address(text)) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ana", "write it like name@example.org"),
        ("@example.org", "write it like name@example.org"),
        ("ana@", "is no domain name"),
        ("ana@example", "is no domain name"),
        ("ana@-a.example", "is no domain name"),
        ("ana@192.168.1.1", "is no domain name"),
        ("ana+news@example.org", "tag"),
        ('"ana b"@example.org', "quoted"),
        ("josé@example.org", "only ASCII"),
        ("ana b@example.org", "only letters, digits"),
        (".ana@example.org", "no '.' first"),
        ("ana.@example.org", "no '.' first"),
        ("a..b@example.org", "no '.' first"),
        ("../../etc@example.org", "only letters, digits"),
        ("a" * 65 + "@example.org", "too long"),
        ("ana@" + "a." * 126 + "example.org", "is no domain name"),
        ("ana@straße.example", "xn--"),
        ("<script>@example.org", "only letters, digits"),
    ],
)
def test_a_bad_address_is_refused_with_advice(text, says):
    with pytest.raises(DirectoryError, match=says):
        own_address(text)


def test_an_address_elsewhere_may_have_more_signs():
    assert str(any_address("o'neil/x+tag@else.example")) == "o'neil/x+tag@else.example"
    assert any_address("ana+tag@example.org").without_tag == "ana@example.org"


@pytest.mark.parametrize(
    "text", ["a b@else.example", "a@b@c", ".a@else.example", "a\n@else.example", "a@else.example\nx"]
)
def test_a_bad_address_elsewhere_is_refused(text):
    with pytest.raises(DirectoryError):
        any_address(text)


@given(st.text(max_size=80))
def test_no_text_breaks_the_parsers(text):
    for parse in (own_address, any_address, domain_name):
        try:
            found = str(parse(text))
        except DirectoryError:
            continue
        assert found.isascii()
        assert found == found.lower()
        assert str(parse(found)) == found


@given(st.from_regex(r"[a-z0-9._-]{1,20}", fullmatch=True))
def test_a_local_part_of_ours_is_a_safe_folder_name(local_part):
    try:
        found = own_address(f"{local_part}@example.org").local_part
    except DirectoryError:
        return
    assert "/" not in found
    assert not found.startswith(".")

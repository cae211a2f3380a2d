from __future__ import annotations

import re
import tomllib

import pytest

from relevo.cluster.load import parse
from relevo.cluster.model import Cluster, Section
from relevo.cluster.new import example, fill

NOT_THE_OPERATORS = {"moving_to"}  # only in the machines' own copies
NOT_SET = {"", "None"}  # the example's `key = ""` where the default is "nothing"


def commented_out() -> str:
    """The example with every commented key set."""
    return re.sub(r"(?m)^# (\[\[|[a-z0-9_]+ = )", r"\1", example())


def keys(text: str) -> list[str]:
    """What is no comment for people: tables and keys, commented out or not."""
    return re.findall(r"(?m)^(?:# )?(?:\[.+\]|[a-z0-9_]+ = .+)$", text)


def test_it_speaks_both_languages_and_has_the_same_keys_in_both():
    assert keys(example("es")) == keys(example("en"))
    assert example("es").count("\n\n") == example("en").count("\n\n")
    said = [{*example(one).splitlines()} - {*keys(example(one)), "", "#"} for one in ("en", "es")]
    assert not said[0] & said[1]
    assert example("qu") == example("en") == example()


def test_the_example_is_sound():
    assert parse(example(), "example").domain == "chocolatesparati.com.bo"


def test_every_commented_key_shows_the_default_that_the_model_has():
    cluster = parse(example(), "example")
    for table, keys in tomllib.loads(commented_out()).items():
        section = getattr(cluster, table)
        if not isinstance(section, Section):
            continue
        real = section.model_dump(mode="json")
        for key, shown in keys.items():
            if shown == "" and real[key] in (None, ""):
                continue
            if key == "reservations":
                continue
            assert real[key] == shown, f"{table}.{key}"


def test_every_key_of_the_model_is_in_the_example():
    shown = tomllib.loads(commented_out())
    for table, field in Cluster.model_fields.items():
        if table == "nodes":
            continue
        annotation = field.annotation
        assert isinstance(annotation, type)
        assert issubclass(annotation, Section)
        assert set(annotation.model_fields) - NOT_THE_OPERATORS == set(shown[table]), table


def test_fill_sets_keys_and_brings_commented_ones_to_life():
    text = fill(example(), {("network", "vip"): '"192.168.100.99"', ("filter", "signatures"): '"offline"'})
    cluster = parse(text, "filled")
    assert cluster.vip == "192.168.100.99"
    assert cluster.filter.signatures == "offline"


def test_fill_refuses_a_key_that_is_not_there():
    with pytest.raises(KeyError):
        fill(example(), {("network", "nothing"): "1"})

"""The cluster file with another [storage] table."""

from __future__ import annotations

import pytest

from relevo.cluster.load import parse
from relevo.cluster.model import StorageSection
from relevo.cluster.new import example, fill
from relevo.cluster.other_storage import with_storage
from relevo.errors import ConfigurationError
from tests.unit.cluster.test_load import SOUND

BUILDING = StorageSection(
    kind="glusterfs", brick="/data/b", moving_to="external", external_source='a"b\\', external_type="x"
)
WRITTEN = {("storage", "kind"): '"nfs"', ("storage", "brick"): '"/other"'}


@pytest.mark.parametrize(
    "text",
    [SOUND, example(), fill(example(), WRITTEN), SOUND + '[storage] # it\nkind = "nfs"\n[mail]\nrelay_host = "a"\n'],
)
def test_only_the_store_is_another(text: str):
    cluster = parse(with_storage(text, "relevo.toml", BUILDING), "relevo.toml", of_node=True)
    assert cluster.storage == BUILDING
    assert cluster.with_storage(StorageSection()) == parse(text, "relevo.toml").with_storage(StorageSection())


@pytest.mark.parametrize("line", ['storage.kind = "nfs"', 'storage = {kind = "nfs"}'])
def test_a_store_that_is_no_table_is_refused(line: str):
    with pytest.raises(ConfigurationError, match="as a table of its own"):
        with_storage(f"{line}\n{SOUND}", "relevo.toml", BUILDING)

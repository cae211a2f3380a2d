from __future__ import annotations

from pathlib import Path

import pytest

from relevo.services.base import Context, NodeFacts, Release
from relevo.services.roundcube import settings
from relevo.services.roundcube.deploy import other_pools
from relevo.services.roundcube.render import php_string, render
from relevo.services.roundcube.schema import repeatable, upgrades
from tests.unit.services.golden import check_golden


def test_files(context):
    check_golden("roundcube", context("mail01"))


def test_only_the_configuration_is_secret(context):
    (config,) = [file for file in render(context("mail01")) if file.secret]
    assert (config.path, config.group, config.mode) == (settings.CONFIG, "www-data", 0o640)


def test_both_nodes_have_the_same_configuration(context):
    assert render(context("mail01"))[0] == render(context("mail02"))[0]


def test_the_language_follows_the_cluster(context):
    ctx = context("mail01")
    english = ctx.cluster.model_copy(update={"cluster": ctx.cluster.cluster.model_copy(update={"language": "en"})})
    assert "'en_US'" in render(Context(english, ctx.secrets, ctx.node, ctx.facts))[0].data.decode()


def test_php_of_an_older_release(context):
    ctx = context("mail01")
    older = Context(ctx.cluster, ctx.secrets, ctx.node, NodeFacts(Release("debian", "12"), "eth0", 2048, 2))
    assert [file.path for file in render(older)][1:] == [
        "/etc/php/8.2/fpm/pool.d/relevo.conf",
        "/etc/systemd/system/php8.2-fpm.service.d/relevo.conf",
    ]


def test_a_pool_that_an_upgrade_of_the_release_left_behind_is_found(tmp_path: Path):
    pools = [tmp_path / version / "fpm/pool.d/relevo.conf" for version in ("8.2", "8.4")]
    for pool in pools:
        pool.parent.mkdir(parents=True)
        pool.touch()
    assert other_pools(tmp_path, "8.4") == [str(pools[0])]


@pytest.mark.parametrize(
    ("text", "quoted"), [("plain", "'plain'"), ("it's", r"'it\'s'"), ("a\\", r"'a\\'"), ("$x {y}", "'$x {y}'")]
)
def test_php_strings(text, quoted):
    assert php_string(text) == quoted


@pytest.mark.parametrize(("memory_mb", "children"), [(512, 8), (4096, 25), (65536, 64)])
def test_php_processes_by_memory(memory_mb, children):
    assert settings.fpm_children(memory_mb) == children


@pytest.mark.parametrize(("message_mb", "upload_mb"), [(1, 1), (50, 37), (100, 75)])
def test_the_largest_attachment_fits_a_message(message_mb, upload_mb):
    assert settings.upload_mb(message_mb) == upload_mb


def test_the_initial_script_can_be_run_again():
    script = "CREATE TABLE `users` (\n `id` int\n);\nINSERT INTO `system` (`name`) VALUES ('x');\n"
    again = repeatable(script)
    assert again == (
        "CREATE TABLE IF NOT EXISTS `users` (\n `id` int\n);\nINSERT IGNORE INTO `system` (`name`) VALUES ('x');\n"
    )


def test_upgrades_in_their_order(tmp_path):
    (tmp_path / "mysql").mkdir()
    for name in ("2022081200.sql", "2021100300.sql", "2020020100.sql", "readme.sql", "2023010100.txt"):
        (tmp_path / "mysql" / name).touch()
    assert [file.stem for file in upgrades(tmp_path, 2020020100)] == ["2021100300", "2022081200"]
    assert upgrades(tmp_path, 2022081200) == []

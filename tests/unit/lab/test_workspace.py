from __future__ import annotations

import shutil
import stat
import subprocess
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from relevo.cluster.load import parse
from relevo.cluster.model import Cluster
from relevo.errors import ConfigurationError, LabError
from relevo.lab.plan import plan_network
from relevo.lab.workspace import Workspace, cluster_text, default_folder, ssh_config


def test_the_labs_cluster_file_is_right_and_needs_no_internet() -> None:
    cluster = parse(cluster_text(), "relevo.toml")
    assert cluster.filter.signatures == "offline"
    assert cluster.ssh.config == "ssh_config"
    assert cluster.dns.forwarders == (IPv4Address("192.168.100.50"),)
    assert cluster.cluster.time_servers == ("192.168.100.50",)
    assert str(cluster.dhcp.pool_start) == "192.168.100.200"
    assert str(cluster.dhcp.pool_end) == "192.168.100.220"
    assert str(cluster.network.vip6) == "fd00:100::100/64"


def test_openssh_reads_the_configuration(cluster: Cluster, tmp_path: Path) -> None:
    path = tmp_path / "ssh_config"
    enter = ["nsenter", "--net=/run/netns/relevo-123456"]
    path.write_text(ssh_config(plan_network(cluster), enter, tmp_path / "a key", tmp_path / "known hosts"))
    shown = subprocess.run(
        ["ssh", "-G", "-F", path, "mail02"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert "hostname 192.168.100.12" in shown
    assert "user root" in shown
    assert f"identityfile {tmp_path}/a key" in shown
    assert "proxycommand nsenter --net=/run/netns/relevo-123456 nc %h %p" in shown


@pytest.mark.usefixtures("ssh_keygen")
def test_prepare_keeps_what_is_there(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / ".lab")
    workspace.prepare()
    secrets = tmp_path / ".lab/relevo-secrets.toml"
    before = secrets.read_text()
    text = workspace.cluster_file.read_text().replace('name = "parati"', 'name = "other"')
    workspace.cluster_file.write_text(text)
    assert workspace.prepare().cluster.name == "other"
    assert secrets.read_text() == before
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600


@pytest.fixture
def ssh_keygen() -> None:
    assert shutil.which("ssh-keygen"), "tools/bootstrap installs openssh-client"


def test_the_lab_is_in_the_clone_that_we_are_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path / "docs")
    assert default_folder() == tmp_path / ".lab"


def test_accounts_that_somebody_noted_are_shown(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert workspace.logins() == {}
    (tmp_path / "logins.json").write_text('{"ana@example.org": "pass"}')
    assert workspace.logins() == {"ana@example.org": "pass"}
    workspace.forget_machines()
    assert workspace.logins() == {}


def test_a_new_lab_may_keep_its_mail_elsewhere(tmp_path: Path):
    workspace = Workspace(tmp_path / "lab")
    workspace.choose_storage("nfs", has_machines=False)
    assert workspace.cluster().storage.kind == "nfs"
    workspace.choose_storage("nfs", has_machines=True)
    with pytest.raises(LabError, match="another storage"):
        workspace.choose_storage("glusterfs", has_machines=True)
    assert workspace.cluster().storage.kind == "nfs"


def test_a_storage_that_does_not_exist_is_refused(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="kind"):
        Workspace(tmp_path / "lab").choose_storage("floppy", has_machines=False)
    assert not (tmp_path / "lab").exists()


def test_a_platform_on_emulated_machines_is_patient_unless_its_file_says_how_much(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.prepare()
    workspace.be_patient()
    assert workspace.cluster().failover.patience == 8
    text = workspace.cluster_file.read_text().replace("patience = 8", "patience = 3")
    workspace.cluster_file.write_text(text)
    workspace.be_patient()
    assert workspace.cluster().failover.patience == 3

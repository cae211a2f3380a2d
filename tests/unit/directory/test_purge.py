from __future__ import annotations

import pytest

from relevo.directory import mailboxes
from relevo.directory.purge import purge
from relevo.errors import DirectoryError

ANA = "ana@example.org"

pytestmark = pytest.mark.usefixtures("platform")


@pytest.fixture
def mail(platform, tmp_path):
    """ana's mail below a root of its own; `/` stands for the mount, as it always is one."""
    mailboxes.add(ANA, "four unrelated words")
    folder = tmp_path / "example.org" / "ana" / "Maildir"
    folder.mkdir(parents=True)
    (folder / "1").write_text("a message")
    (tmp_path / "example.org" / "luis").mkdir()
    return tmp_path


def test_a_mailbox_in_use_is_not_purged(mail):
    with pytest.raises(DirectoryError, match=r"relevo mailbox remove ana@example.org"):
        purge(ANA, mount="/", root=str(mail))
    assert (mail / "example.org/ana/Maildir/1").exists()


def test_a_removed_mailbox_goes_with_its_mail_and_no_other(mail):
    mailboxes.remove(ANA)
    assert (mail / "example.org/ana/Maildir/1").exists()
    purge(ANA, mount="/", root=str(mail))
    assert [folder.name for folder in (mail / "example.org").iterdir()] == ["luis"]
    mailboxes.add(ANA, "four unrelated words")


def test_nothing_is_purged_while_the_mail_store_is_not_mounted(mail):
    mailboxes.remove(ANA)
    with pytest.raises(DirectoryError, match="not mounted"):
        purge(ANA, mount=str(mail), root=str(mail))
    assert (mail / "example.org/ana/Maildir/1").exists()


def test_a_mailbox_that_never_got_mail_is_purged_too(mail, tmp_path):
    mailboxes.remove(ANA)
    purge(ANA, mount="/", root=str(tmp_path / "nothing"))
    with pytest.raises(DirectoryError, match="there is no mailbox"):
        purge(ANA, mount="/", root=str(tmp_path / "nothing"))

from __future__ import annotations

from datetime import timedelta

import pytest

from relevo.directory import administrators, attempts, login
from relevo.directory.login_models import FailedLogin
from relevo.directory.models import AuditEntry
from relevo.errors import DirectoryError

STRONG = "unrelated-words-9"
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.9"

pytestmark = pytest.mark.usefixtures("platform")


@pytest.fixture(autouse=True)
def ana(platform):
    return administrators.add("ana@example.org", STRONG, role="global")


def fail(address="ana@example.org", client=HERE, times=1, because="is wrong"):
    for _ in range(times):
        with pytest.raises(DirectoryError, match=because):
            login.log_in(address, "wrong", client)


def test_the_right_password_signs_in_and_is_noted(ana):
    assert login.log_in(" Ana@Example.org ", STRONG, HERE) == ana
    assert AuditEntry.objects.first().action == "admin.login"


def test_wrong_unknown_and_switched_off_sound_alike(ana):
    administrators.add("off@example.org", STRONG, role="global", enabled=False)
    said = set()
    for address, password in (("ana@example.org", "x"), ("nobody@example.org", STRONG), ("off@example.org", STRONG)):
        with pytest.raises(DirectoryError) as refused:
            login.log_in(address, password, HERE)
        said.add(str(refused.value))
    assert len(said) == 1


def test_after_some_failures_even_the_right_password_waits():
    fail(times=attempts.MOST_FOR_ADDRESS)
    with pytest.raises(DirectoryError, match="try again in 15 min"):
        login.log_in("ana@example.org", STRONG, HERE)


def test_failures_elsewhere_lock_nobody_out(ana):
    fail(client=ELSEWHERE, times=attempts.MOST_FOR_ADDRESS)
    fail(client=ELSEWHERE, times=3, because="too many")
    assert login.log_in("ana@example.org", STRONG, HERE) == ana


def test_one_client_can_not_try_many_addresses():
    for number in range(attempts.MOST_FROM_CLIENT):
        fail(address=f"guess{number}@example.org")
    fail(address="another@example.org", because="too many")
    fail(address="another@example.org", client=ELSEWHERE)


def test_success_forgets_the_failures_of_that_address_there(ana):
    fail(times=attempts.MOST_FOR_ADDRESS - 1)
    login.log_in("ana@example.org", STRONG, HERE)
    fail(times=attempts.MOST_FOR_ADDRESS - 1)
    assert login.log_in("ana@example.org", STRONG, HERE) == ana


def test_a_failure_counts_for_a_while_only(ana):
    fail(times=attempts.MOST_FOR_ADDRESS)
    for row in FailedLogin.objects.all():
        FailedLogin.objects.filter(pk=row.pk).update(at=row.at - attempts.WINDOW - timedelta(seconds=1))
    assert login.log_in("ana@example.org", STRONG, HERE) == ana
    fail()
    assert FailedLogin.objects.count() == 1


@pytest.mark.parametrize(
    ("client", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        ("x" * 99, "x" * 45),
    ],
)
def test_what_failures_are_counted_for(client, counted):
    assert attempts.network(client) == counted

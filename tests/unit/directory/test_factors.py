"""Second factors: codes of an app, recovery codes, security keys; and that none of them is good twice."""

from __future__ import annotations

import base64
import time

import pytest

from relevo.directory import administrators, attempts, factors, login, recovery, sealing, security_keys, totp
from relevo.directory.login_models import AuthenticatorApp, FailedLogin, RecoveryCode, SecurityKey
from relevo.directory.models import Administrator, AuditEntry
from relevo.directory.security_keys import Site
from relevo.errors import DirectoryError
from tests.unit.directory.software_key import SoftwareKey

STRONG = "unrelated-words-9"
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.9"
SITE = Site("mail.example.org", "https://mail.example.org")

pytestmark = pytest.mark.usefixtures("platform")


@pytest.fixture(autouse=True)
def ana(platform):
    return administrators.add("ana@example.org", STRONG, role="global")


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands, and is set by hand: `clock(30)` is half a minute later."""
    now = [1_800_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])

    def later(seconds: float) -> None:
        now[0] += seconds

    return later


def shown(sealed: str, *, off: int = 0) -> str:
    """Return what an app shows whose clock is off by so many seconds."""
    return totp.code_at(sealed, int(time.time()) + off)


def with_app(administrator) -> str:
    sealed = totp.draw_key()
    totp.confirm(administrator, sealed, shown(sealed, off=-totp.STEP))
    return sealed


def with_key(administrator, name="blue") -> SoftwareKey:
    key = SoftwareKey()
    question = security_keys.ask_for_new(administrator, SITE)
    security_keys.add(administrator, name, key.make(question.options), question.challenge, SITE)
    return key


# --- the app ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("at", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_codes_are_those_of_rfc_6238(at, code):
    """Appendix B, the last six of its eight digits."""
    assert totp.code_at(sealing.seal(b"12345678901234567890", "authenticator app"), at) == code


def test_a_code_is_good_once_and_for_a_minute_and_a_half(ana, clock):
    sealed = with_app(ana)
    clock(300)
    late, early = shown(sealed, off=-30), shown(sealed, off=30)
    assert not totp.accepts(ana, shown(sealed, off=-60))
    assert not totp.accepts(ana, shown(sealed, off=60))
    assert totp.accepts(ana, late)
    assert not totp.accepts(ana, late)
    assert totp.accepts(ana, f" {early[:3]} {early[3:]} ")
    assert not totp.accepts(ana, shown(sealed))  # older than one that was used
    clock(30)
    assert not totp.accepts(ana, early)


def test_the_code_that_confirmed_it_does_not_log_in(ana, clock):
    sealed = totp.draw_key()
    code = shown(sealed)
    totp.confirm(ana, sealed, code)
    assert not totp.accepts(ana, code)


@pytest.mark.parametrize(
    "code", ["", "12345", "abcdef", "1234567", "١٢٣٤٥٦", "\uff10\uff10\uff10\uff10\uff10\uff10", "000000\x00"]
)
def test_what_is_no_code_confirms_nothing(ana, clock, code):
    with pytest.raises(DirectoryError, match="not the code"):
        totp.confirm(ana, totp.draw_key(), code)
    assert not totp.is_code(code)
    assert not factors.has_one(ana)


def test_the_key_is_sealed_in_the_table_and_spelled_for_its_owner_alone(ana, clock, settings_key):
    sealed = with_app(ana)
    key = base64.b32decode(totp.spelled(sealed).replace(" ", ""))
    stored = AuthenticatorApp.objects.get().sealed_key
    assert len(key) == 20
    assert key not in stored.encode()
    assert base64.b32encode(key).decode() not in stored
    scanned = totp.address_of(sealed, ana.address, "mail.example.org")
    assert scanned.startswith("otpauth://totp/mail.example.org:ana%40example.org?")
    settings_key("another one")
    with pytest.raises(DirectoryError, match="django_key"):
        totp.accepts(ana, "123456")


@pytest.fixture
def settings_key(monkeypatch):
    from django.conf import settings  # noqa: PLC0415 - Django is started by the fixtures

    return lambda value: monkeypatch.setattr(settings, "SECRET_KEY", value)


def test_a_seal_is_for_one_purpose():
    with pytest.raises(DirectoryError):
        sealing.unseal(sealing.seal(b"x", "one"), "another")


def test_another_phone_takes_the_firsts_place(ana, clock):
    first = with_app(ana)
    clock(120)
    second = with_app(ana)
    clock(120)
    assert not totp.accepts(ana, shown(first))
    assert totp.accepts(ana, shown(second))
    assert AuthenticatorApp.objects.count() == 1


# --- recovery codes ---------------------------------------------------------------------------------------------------
def test_ten_come_with_the_first_factor_and_each_is_good_once(ana, clock):
    sealed = totp.draw_key()
    codes = totp.confirm(ana, sealed, shown(sealed))
    assert len(set(codes)) == recovery.left(ana) == 10
    assert not any(code.replace("-", "") in row.hashed for code in codes for row in RecoveryCode.objects.all())
    assert recovery.accepts(ana, f" {codes[3].upper().replace('-', ' ')} ")
    assert not recovery.accepts(ana, codes[3])
    assert not recovery.accepts(ana, "")
    assert recovery.left(ana) == 9
    assert AuditEntry.objects.first().detail == {"left": 9}
    with_key(ana)
    assert recovery.left(ana) == 9  # only the first one brings codes


def test_new_codes_end_the_old_ones(ana, clock):
    sealed = totp.draw_key()
    old = totp.confirm(ana, sealed, shown(sealed))
    new = recovery.renew(ana)
    assert not recovery.accepts(ana, old[0])
    assert recovery.accepts(ana, new[0])


def test_a_code_is_its_owners_only(ana, clock):
    luis = administrators.add("luis@example.org", STRONG, role="global")
    sealed = totp.draw_key()
    codes = totp.confirm(ana, sealed, shown(sealed))
    with_app(luis)
    clock(60)
    assert not recovery.accepts(luis, codes[0])
    assert not totp.accepts(luis, shown(sealed))


# --- security keys ----------------------------------------------------------------------------------------------------
def test_a_key_answers_its_question_and_is_counted(ana):
    key = with_key(ana)
    question = security_keys.ask_for_one(ana, SITE)
    assert security_keys.accepts(ana, key.use(question.options), question.challenge, SITE)
    row = SecurityKey.objects.get()
    assert (row.name, row.sign_count, bool(row.used_at)) == ("blue", 1, True)


def test_a_key_that_counts_backwards_is_a_copy(ana):
    key = with_key(ana)
    question = security_keys.ask_for_one(ana, SITE)
    assert security_keys.accepts(ana, key.use(question.options, count=7), question.challenge, SITE)
    assert not security_keys.accepts(ana, key.use(question.options, count=7), question.challenge, SITE)


def test_answers_of_others_elsewhere_or_to_other_questions_are_refused(ana):
    key = with_key(ana)
    luis = administrators.add("luis@example.org", STRONG, role="global")
    theirs = with_key(luis)
    question, other = security_keys.ask_for_one(ana, SITE), security_keys.ask_for_one(ana, SITE)
    assert not security_keys.accepts(ana, key.use(question.options), other.challenge, SITE)
    assert not security_keys.accepts(ana, key.use(question.options), "", SITE)
    assert not security_keys.accepts(ana, theirs.use(question.options), question.challenge, SITE)
    assert not security_keys.accepts(luis, key.use(question.options), question.challenge, SITE)
    key.origin = "https://mail.examp1e.org"
    assert not security_keys.accepts(ana, key.use(question.options), question.challenge, SITE)
    key.origin, key.hostname = "https://mail.example.org", "examp1e.org"
    assert not security_keys.accepts(ana, key.use(question.options), question.challenge, SITE)


@pytest.mark.parametrize("answer", [
    "", "{}", "null", "[]", "nonsense", "[" * 20000, '{"id": 1}', '{"id":"a","rawId":"a","type":"public-key"}',
    '{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}',
    '{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"e30","signature":""}}',
    '{"id":"\\ud800"}', "x" * 70000,
])
def test_what_is_no_answer_is_one_sentence(ana, answer):
    question = security_keys.ask_for_new(ana, SITE)
    with pytest.raises(DirectoryError, match="does not fit"):
        security_keys.add(ana, "blue", answer, question.challenge, SITE)
    assert not security_keys.accepts(ana, answer, question.challenge, SITE)


def test_names_are_ones_own_and_short(ana):
    key = with_key(ana, "blue")
    question = security_keys.ask_for_new(ana, SITE)
    for name, because in (("Blue ", "of that name"), ("", "give the key a name"), ("x" * 61, "at most 60")):
        with pytest.raises(DirectoryError, match=because):
            security_keys.add(ana, name, SoftwareKey().make(question.options), question.challenge, SITE)
    with pytest.raises(DirectoryError, match="known already"):
        security_keys.add(ana, "red", key.make(question.options), question.challenge, SITE)


def test_a_key_is_removed_by_its_owner_alone(ana):
    with_key(ana)
    luis = administrators.add("luis@example.org", STRONG, role="global")
    key = SecurityKey.objects.get()
    with pytest.raises(DirectoryError, match="no such key"):
        security_keys.remove(luis, key.pk)
    security_keys.remove(ana, key.pk)
    assert not factors.has_one(administrators.find("ana@example.org"))
    assert not RecoveryCode.objects.exists()  # they go with the last factor


# --- who must have one, and who loses it ------------------------------------------------------------------------------
@pytest.mark.parametrize(("wanted", "of_global", "of_others"), [
    ("optional", False, False), ("global", True, False), ("all", True, True),
])
def test_of_whom_one_is_demanded(ana, wanting, wanted, of_global, of_others):
    wanting(wanted)
    other = administrators.add("luis@example.org", STRONG, domains=["example.org"])
    assert (factors.demanded(ana), factors.demanded(other)) == (of_global, of_others)


@pytest.fixture
def wanting(monkeypatch):
    from django.conf import settings  # noqa: PLC0415 - Django is started by the fixtures

    return lambda value: monkeypatch.setattr(settings, "RELEVO_SECOND_FACTOR", value)


def test_the_last_one_stays_where_one_is_demanded(ana, wanting, clock):
    wanting("global")
    with_app(ana)
    with_key(ana)
    totp.remove(ana)
    with pytest.raises(DirectoryError, match="is demanded of you"):
        security_keys.remove(ana, SecurityKey.objects.get().pk)
    assert SecurityKey.objects.count() == 1


def test_all_are_taken_away_from_who_has_lost_them(ana, clock):
    with_app(ana)
    with_key(ana)
    before = administrators.find("ana@example.org").get_session_auth_hash()
    found = factors.clear("Ana@example.org")
    assert not factors.has_one(found)
    assert not RecoveryCode.objects.exists()
    assert found.get_session_auth_hash() != before
    assert AuditEntry.objects.first().action == "admin.factors.clear"
    with pytest.raises(DirectoryError, match="has no second factor"):
        factors.clear("ana@example.org")


def test_whoever_has_none_keeps_the_sessions_of_before(ana):
    plain = super(Administrator, ana).get_session_auth_hash()
    assert ana.get_session_auth_hash() == plain


def test_an_administrator_goes_with_all_factors(ana, clock):
    with_app(ana)
    with_key(ana)
    administrators.remove("ana@example.org", last=True)
    assert [model.objects.count() for model in (AuthenticatorApp, SecurityKey, RecoveryCode)] == [0, 0, 0]


def test_no_secret_is_in_the_audit_log(ana, clock):
    sealed = totp.draw_key()
    codes = totp.confirm(ana, sealed, shown(sealed))
    key = with_key(ana)
    recovery.accepts(ana, codes[0])
    said = " ".join(f"{entry.action} {entry.subject} {entry.detail}" for entry in AuditEntry.objects.all())
    secrets = [*codes, *RecoveryCode.objects.values_list("hashed", flat=True), sealed, totp.spelled(sealed)]
    secrets.append(base64.urlsafe_b64encode(key.id).decode().rstrip("="))
    assert not [secret for secret in secrets if secret in said]


# --- the login --------------------------------------------------------------------------------------------------------
def test_the_password_alone_leaves_no_login_and_forgets_no_failure(ana, clock):
    with_app(ana)
    with pytest.raises(DirectoryError):
        login.log_in("ana@example.org", "wrong", HERE)
    login.log_in("ana@example.org", STRONG, HERE)
    assert not AuditEntry.objects.filter(action="admin.login").exists()
    assert FailedLogin.objects.count() == 1


def wrong(administrator, client=HERE, times=1, because="not right"):
    for _ in range(times):
        with pytest.raises(DirectoryError, match=because):
            login.log_in_with(administrator, client, lambda: login.right_code(administrator, "000000x"))


def test_both_together_are_a_login(ana, clock):
    sealed = with_app(ana)
    clock(60)
    wrong(ana, times=2)
    login.log_in_with(ana, HERE, lambda: login.right_code(ana, shown(sealed)))
    assert AuditEntry.objects.first().action == "admin.login"
    assert not FailedLogin.objects.exists()
    assert AuditEntry.objects.filter(action="admin.factors.refused", actor="ana@example.org").count() == 2


def test_guessing_codes_waits_even_when_the_password_is_given_again_and_again(ana, clock):
    sealed = with_app(ana)
    clock(60)
    for _ in range(attempts.MOST_FOR_ADDRESS):
        login.log_in("ana@example.org", STRONG, HERE)
        wrong(ana)
    wrong(ana, because="too many")
    with pytest.raises(DirectoryError, match="too many"):
        login.log_in("ana@example.org", STRONG, HERE)
    login.log_in_with(ana, ELSEWHERE, lambda: login.right_code(ana, shown(sealed)))  # nobody is locked out elsewhere


def test_while_it_waits_no_code_is_used_up(ana, clock):
    sealed = with_app(ana)
    clock(60)
    wrong(ana, times=attempts.MOST_FOR_ADDRESS)
    with pytest.raises(DirectoryError, match="too many"):
        login.log_in_with(ana, HERE, lambda: login.right_code(ana, shown(sealed)))
    assert totp.accepts(ana, shown(sealed))

"""A platform as it is after some years: many domains, long names, letters beyond ASCII, a domain with nothing in it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any, Protocol

from django.db import transaction
from django.utils import timezone

from relevo.directory import (
    administrators,
    aliases,
    app_passwords,
    audit,
    domains,
    lists,
    mailboxes,
    owner_factors,
    sender_rules,
    shared,
    tokens,
    totp,
)
from relevo.directory.dkim import keys
from relevo.directory.login_models import AuthenticatorApp, SecurityKey
from relevo.directory.models import Domain, Mailbox
from relevo.directory.owner_models import OwnerApp
from tests.served.who import (
    EMPTY,
    FIRST,
    GLOBAL,
    LOCAL,
    NEW_OWNER,
    NOTHING,
    OWNER,
    OWNER_WITH_FACTOR,
    PASSWORD,
    WITH_FACTOR,
)
from tests.unit.directory.whole_view import view, whole
from tests.unit.queue.memory import message

_NAMES = ("Ana María Gutiérrez Ñáñez", "José Ángel Peñaranda Villarroel", "Íñigo Ybáñez", "Lucía", "Óscar Düring",
          "Bartolomé de las Casas y Fernández de Córdoba-Valdivieso Montenegro")
_PLACES = ("lapaz", "santacruz", "cochabamba", "sucre", "tarija", "oruro", "potosi", "trinidad", "cobija", "elalto")


class Stage(Protocol):
    """As much of the stage as data is laid into."""

    queues: Any
    window: dict[str, Any]

    def journal(self, domain: str) -> str: ...
    def hold(self, address: str, subject: str, sender: str) -> str: ...
    def _refuse(self, recipient: str, subject: str, kind: str, sender: str) -> str: ...


def furnish(stage: Stage) -> None:
    """Make all of it."""
    with transaction.atomic(), audit.acting("rosa.quispe@sistemas.example", "192.0.2.7"):
        _domains()
        _entries()
        _administrators()
        _factors()
        _portal()
    _mail(stage)


def ill(stage: Stage) -> None:
    """Have one machine be silent and a service of another fail."""
    stage.window["view"] = whole({"storage01": 90.0}, mail02=view("mail02", ill="dovecot/imap"))


def _domains() -> None:
    for name in (FIRST, NOTHING, "xn--caf-dma.example"):
        domains.add(name)
    domains.add("departamento-de-relaciones-internacionales-y-cooperacion.ministerio-de-desarrollo.example")
    Domain.objects.bulk_create(  # a key for each would take a minute
        Domain(name=name, at_name=f"@{name}", mailbox_limit=number % 3 * 25)
        for number in range(190) for name in [f"{_PLACES[number % 10]}-{number:03}.example"]
    )
    domains.add("chocolates-para-ti.example", alias_of=FIRST)
    domains.change(FIRST, catch_all="")
    first = next(key for key in keys.listing() if key.domain.name == FIRST)
    keys.sign(FIRST, first.selector, published=True)
    keys.make(FIRST)


def _entries() -> None:
    mailboxes.add(OWNER, PASSWORD, name=_NAMES[0], quota_mb=2048)
    mailboxes.add(NEW_OWNER, PASSWORD)
    for number in range(60):
        name = f"{_NAMES[number % 6]} {number}"
        mailboxes.add(f"persona.{number:02}@{FIRST}", PASSWORD, name=name, quota_mb=(0, 500, 10240)[number % 3])
    long = f"el-buzon.de-alguien.con-un-nombre-verdaderamente-largo@{FIRST}"
    mailboxes.add(long, PASSWORD, name=_NAMES[5], forward=[OWNER, f"persona.01@{FIRST}"])
    mailboxes.change(f"persona.02@{FIRST}", enabled=False)
    mailboxes.remove(f"persona.03@{FIRST}")
    for number in range(12):
        aliases.add(f"area-{number}@{FIRST}", [f"persona.{one:02}@{FIRST}" for one in range(10, 11 + number)])
    for number, policy in enumerate(("anyone", "domain", "members", "named")):
        lists.add(
            f"lista-{number}@{FIRST}", [f"persona.{one:02}@{FIRST}" for one in range(20, 50)], name=_NAMES[number],
            policy=policy, senders=[OWNER] if policy == "named" else [],
            moderated="others" if policy == "named" else "off", owners=[OWNER] if policy == "named" else [],
        )
    people = [f"persona.{one:02}@{FIRST}" for one in range(10, 16)]
    names = ("Ventas", "Atención al cliente de todas las sucursales del departamento de La Paz", "")
    for number, name in enumerate(names):
        shared.add(
            f"ventas-{number}@{FIRST}", name=name, readers=people[:2], writers=people[2 : 3 + number],
            managers=[OWNER], senders=people[2:3], enabled=number < 2,
        )
    for verdict, sender, whom in (("block", "ofertas.example", FIRST), ("allow", "banco.example", sender_rules.ALL),
                                  ("block", "no-responder.boletines@publicidad-masiva.example", FIRST)):
        sender_rules.say(verdict, sender, whom)


def _administrators() -> None:
    administrators.add(GLOBAL, PASSWORD, role="global")
    administrators.add(LOCAL, PASSWORD, domains=[FIRST])
    administrators.add(EMPTY, PASSWORD, domains=[NOTHING])
    administrators.add("de.vacaciones@sistemas.example", PASSWORD, domains=[FIRST, NOTHING], enabled=False)
    for name, days in (("CRM de ventas", 365), ("Exportación nocturna", 1)):
        tokens.add(GLOBAL, name, scopes=["mailboxes:write", "domains:read", "audit:read", "queue:read"], days=days)


def _factors() -> None:
    person = administrators.add(WITH_FACTOR, PASSWORD, domains=[FIRST])
    public = {"digest": "0" * 64, "credential": "AA", "public_key": "AA"}  # of a key that nobody has
    SecurityKey.objects.create(administrator=person, name="llave azul", **public)
    box = Mailbox.objects.get(address=OWNER_WITH_FACTOR)
    long_ago = int(time.time()) - totp.STEP  # so that the codes of now are still good
    for confirm, of in ((totp.confirm, person), (owner_factors.confirm, box)):
        key = totp.draw_key()
        confirm(of, key, totp.code_at(key, long_ago))


def keys_of_apps() -> dict[str, str]:
    """Return the keys of authenticator apps, as they are typed, by address."""
    apps = [*AuthenticatorApp.objects.select_related("administrator"), *OwnerApp.objects.select_related("mailbox")]
    return {str(getattr(one, "administrator", None) or one.mailbox): totp.spelled(one.sealed_key) for one in apps}


def _portal() -> None:
    box = Mailbox.objects.get(address=OWNER)
    app_passwords.add(box, "Thunderbird en casa", ["imap", "smtp"])
    app_passwords.add(box, "Teléfono de la oficina de la calle Sagárnaga", ["imap"])
    for verdict, sender in (("allow", "facturas@proveedor-con-nombre-largo.example"), ("block", "@ofertas.example")):
        sender_rules.say(verdict, sender.removeprefix("@"), OWNER)


def _mail(stage: Stage) -> None:
    far = "connect to mx.far.example[192.0.2.77]:25: Connection timed out"
    full = "host mx.far.example[192.0.2.77] said: 452 4.2.2 Mailbox full (in reply to RCPT TO command)"
    now = int((timezone.now() - timedelta(minutes=7)).timestamp())
    for number in range(14):
        one = message(
            f"4jcKGs3y4kz2{number:02}vN", ("", OWNER)[number % 3 > 0], f"cliente.{number}@far.example",
            state=("deferred", "hold", "deferred", "active")[number % 4], reason=(far, full)[number % 2],
        )
        one["arrival_time"] = now - 4000 * number
        queue = (stage.queues.mail01, stage.queues.mail02)[number % 2]
        queue.messages[one["queue_id"]] = one
    for number in range(9):
        stage._refuse(  # noqa: SLF001 - the stage's own
            OWNER, ("Su factura de noviembre n° 00124", "Gane dinero desde su casa", "")[number % 3],
            ("spam", "attachment", "forged")[number % 3], f"ventas{number}@outside.example",
        )
    for number, subject in enumerate(("Convocatoria a la reunión del jueves, sala grande", "Vendo un escritorio", "")):
        stage.hold(f"lista-3@{FIRST}", subject, f"vecino{number}@outside.example")
    stage.journal(FIRST)

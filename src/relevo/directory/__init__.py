"""Domains, mailboxes, aliases, lists and administrators: the models, and the functions that CLI, API and web call.

A rule is written once, here. Every function takes plain values, checks them, writes in one transaction and raises
DirectoryError with one sentence that says what to do. Call `start()` before anything else of this package is imported.

    addresses.py   what an address or a domain name may look like
    registry.py    what exists at an address, and who refers to it
    loops.py       mail must not run in circles
    domains.py mailboxes.py aliases.py lists.py purge.py    the verbs
    mirror.py      the addresses of alias domains
    administrators.py login.py scope.py    who administers on the web, how they get in, what they may see
    tokens.py kept_answers.py api_models.py    programs that use the API: what they show, and answers given again
    searching.py describe.py    what lists on the web, API and CLI share
    owners.py owner_factors.py app_passwords.py sieve/    what mailbox owners do by themselves, and their programs
    attempts.py    attempts to log in that failed
    guards.py guard_models.py    rules over many rows, kept on both nodes at once
    factors.py totp.py security_keys.py recovery.py    second factors of their login
    dkim/          the keys that each domain's mail is signed with, and what DNS says of a domain
    sealing.py     secrets that must be read again, as the database keeps them
    queue/         the mail queues of both nodes
    trace/         which way messages took, out of both nodes' journals
    quarantine/ sender_rules.py    what the filter refused, what is said of senders; quarantine/digest/: the daily lists
    mail_words.py  texts out of strangers' mail, as people may read them
    status/        how the platform is; at_once.py asks several at the same time
    bulk/          tables of many mailboxes, aliases or lists
    audit.py       who changed what
    passwords.py   strength and hash
    hooks.py       tell Dovecot that an account has changed
    install.py     what a new platform gets: tables, first domain, probe mailbox, postmaster
    migrations/    the tables, and the views that Postfix, Dovecot and the webmail read
"""

from __future__ import annotations

import os


def start() -> None:
    """Make Django ready, with this node's settings unless others are named in DJANGO_SETTINGS_MODULE.

    Raises:
        ConfigurationError: the cluster file or the secrets of this node can't be read.
    """
    import django  # noqa: PLC0415 - the commands that don't need the accounts must start fast
    from django.apps import apps  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "relevo.directory.settings")
    if not apps.ready:
        django.setup()

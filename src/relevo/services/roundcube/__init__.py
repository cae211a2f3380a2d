"""Webmail (Roundcube): see README.md beside this file."""

from relevo.services.base import MAIL, Service, one_after_another

# One node creates the tables, the other finds them: two that create the same at once end in a deadlock of Galera.
SERVICE = Service(
    name="roundcube",
    title="webmail (Roundcube)",
    roles=MAIL,
    first=one_after_another,
)

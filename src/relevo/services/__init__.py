"""The services, in the order in which a machine gets them; each position has its reason."""

from relevo.services import (
    accounts_backup,
    adoption,
    agent,
    amavis,
    base_os,
    bind,
    certificates,
    clamav,
    dhcp,
    directory,
    dkim,
    dovecot,
    fail2ban,
    fence,
    firewall,
    garbd,
    glusterfs,
    keepalived,
    lookup,
    mariadb,
    nfs,
    nginx,
    postfix,
    prometheus,
    quarantine,
    queue,
    roundcube,
    sharing,
    spamassassin,
    storage,
    trace,
    use,
    web,
)
from relevo.services.base import Service

SERVICES: tuple[Service, ...] = (
    base_os.SERVICE,  # names, time and users come before everything that uses them
    firewall.SERVICE,  # nothing listens before the firewall knows its ports
    fence.SERVICE,  # a machine that is cut off, and a closed gate, must be so before storage and services start
    agent.SERVICE,  # says for a machine that was cut off (or its successor) that it begins anew: else it can't mount
    bind.SERVICE,  # the other services look names up
    certificates.SERVICE,  # every service that speaks TLS reads them at its start
    glusterfs.SERVICE,  # the volume must stand before it is mounted
    nfs.SERVICE,  # the export must stand before it is mounted
    storage.SERVICE,  # queue and mailboxes are on it
    mariadb.SERVICE,  # accounts; the first node starts the cluster, the second joins
    garbd.SERVICE,  # the third vote joins a cluster that exists (alone it would block every later start)
    directory.SERVICE,  # the lookups of Postfix and Dovecot read its views
    dkim.SERVICE,  # lays down the keys that the accounts have, which Amavis signs with
    clamav.SERVICE,  # Amavis asks it
    spamassassin.SERVICE,  # Amavis loads its rules at start
    amavis.SERVICE,  # Postfix hands every message to it
    dovecot.SERVICE,  # Postfix delivers to it and asks it for passwords
    postfix.SERVICE,  # the door opens when all behind it works
    adoption.SERVICE,  # a second Postfix for the other node's queue, laid ready
    roundcube.SERVICE,  # needs IMAP, SMTP and the database
    web.SERVICE,  # needs the accounts; lays its room ready for nginx, which reads it next
    sharing.SERVICE,  # lays down who shares which mailbox; Dovecot has the places, the web the way to ask root, by now
    quarantine.SERVICE,  # hands released mail from the administration, whose user exists by now, to Postfix
    trace.SERVICE,  # reads what all of the above say of each message
    use.SERVICE,  # reads what Dovecot and Postfix say of logins, and writes it into the accounts' database
    queue.SERVICE,  # lets the administration, whose user exists by now, look into Postfix's queues
    lookup.SERVICE,  # asks name servers for the administration, which has no network
    nginx.SERVICE,  # serves Roundcube and the administration
    fail2ban.SERVICE,  # reads the logs of all of the above
    dhcp.SERVICE,  # hands out the addresses of the name servers, which answer by now
    accounts_backup.SERVICE,  # copies what the database holds
    prometheus.SERVICE,  # watches all of the above
    keepalived.SERVICE,  # the virtual IP comes last: only a node that is well may have it
)

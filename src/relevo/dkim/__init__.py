"""relevo-dkim: has the keys of the database where Amavis and BIND read them, on each mail node, as root.

It asks the database every few seconds, opens the keys that sign, and writes what has changed; Amavis takes it up with
the next message (services/amavis), BIND by a reload of that one zone. Without the database everything stays as it is.

    settings.py    what it is told
    database.py    all keys that are published
    keyring.py     from the rows to the files (pure)
    writing.py     files in place, one step after the other, none by half
    zone.py        the zone of the first domain's keys, for our own name servers
    loop.py        again and again; what it says of itself
"""

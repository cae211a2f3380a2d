"""What DNS must say of the platform, and whether it does. Pure: nobody is asked here.

Shared by the zones that BIND serves (services/bind), `relevo dns` (operate), and the pages and the API (directory).

    record.py    a resource record, and TXT data in strings of 255 bytes
    facts.py     what of a cluster is told, inside and outside
    mail.py      the records that make a domain a mail domain
    zone.py      serials of zone files, and the zone of a domain's DKIM keys
    verdict.py   whether what is found under a name is what should be there
"""

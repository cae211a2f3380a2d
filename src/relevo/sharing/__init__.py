"""relevo-sharing: has Dovecot know who shares which mailbox, on each mail node, as root.

It asks the database every two seconds and writes what has changed to the local disk, where Dovecot reads it; sessions
of who has lost a right are ended after that. Without the database everything stays as it is.

    settings.py    what it is told
    database.py    who shares what
    access.py      from the rows to the files (pure)
    writing.py     files and links in place; nobody has a way in without a right, in whichever moment
    dovecot.py     what root does for it: folders of a new shared mailbox, the end of sessions
    loop.py        again and again; what it says of itself
"""

"""The quarantine: copies of what the filter refused from outside, for web, portal, API and commands.

The copies are mails in a mailbox of the platform's own; what becomes of one for each of its recipients is in the
database, where both nodes see it at once. Why it is so: docs/decisions/0014.

    sight.py       which copies, and which of their recipients, somebody may see
    copies.py      one copy, out of the headers that the filter has written above it (pure)
    store.py       the mailbox, by IMAP
    asking.py      lists, one copy, what is in it
    reading.py     what is in a message, as plain text (pure)
    original.py    the message as it came, without what we have put above it (pure)
    handing_in.py  how a released message gets to Postfix
    changing.py    release, delete
    words.py       what became of that, in sentences
    digest/        the daily lists for owners, and their links
    chores.py      what goes by itself: after so many days, or when the room is used up
"""

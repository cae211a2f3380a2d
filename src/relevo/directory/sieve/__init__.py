"""Absence notes of mailbox owners: a rule in the Sieve script that the webmail edits, too.

words.py: the words of a script (RFC 5228), each with its place
rules.py: a script's rules as the webmail marks them, and the one that holds the note
notes.py: a note as plain values, in and out of a rule
client.py: ManageSieve (RFC 5804), as much as is needed of it
access.py: the portal's way into an owner's scripts, without a password that lasts
absence.py: the verbs: read and set
"""

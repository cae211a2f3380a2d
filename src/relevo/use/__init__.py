"""relevo-use: who uses a mailbox, when and from where, and how full it is, out of this node's journal.

Why it is so: docs/decisions/0016-use-of-mailboxes.md. Standard library alone, beside the way to the database.
"""

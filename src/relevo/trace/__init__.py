"""relevo-trace: which way each message took, out of the journals of both mail nodes.

Runs on each mail node as an account without rights (services/trace): follows the journal, keeps an index of it, and
answers relevo-queue-control, which asks both nodes and joins what they say. Standard library only.

    journal.py      the lines of the mail services, from journald, behind a cursor
    lines.py        from a line to what it says (pure); smtp.py, delivery.py, filtering.py know the formats
    connections.py  which message the lines of an SMTP dialogue belong to (pure)
    letters.py      what the lines of one message come to: sender, recipients, results (pure)
    index.py        the index: lines, addresses and the cursor, in one transaction
    finding.py      searches in the index
    questions.py    what can be asked, each part of it checked (pure)
    server.py       the socket on which the index of this node is asked

    parts.py        what a node tells of a message (pure)
    joining.py      from the parts of both nodes to traces (pure); steps.py says what happened in each
    rights.py       what of a trace an administrator of some domains may see (pure)
    answers.py      from a question to the answer of both nodes, for relevo-queue-control
"""

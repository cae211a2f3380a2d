"""relevo-queue-control: the mail queues of this node, for who may not read or change them by themselves.

Runs on each mail node as root (services/queue), and does a closed list of things. Standard library only.

    questions.py   what can be asked, each part of it checked; nothing else reaches Postfix
    listing.py     from the lines of postqueue(1) to the rows that were asked for (pure)
    postfix.py     the commands of Postfix, each with a deadline
    queues.py      which queues this node works on: its own, and an adopted one
    flow.py        how much has gone through, from the lines of Postfix's journal (pure)
    journal.py     follows that journal, keeps the counts, and hears the other node's
    answers.py     from a question to the answer, here or from the other node
    peer.py        the other node, by mutual TLS with the agents' key
    server.py      the socket and the port
    ask.py         how the web and the command ask, by the socket
"""

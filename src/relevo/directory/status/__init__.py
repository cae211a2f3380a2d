"""How the platform is, for the first page of the administration and the API.

    asking.py    the agent of this node, and who counts mail: local sockets, each with a deadline
    picture.py   everything at one moment, out of what they said (pure)
    mailflow.py  mail of the last day by the hour (pure)
    telling.py   the same as plain values, for the API
    own.py       what administrators of some domains see in its place

Nothing here waits for another machine: the agent of this node hears the others several times a second, and
relevo-queue-control remembers what the other node has counted. So the page comes as quickly when a machine is dead.
"""

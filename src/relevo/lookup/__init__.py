"""relevo-lookup: asks name servers, for who has no network or should not speak with strangers.

systemd starts it for each question to its socket (services/dkim), as a user of its own without any rights or files:
what it parses comes from everywhere. It answers within two seconds, with what it knows by then.

    ask.py          how the web and commands ask it, by the socket
    questions.py    what can be asked, each part of it checked
    servers.py      a domain's own name servers, as the world finds them
    answers.py      the questions of a domain, all at once
"""

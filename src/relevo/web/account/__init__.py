"""The portal for mailbox owners at `/account/`: small pages of our own frame, for what one would else ask for.

    urls.py        its addresses
    session.py     who is logged in, and which pages are for whom
    pages.py       how a page is shown
    fields.py      fields of forms, as plain HTML
    entrance.py    login, second factor at it, and logout
    overview.py password.py factor.py programs.py forwarding.py absence.py quarantine.py setting_up.py    a page each

It shares processes and middleware with the administration and nothing else: the cookies of each are the other's never
(`relevo.web.middleware.rooms`), and whoever is logged in here is nobody there. Rules are in `relevo.directory.owners`
and the modules around it.
"""

"""The administration on the web: a Django project at `/admin/`, with Unfold's looks and the directory's functions.

`api/` is the API for programs, at `/api/`; its own docstring says what is in it. The rest is the pages for people:

    base.py        settings that are the same everywhere; settings.py adds what a node is told in web.json
    sections/      a page each for domains, mailboxes, aliases, lists, administrators, API tokens and the audit log
    site.py        the site: what is in the menu, one's own password
    dashboard.py dashboard_rows.py dashboard_facts.py charts.py    the first page: the platform at a glance
    section.py     what all sections share: rows only of one's own domains, every write through the directory
    form.py        forms that write through the directory's functions
    tables.py      importing and exporting a section's entries
    asking.py      the question before something is removed or brought back
    login.py  the form of the login, and how Django finds who is logged in
    second_step.py half.py   the second factor at the login, and the session meanwhile
    own_factors.py new_factors.py factor_forms.py qr.py   one's own second factors
    middleware.py  who acts and from where, in which language, and what a page may load
    building.py    settings with which the static files are collected
    templates/ static/    what differs from Unfold's, so that pages run without inline scripts and styles

Rules about accounts are not here: `relevo.directory` has them, for the CLI too. Every row that is shown, offered or
changed comes out of `relevo.directory.scope`.
"""

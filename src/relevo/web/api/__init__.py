"""The REST API at `/api/v1/`: the directory's functions for programs, with tokens.

    site.py          the API itself, its addresses and what becomes of errors
    operations/      one file for each kind of entry: what can be asked
    kind.py          what all kinds share: pages, conditions, answers
    shapes.py        what is sent and received, as the OpenAPI document describes it: what all have in common, shared
                     mailboxes, aliases and lists; domain_shapes.py, mailbox_shapes.py ... of one kind each
    words.py         the fields' types: addresses, domain names, passwords
    bearer.py        who asks, and what the token may do
    problems.py      errors, after RFC 9457; invalid.py what is wrong with which field
    conditions.py    ETag, If-Match and If-None-Match, after RFC 9110
    telling.py       what the OpenAPI document says of each operation; document.py the document
    middleware.py    what Django answers by itself, as a problem too

Every row comes out of `relevo.directory.scope`, every change is a function of `relevo.directory`: rules are there.
"""

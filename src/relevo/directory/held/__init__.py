"""Posts to distribution lists that wait until an owner of the list lets them through or refuses them.

The posts are mails in a mailbox of the platform's own; what is decided about one is in the database, where both nodes
see it at once. Why it is so: docs/decisions/0017. Whose posts wait says relevo.directory.moderation.

    sight.py     which lists' posts somebody sees
    posts.py     one post, out of its headers; as it is let through (pure)
    box.py       the mailbox, by IMAP
    asking.py    lists, one post, what is in it
    deciding.py  let through, refuse, delete
    refusal.py   what the sender of a refused post is told (pure)
    links.py     links that decide without a login
    letter.py    what an owner is told of posts that wait (pure)
    telling.py   who is told what, and when
    words.py     what became of a decision, in sentences
    chores.py    what the timer starts: owners are told, and what nobody decided about goes
"""

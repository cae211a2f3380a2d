"""The daily list: what was refused for an owner since the last one, by mail, with a link for each message.

Nobody gets two in a run. Each owner's row is written before Postfix is asked, so two processes, or two nodes, meet
there. Who dies between the row and Postfix's answer leaves it without `sent_at`: that list is not sent again, since it
may have arrived, and what it held stands in the owner's next list, too. So an owner is told twice of a message rather
than never, but never twice a day.

    runs.py      which run it is, and which copies it is for
    sorting.py   whose they are
    letter.py    the mail itself (pure)
    sending.py   one owner after another
    links.py     the links in it
    daily.py     what the timer starts, and what it leaves for the agent to see
"""

"""Many mailboxes, aliases or lists at once, as tables that spreadsheets read and write (CSV).

    text.py       a file's bytes into lines with named cells, and back
    kinds.py      which columns a table of mailboxes, aliases or lists has, and what stands in them
    known.py      what exists at the addresses that a table speaks of
    planning.py   what a table would add, change and leave, and all that is wrong with it
    carrying.py   carrying that out, some rows a transaction
    exporting.py  what there is, as a table

A plan foresees what the functions of the directory would say, so that everything is said at once and before anything is
done; what is done, they do, and have the last word.
"""

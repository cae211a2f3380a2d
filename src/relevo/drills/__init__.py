"""The acceptance drills: real clients from outside against the virtual IP, and faults that the platform must survive.

result.py      Check, DrillResult, Run: what was observed, as plain data
recorder.py    collects checks; a check that observed nothing can't pass
platform.py    how a drill reaches machines: by the lab's driver, or by SSH
vocabulary.py  World and Node: the words that drills are written with
waiting.py     eventually(...)
nodes.py, breaking.py   a machine in the words of a drill; the commands that break its services and disks
watch.py       probes every 20 ms while something is broken; outage.py computes what clients saw of it
mail.py, mailbox.py, accounts.py, names.py, trust.py, webmail.py   the clients
ledger.py, stream.py, arrivals.py   numbered messages while something breaks, and what became of each
events.py, verdicts.py, stranded.py   what happens to which machine while they flow, and what the table says of it
mishaps.py     random schedules of faults that overlap
writer.py, writers.py, writelog.py   who writes the mail store when: what runs on the nodes, and what its log proves
mending.py     whole again, the end of every drill that breaks something
catalogue.py   DRILLS: one module a promise, each given / when / then
runner.py, table.py, report.py   run them, show the result
"""

"""Every job that the pages offer, done once in a real browser as whom it is for, and its effect looked for elsewhere.

`place.py` is what a job needs of where the platform is: `over_the_platform.py` is a real one, the unit tests have one
on loopback. `office.py` is what a job is done with; `catalogue.py` has them all, in their order.

A new job is a function of the office, in the module of its subject, which does it on the page, looks for the effect
without that page, and says what it saw; and a line in that module's `JOBS`.
"""

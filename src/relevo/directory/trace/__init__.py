"""Which way messages took, for web, API and commands; `relevo.trace` reads the journals of both mail nodes.

asking.py finds traces and notes who looked for what, traces.py is what it returns; words.py says in plain words what
happened, and refusals.py why a message was refused.
"""

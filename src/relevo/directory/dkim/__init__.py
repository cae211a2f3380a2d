"""DKIM: the keys that each domain's mail is signed with, and how one follows another.

keys.py has the verbs, publishing.py what DNS must say of a domain and whether it does, steps.py what happens by itself:
a new key signs when DNS shows it, a retired one goes when DNS does not show it any more.
"""

"""The mail queues, for web, API and commands; `relevo.queue` does on each node what only root may.

asking.py says what waits, changing.py does something with it; messages.py is what both speak of, reasons.py why a
message waits, in plain words, and words.py what became of a change, in sentences.
"""

"""The three machines on one computer, with a client and a foreign mail server beside them.

A lab is a folder: `relevo.toml`, its secrets, a key, `ssh_config`, and the machines' disks. Its machines, network and
process groups carry a tag made of that folder's path, so labs of several clones run side by side.
"""

"""The driver `vm`: the three machines are QEMU's, with kernels and disks of their own.

The client stays a container, and all stand on the lab's one bridge; so whatever is done to a machine's cable, from the
client or by SSH, is done as with containers.
"""

"""Relevo: a corporate mail platform on three machines that survives the loss of any one."""

__version__ = "0.1.0"

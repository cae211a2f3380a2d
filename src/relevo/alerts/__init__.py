"""Tells people: takes alerts from Alertmanager on the storage machine and sends them on over every way they named."""

"""The driver `nspawn`: the machines are containers of systemd-nspawn, on layers over one image."""

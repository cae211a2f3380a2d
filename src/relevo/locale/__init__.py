"""The translations: a catalogue (.po) a language, what gettext reads (.mo), and how the source's messages are found."""

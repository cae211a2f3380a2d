"""Django's MySQL backend over PyMySQL, with migrations that can be interrupted and run again."""

"""The table of what the built-in profiles refuse: rows are tried in containers and held against expectations.toml."""

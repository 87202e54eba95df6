"""Many containers alive at once, and many one after the other: how long each call takes, what each costs, and what stays."""

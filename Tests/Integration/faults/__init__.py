"""One system call of the runtime fails, or the runtime is killed before it; nothing may come of it but an error."""

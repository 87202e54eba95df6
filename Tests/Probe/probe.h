#ifndef PROBE_H
#define PROBE_H

// What main was called with.
extern int probe_argument_count;
extern char **probe_arguments;

// Each takes the words after its name and returns the exit status.
int command_report(int count, char **words);
int command_try(int count, char **words);

#endif

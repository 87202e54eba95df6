/* What raind-oci does before main (CSelfClone), with sanitizers: the parts that work on texts and lists. */
#include "../../../Sources/CSelfClone/self_clone.c"
#include "shims.h"

#include <stdlib.h>

void try_constructor(struct input *input) {
    size_t count = take_byte(input) % 40, kept = 0, next = 0;
    char **environment = malloc((count + 1) * sizeof *environment), **copy = malloc((count + 1) * sizeof *copy);
    for (size_t i = 0; i < count; i++) {
        environment[i] = take_byte(input) % 3 == 0 ? strdup(SELF_CLONE_MARKER) : take_text(input);
        copy[i] = environment[i];
        kept += strcmp(environment[i], SELF_CLONE_MARKER) != 0;
    }
    environment[count] = NULL;
    require(take_marker(environment) == (kept < count), "the marker is told");
    while (environment[next] != NULL)
        next++;
    require(next == kept, "the marker alone is taken out");
    require(!take_marker(environment), "and no marker is left");
    for (size_t i = 0; i < count; i++)
        free(copy[i]);
    free(copy);
    free(environment);

    struct attempts *attempts = calloc(1, sizeof *attempts);
    for (int i = take_byte(input) % 64; i >= 0; i--) {
        char *operation = take_text(input);
        note(attempts, operation, take_byte(input));
        require(strlen(attempts->text) < sizeof attempts->text, "the message ends");
        free(operation);
    }
    free(attempts);
}

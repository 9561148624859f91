/* The lock-up: all of it stands before the connector's first instruction. docs/connectors.md says what is left. */
#ifndef RUNNER_SANDBOX_H
#define RUNNER_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arguments.h"

/* ---- Profiles ---- */

enum path_access {
    PATH_READ_TREE,  /* a folder: list it and read what is in it */
    PATH_READ_FILE,  /* one file */
    PATH_WRITE_FILE, /* one file or device, read and written */
};

struct path_rule {
    const char *path; /* one that doesn't exist is passed over */
    enum path_access access;
};

struct profile {
    const char *name;
    const struct path_rule *paths;
    size_t path_count;
};

/* NULL: there is no profile of that name. */
const struct profile *profile_named(const char *name);

/* ---- The layers, in the order in which they are put on ---- */

struct sandbox {
    const struct profile *profile;
    int landlock_abi; /* in force; 0: none */
    bool seccomp;
    uint32_t uid;
    unsigned missing; /* LAYER_… */
};

/* Descriptors, user, capabilities, limits, Landlock, seccomp. Whatever can't be put on ends the process. */
struct sandbox sandbox_enter(const struct arguments *arguments);

/* Closes what was not handed in. */
void limits_close_descriptors(uint64_t inputs);
/* Another user under root, no capabilities, not dumpable, killed with its parent. */
void limits_drop_privileges(const struct arguments *arguments);
void limits_set(const struct arguments *arguments);
/* The version in force, 0 if the kernel has none. */
int landlock_enter(const struct profile *profile, uint64_t highest_abi);
/* False: the kernel has none. */
bool seccomp_enter(void);

#endif

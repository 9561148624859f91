#ifndef RUNNER_ARGUMENTS_H
#define RUNNER_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

/* Layers of the sandbox, as bits: what --require names, and what is missing. */
enum { LAYER_LANDLOCK = 1, LAYER_SECCOMP = 2 };

struct arguments {
    const char *profile;
    uint32_t uid;
    uint32_t gid;
    bool has_uid;
    bool has_gid;
    uint64_t memory; /* bytes of address space; 0: no limit */
    uint64_t nofile;
    uint64_t inputs;
    uint64_t landlock_abi; /* at most this version */
    unsigned required;
};

/* Ends the process with a line on stderr if something in them is wrong. */
struct arguments arguments_read(int count, char **values);

#endif

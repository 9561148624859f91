#include "arguments.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stop.h"

static const char usage[] =
    "usage: trainflow-runner --profile pure --uid N --gid N --memory BYTES [--inputs N] [--nofile N]\n"
    "                        [--require landlock,seccomp] [--landlock-abi N]\n"
    "It is started by the host, with descriptors 3 to 7 as docs/wire.md says; by hand it is of no use.\n";

static _Noreturn void refuse(const char *what, const char *value) {
    fprintf(stderr, "trainflow-runner: %s%s\n%s", what, value, usage);
    exit(EXIT_USAGE);
}

static uint64_t read_number(const char *name, const char *value, uint64_t largest) {
    char *end;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 || number > largest)
        refuse("not a number in range for ", name);
    return number;
}

static unsigned read_layers(const char *value) {
    unsigned layers = 0;
    for (const char *at = value; *at;) {
        size_t len = strcspn(at, ",");
        if (len == 8 && strncmp(at, "landlock", len) == 0)
            layers |= LAYER_LANDLOCK;
        else if (len == 7 && strncmp(at, "seccomp", len) == 0)
            layers |= LAYER_SECCOMP;
        else
            refuse("--require takes landlock and seccomp, not ", value);
        at += len + (at[len] == ',');
    }
    return layers;
}

static void read_one(struct arguments *arguments, const char *name, const char *value) {
    if (strcmp(name, "--profile") == 0) {
        arguments->profile = value;
    } else if (strcmp(name, "--uid") == 0) {
        arguments->uid = (uint32_t)read_number(name, value, UINT32_MAX - 1);
        arguments->has_uid = true;
    } else if (strcmp(name, "--gid") == 0) {
        arguments->gid = (uint32_t)read_number(name, value, UINT32_MAX - 1);
        arguments->has_gid = true;
    } else if (strcmp(name, "--memory") == 0) {
        arguments->memory = read_number(name, value, UINT64_MAX);
    } else if (strcmp(name, "--nofile") == 0) {
        arguments->nofile = read_number(name, value, 1 << 20);
    } else if (strcmp(name, "--inputs") == 0) {
        arguments->inputs = read_number(name, value, 1 << 16);
    } else if (strcmp(name, "--landlock-abi") == 0) {
        arguments->landlock_abi = read_number(name, value, 1 << 16);
    } else if (strcmp(name, "--require") == 0) {
        arguments->required = read_layers(value);
    } else {
        refuse("unknown argument ", name);
    }
}

struct arguments arguments_read(int count, char **values) {
    struct arguments arguments = {.nofile = 256, .landlock_abi = UINT64_MAX};
    for (int i = 1; i < count; i += 2) {
        if (i + 1 == count)
            refuse("no value for ", values[i]);
        read_one(&arguments, values[i], values[i + 1]);
    }
    if (!arguments.profile)
        refuse("--profile is missing", "");
    return arguments;
}

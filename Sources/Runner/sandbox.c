#include "sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "frames.h"
#include "stop.h"

/*
 * All of /proc, or libdispatch dies at random: it reads /proc/<tid>/stat of its own threads. What belongs to other
 * processes there (environ, maps, mem, fd) stays closed, since Landlock forbids looking into a process outside.
 */
static const struct path_rule pure_paths[] = {
    {"/lib", PATH_READ_TREE},
    {"/lib32", PATH_READ_TREE},
    {"/lib64", PATH_READ_TREE},
    {"/usr/lib", PATH_READ_TREE},
    {"/usr/lib32", PATH_READ_TREE},
    {"/usr/lib64", PATH_READ_TREE},
    {"/usr/local/lib", PATH_READ_TREE},
    {"/proc", PATH_READ_TREE},
    {"/usr/share/zoneinfo", PATH_READ_TREE},
    {"/etc/ld.so.cache", PATH_READ_FILE},
    {"/etc/localtime", PATH_READ_FILE},
    {"/dev/urandom", PATH_READ_FILE},
    {"/dev/null", PATH_WRITE_FILE},
};

/* A profile that may reach the network adds its row here, with the CA store and resolver files. */
static const struct profile profiles[] = {
    {"pure", pure_paths, sizeof pure_paths / sizeof pure_paths[0]},
};

const struct profile *profile_named(const char *name) {
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++)
        if (strcmp(profiles[i].name, name) == 0)
            return &profiles[i];
    return NULL;
}

static void enter_scratch_folder(void) {
    if (fchdir(SCRATCH_DESCRIPTOR) != 0)
        stop("sandbox",
             "the scratch folder (descriptor 7) can't be entered as user %u: %s; it must belong to that user",
             (unsigned)geteuid(), strerror(errno));
}

static void refuse_new_privileges(void) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        stop("sandbox", "no_new_privs: %s", strerror(errno));
}

static void check_required(unsigned missing, unsigned required) {
    if (missing & required & LAYER_LANDLOCK)
        stop("sandbox",
             "this kernel has no Landlock (5.13 or newer with it enabled is needed), and the host requires it");
    if (missing & required & LAYER_SECCOMP)
        stop("sandbox", "this kernel has no seccomp filters, and the host requires them");
}

struct sandbox sandbox_enter(const struct arguments *arguments) {
    struct sandbox sandbox = {.profile = profile_named(arguments->profile)};
    if (!sandbox.profile)
        stop("sandbox", "this runner has no sandbox profile \"%s\"; it has: pure", arguments->profile);
    limits_close_descriptors(arguments->inputs);
    limits_drop_privileges(arguments);
    enter_scratch_folder();
    limits_set(arguments);
    refuse_new_privileges();
    sandbox.uid = (uint32_t)geteuid();
    sandbox.landlock_abi = landlock_enter(sandbox.profile, arguments->landlock_abi);
    sandbox.seccomp = seccomp_enter();
    sandbox.missing = (sandbox.landlock_abi == 0 ? LAYER_LANDLOCK : 0u) | (sandbox.seccomp ? 0u : LAYER_SECCOMP);
    check_required(sandbox.missing, arguments->required);
    return sandbox;
}

#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "frames.h"
#include "stop.h"

/*
 * Landlock's numbers, from the kernel's include/uapi/linux/landlock.h: Debian 12's header ends at version 2, the
 * kernel below may know 7. What each version added stands by it.
 */
enum { CALL_CREATE_RULESET = 444, CALL_ADD_RULE = 445, CALL_RESTRICT_SELF = 446 };
enum { CREATE_RULESET_VERSION = 1, RULE_PATH_BENEATH = 1 };

#define FS_EXECUTE (1ull << 0)
#define FS_WRITE_FILE (1ull << 1)
#define FS_READ_FILE (1ull << 2)
#define FS_READ_DIR (1ull << 3)
#define FS_REMOVE_DIR (1ull << 4)
#define FS_REMOVE_FILE (1ull << 5)
#define FS_MAKE_DIR (1ull << 7)
#define FS_MAKE_REG (1ull << 8)
#define FS_ALL_OF_1 ((1ull << 13) - 1)
#define FS_REFER (1ull << 13)     /* 2: move or link into another folder */
#define FS_TRUNCATE (1ull << 14)  /* 3 */
#define FS_IOCTL_DEV (1ull << 15) /* 5 */
#define NET_BIND_TCP (1ull << 0)  /* 4 */
#define NET_CONNECT_TCP (1ull << 1)
#define SCOPE_ABSTRACT_UNIX (1ull << 0) /* 6 */
#define SCOPE_SIGNAL (1ull << 1)

struct ruleset_attributes {
    uint64_t handled_access_fs;
    uint64_t handled_access_net; /* 4 */
    uint64_t scoped;             /* 6 */
};

struct path_beneath_attributes {
    uint64_t allowed_access;
    int32_t parent_fd;
} __attribute__((packed));

/* 7 only added flags for the audit log, which we leave at their defaults. */
static const int highest_known = 7;

static int abi_in_force(uint64_t highest) {
    long version = syscall(CALL_CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION);
    if (version < 1)
        return 0; /* ENOSYS: not built in; EOPNOTSUPP: switched off at boot */
    if (version > highest_known)
        version = highest_known;
    return (uint64_t)version > highest ? (int)highest : (int)version;
}

static uint64_t handled_fs(int abi) {
    return FS_ALL_OF_1 | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) | (abi >= 5 ? FS_IOCTL_DEV : 0);
}

static int create_ruleset(int abi) {
    struct ruleset_attributes attributes = {
        .handled_access_fs = handled_fs(abi),
        .handled_access_net = abi >= 4 ? NET_BIND_TCP | NET_CONNECT_TCP : 0,
        .scoped = abi >= 6 ? SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL : 0,
    };
    size_t size = abi >= 6 ? sizeof attributes : abi >= 4 ? 16 : 8;
    int ruleset = (int)syscall(CALL_CREATE_RULESET, &attributes, size, 0);
    if (ruleset < 0)
        stop("sandbox", "Landlock refuses the rule set: %s", strerror(errno));
    return ruleset;
}

static void allow(int ruleset, int descriptor, uint64_t access, const char *what) {
    struct path_beneath_attributes rule = {.allowed_access = access, .parent_fd = descriptor};
    if (syscall(CALL_ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0) != 0)
        stop("sandbox", "Landlock refuses the rule for %s: %s", what, strerror(errno));
}

static uint64_t access_bits(enum path_access access) {
    switch (access) {
    case PATH_READ_TREE:
        return FS_READ_FILE | FS_READ_DIR;
    case PATH_READ_FILE:
        return FS_READ_FILE;
    case PATH_WRITE_FILE:
        return FS_READ_FILE | FS_WRITE_FILE;
    }
    return 0;
}

static void allow_path(int ruleset, struct path_rule rule) {
    int descriptor = open(rule.path, O_PATH | O_CLOEXEC);
    if (descriptor < 0)
        return; /* what can't be opened here can't be opened later either: nothing to allow */
    allow(ruleset, descriptor, access_bits(rule.access), rule.path);
    close(descriptor);
}

/* Files and folders, yes; links, sockets, devices, no: whoever cleans up must not be led astray by them. */
static void allow_scratch(int ruleset, int abi) {
    uint64_t access = FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_REMOVE_FILE | FS_REMOVE_DIR | FS_MAKE_REG |
                      FS_MAKE_DIR | FS_REFER | FS_TRUNCATE;
    allow(ruleset, SCRATCH_DESCRIPTOR, access & handled_fs(abi), "the scratch folder");
}

int landlock_enter(const struct profile *profile, uint64_t highest_abi) {
    int abi = abi_in_force(highest_abi);
    if (abi == 0)
        return 0;
    bool has_runtime = fcntl(RUNTIME_DESCRIPTOR, F_GETFD) >= 0; /* before a descriptor of our own takes the number */
    int ruleset = create_ruleset(abi);
    for (size_t i = 0; i < profile->path_count; i++)
        allow_path(ruleset, profile->paths[i]);
    if (has_runtime)
        allow(ruleset, RUNTIME_DESCRIPTOR, access_bits(PATH_READ_TREE), "the Swift runtime (descriptor 6)");
    allow_scratch(ruleset, abi);
    if (syscall(CALL_RESTRICT_SELF, ruleset, 0) != 0)
        stop("sandbox", "Landlock can't be put on: %s", strerror(errno));
    close(ruleset);
    return abi;
}

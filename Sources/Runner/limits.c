#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "frames.h"
#include "stop.h"

enum { CALL_CLOSE_RANGE = 436 }; /* the same number on every machine; older headers lack it */

/* Linux before 5.9. */
static void close_one_by_one(unsigned first) {
    struct rlimit limit;
    rlim_t end = getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 65536;
    for (unsigned descriptor = first; descriptor < end; descriptor++)
        close((int)descriptor);
}

void limits_close_descriptors(uint64_t inputs) {
    unsigned first = FIRST_INPUT_DESCRIPTOR + (unsigned)inputs;
    if (syscall(CALL_CLOSE_RANGE, first, ~0u, 0) != 0)
        close_one_by_one(first);
}

/* ---- User and capabilities ---- */

/* Without CAP_SETPCAP this can't be done, and needn't be: no_new_privs keeps execve from raising anything. */
static void empty_bounding_set(void) {
    for (unsigned long capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++)
        continue;
}

static void become_user(const struct arguments *arguments) {
    if (!arguments->has_uid || !arguments->has_gid || arguments->uid == 0 || arguments->gid == 0)
        stop("sandbox", "under root the runner needs --uid and --gid of an unprivileged user; 0 is refused");
    gid_t gid = arguments->gid;
    uid_t uid = arguments->uid;
    if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
        stop("sandbox", "can't become user %u, group %u: %s", (unsigned)uid, (unsigned)gid, strerror(errno));
}

static void drop_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}}, now[2];
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capset, &header, none) != 0 || syscall(SYS_capget, &header, now) != 0)
        stop("sandbox", "capabilities can't be dropped: %s", strerror(errno));
    for (int i = 0; i < 2; i++)
        if (now[i].effective | now[i].permitted | now[i].inheritable)
            stop("sandbox", "capabilities are left after they were dropped");
}

/* After the change of user, which resets both. */
static void die_with_parent(pid_t parent) {
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        stop("sandbox", "prctl: %s", strerror(errno));
    if (getppid() != parent)
        leave(EXIT_PEER_GONE); /* it died before the kernel was told */
}

void limits_drop_privileges(const struct arguments *arguments) {
    pid_t parent = getppid();
    empty_bounding_set();
    if (geteuid() == 0 || getuid() == 0)
        become_user(arguments);
    drop_capabilities();
    if (geteuid() == 0 || setuid(0) == 0)
        stop("sandbox", "the runner is still root after it changed its user");
    die_with_parent(parent);
}

/* ---- Resources ---- */

static const rlim_t scratch_file_bytes = 1ull << 30;

/* Never above what the runner was given: only the hard limit's owner could raise it. */
static void lower(__rlimit_resource_t resource, const char *name, rlim_t value) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0)
        stop("sandbox", "%s: %s", name, strerror(errno));
    if (value < limit.rlim_max)
        limit.rlim_max = value;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(resource, &limit) != 0)
        stop("sandbox", "%s: %s", name, strerror(errno));
}

/* RLIMIT_NPROC stays as it is: it counts a user's threads over all runners, and at 0 Swift's tasks hang silently. */
void limits_set(const struct arguments *arguments) {
    lower(RLIMIT_CORE, "RLIMIT_CORE", 0);
    lower(RLIMIT_NOFILE, "RLIMIT_NOFILE", arguments->nofile);
    lower(RLIMIT_FSIZE, "RLIMIT_FSIZE", scratch_file_bytes);
    if (arguments->memory > 0)
        lower(RLIMIT_AS, "RLIMIT_AS", arguments->memory);
}

#define _GNU_SOURCE 1
#include "CSystem.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int csystem_memfd(const char *name) {
    return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

int csystem_seal(int descriptor) {
    return fcntl(descriptor, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
}

int csystem_pidfd_open(pid_t process) {
    return (int)syscall(SYS_pidfd_open, process, 0);
}

int csystem_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int csystem_pidfd_wait(int pidfd, int *signaled, int *status) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    int result;
    do {
        result = waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED);
    } while (result == -1 && errno == EINTR);
    if (result != 0) {
        return -1;
    }
    *signaled = info.si_code != CLD_EXITED;
    *status = info.si_status;
    return 0;
}

int csystem_open_in(int folder, const char *name, int flags) {
    int descriptor;
    do {
        descriptor = openat(folder, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    } while (descriptor == -1 && errno == EINTR);
    return descriptor;
}

int csystem_move_in(int folder, const char *from, int other, const char *to) {
    if (renameat2(folder, from, other, to, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return -1;
    }
    struct stat status;
    if (fstatat(other, to, &status, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return -1;
    }
    return errno == ENOENT ? renameat(folder, from, other, to) : -1;
}

int csystem_eventfd(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

int csystem_random(void *bytes, size_t count) {
    unsigned char *next = bytes;
    while (count > 0) {
        ssize_t got = getrandom(next, count, 0);
        if (got < 0) {
            if (errno == EINTR) {
                continue;
            }
            return -1;
        }
        next += got;
        count -= (size_t)got;
    }
    return 0;
}

int csystem_set_dumpable(int dumpable) {
    return prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0);
}

int csystem_landlock_version(void) {
    const long create_ruleset = 444; /* the same on every machine; Debian 12's headers may lack the name */
    const unsigned version = 1u << 0;
    long answer = syscall(create_ruleset, NULL, 0, version);
    return answer > 0 ? (int)answer : 0;
}

int csystem_has_seccomp_filters(void) {
    unsigned action = SECCOMP_RET_ERRNO;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

int csystem_lock_exclusively(int descriptor) {
    return flock(descriptor, LOCK_EX | LOCK_NB);
}

int csystem_lock_shared(int descriptor) {
    return flock(descriptor, LOCK_SH | LOCK_NB);
}

int csystem_unlock(int descriptor) {
    return flock(descriptor, LOCK_UN);
}

int csystem_socketpair(int *first, int *second) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return -1;
    }
    *first = pair[0];
    *second = pair[1];
    return 0;
}

int csystem_pipe(int *reading, int *writing) {
    int pair[2];
    if (pipe2(pair, O_CLOEXEC) != 0) {
        return -1;
    }
    *reading = pair[0];
    *writing = pair[1];
    return 0;
}

_Static_assert(CSYSTEM_READABLE == (int)EPOLLIN && CSYSTEM_WRITABLE == (int)EPOLLOUT &&
                   CSYSTEM_PEER_CLOSED == (int)EPOLLRDHUP && CSYSTEM_ONCE == (int)EPOLLONESHOT,
               "the events of epoll(7)");

int csystem_epoll(void) {
    return epoll_create1(EPOLL_CLOEXEC);
}

int csystem_epoll_watch(int epoll, int descriptor, uint32_t events, uint64_t tag) {
    struct epoll_event event = {.events = events, .data.u64 = tag};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) == 0) {
        return 0;
    }
    return errno == ENOENT ? epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) : -1;
}

int csystem_epoll_forget(int epoll, int descriptor) {
    return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL);
}

int csystem_epoll_wait(int epoll, uint64_t *tags, uint32_t *events, int capacity, int milliseconds) {
    struct epoll_event ready[64];
    int count = epoll_wait(epoll, ready, capacity < 64 ? capacity : 64, milliseconds);
    for (int index = 0; index < count; index++) {
        tags[index] = ready[index].data.u64;
        events[index] = ready[index].events;
    }
    return count;
}

int csystem_spawn(pid_t *process, const char *path, char *const *arguments, char *const *environment,
                  const int *descriptors, size_t pairs) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        return error;
    }
    error = posix_spawnattr_init(&attributes);
    if (error != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return error;
    }
    /* Two passes, so that a target number never overwrites a source still to be used: first up and out of the way. */
    int highest = 2;
    for (size_t pair = 0; pair < pairs; pair++) {
        highest = descriptors[2 * pair + 1] > highest ? descriptors[2 * pair + 1] : highest;
    }
    int moved[64];
    size_t duplicated = 0;
    if (pairs > sizeof moved / sizeof moved[0]) {
        error = EINVAL;
    }
    for (; error == 0 && duplicated < pairs; duplicated++) {
        moved[duplicated] = fcntl(descriptors[2 * duplicated], F_DUPFD_CLOEXEC, highest + 1);
        if (moved[duplicated] < 0) {
            error = errno;
            break;
        }
    }
    for (size_t pair = 0; error == 0 && pair < pairs; pair++) {
        error = posix_spawn_file_actions_adddup2(&actions, moved[pair], descriptors[2 * pair + 1]);
    }
    if (error == 0) {
        error = posix_spawn_file_actions_addclosefrom_np(&actions, highest + 1);
    }
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    if (error == 0) {
        error = posix_spawn(process, path, &actions, &attributes, arguments, environment);
    }
    for (size_t pair = 0; pair < duplicated; pair++) {
        close(moved[pair]);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

size_t csystem_folder_of(const void *address, char *buffer, size_t capacity) {
    Dl_info info;
    if (dladdr(address, &info) == 0 || info.dli_fname == NULL) {
        return 0;
    }
    const char *slash = strrchr(info.dli_fname, '/');
    if (slash == NULL) {
        return 0;
    }
    size_t length = (size_t)(slash - info.dli_fname);
    if (length + 1 > capacity) {
        return 0;
    }
    memcpy(buffer, info.dli_fname, length);
    buffer[length] = 0;
    return length;
}

const char *csystem_error_text(int code) {
    const char *text = strerrordesc_np(code);
    return text != NULL ? text : "unknown error";
}

void csystem_name_thread(const char *name) {
    char short_name[16];
    strncpy(short_name, name, sizeof short_name - 1);
    short_name[sizeof short_name - 1] = 0;
    pthread_setname_np(pthread_self(), short_name);
}

const char *csystem_signal_name(int signal) {
    return sigabbrev_np(signal);
}

/* Removes an entry that is no folder, or an empty one. 0, or -1 with errno. */
static int remove_entry(int folder, const char *name) {
    if (unlinkat(folder, name, 0) == 0) {
        return 0;
    }
    if (errno != EISDIR && errno != EPERM) {
        return -1;
    }
    return unlinkat(folder, name, AT_REMOVEDIR);
}

static DIR *open_entries(int folder) {
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (again < 0) {
        return NULL;
    }
    DIR *entries = fdopendir(again);
    if (entries == NULL) {
        close(again);
    }
    return entries;
}

/* Takes everything out of folder/name: files are removed, folders moved up into `folder` under new names. */
static void hollow_out(int folder, const char *name, unsigned long *counter) {
    int inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inner < 0 && errno == EACCES && fchmodat(folder, name, 0700, 0) == 0) {
        inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    if (inner < 0) {
        return;
    }
    (void)fchmod(inner, 0700);
    DIR *entries = open_entries(inner);
    struct dirent *entry;
    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            remove_entry(inner, entry->d_name) == 0) {
            continue;
        }
        char up[64];
        snprintf(up, sizeof up, "removed-%d-%lu", (int)getpid(), (*counter)++);
        (void)renameat(inner, entry->d_name, folder, up);
    }
    if (entries != NULL) {
        closedir(entries);
    }
    close(inner);
}

int csystem_empty_folder(int folder) {
    unsigned long counter = 0;
    /* Folders are moved up instead of being entered, so that no depth needs a stack or a descriptor of its own. */
    for (int pass = 0; pass < 100000; pass++) {
        DIR *entries = open_entries(folder);
        if (entries == NULL) {
            return -1;
        }
        int left = 0;
        struct dirent *entry;
        while ((entry = readdir(entries)) != NULL) {
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
                continue;
            }
            left++;
            if (remove_entry(folder, entry->d_name) != 0) {
                hollow_out(folder, entry->d_name, &counter);
                (void)unlinkat(folder, entry->d_name, AT_REMOVEDIR);
            }
        }
        closedir(entries);
        if (left == 0) {
            return 0;
        }
    }
    errno = ENOTEMPTY;
    return -1;
}

void csystem_keep_memory_small(void) {
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    // Setting any of these fixes the others: at its 128 KiB each batch would give its memory back and fault it in anew.
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
    mallopt(M_TOP_PAD, 1 << 20);
}

// Written before the handler is installed and never again; a signal handler may only read such a variable.
static volatile sig_atomic_t stop_descriptor = -1;

static void tell_stop(int signal) {
    int saved = errno;
    unsigned char byte = (unsigned char)signal;
    // A full pipe holds enough signals already.
    ssize_t written = write(stop_descriptor, &byte, 1);
    (void)written;
    errno = saved;
}

int csystem_stop_signals_into(int descriptor) {
    stop_descriptor = descriptor;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = tell_stop;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGTERM, &action, NULL) != 0) {
        return -1;
    }
    return sigaction(SIGINT, &action, NULL);
}

/* What Linux offers and the Glibc module does not import. Thin wrappers only: each returns what the call returns,
   with errno set, and takes no ownership. */
#ifndef CSYSTEM_H
#define CSYSTEM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// memfd_create(2) with MFD_CLOEXEC and sealing allowed.
int csystem_memfd(const char *_Nonnull name);
/// Adds every seal (write, grow, shrink, seal) to a memfd: F_ADD_SEALS in fcntl(2).
int csystem_seal(int descriptor);
/// pidfd_open(2).
int csystem_pidfd_open(pid_t process);
/// pidfd_send_signal(2).
int csystem_pidfd_send_signal(int pidfd, int signal);
/// waitid(2) on a pidfd; fills the exit status or the signal. Returns 0, or -1 with errno. `signaled` is 1 for a
/// signal.
int csystem_pidfd_wait(int pidfd, int *_Nonnull signaled, int *_Nonnull status);
/// eventfd(2), close-on-exec, non-blocking.
int csystem_eventfd(void);
/// getrandom(2) until all bytes are there.
int csystem_random(void *_Nonnull bytes, size_t count);
/// prctl(PR_SET_DUMPABLE).
int csystem_set_dumpable(int dumpable);
/// The version of the kernel's Landlock; 0 where it has none or it is switched off. landlock_create_ruleset(2).
int csystem_landlock_version(void);
/// Whether the kernel has seccomp filters: 1 or 0. seccomp(2), SECCOMP_GET_ACTION_AVAIL.
int csystem_has_seccomp_filters(void);
/// flock(2), exclusive, without waiting.
int csystem_lock_exclusively(int descriptor);
/// flock(2), shared, without waiting: fails while somebody has it exclusively.
int csystem_lock_shared(int descriptor);
/// flock(2), LOCK_UN: also for copies of the descriptor that a child has between fork and exec.
int csystem_unlock(int descriptor);
/// socketpair(2): AF_UNIX, SOCK_STREAM, close-on-exec.
int csystem_socketpair(int *_Nonnull first, int *_Nonnull second);
/// pipe2(2) with O_CLOEXEC.
int csystem_pipe(int *_Nonnull reading, int *_Nonnull writing);

/// epoll_create1(2) with EPOLL_CLOEXEC.
int csystem_epoll(void);
/// epoll_ctl(2): adds the descriptor, or changes what it is watched for. `events` are CSYSTEM_… below.
int csystem_epoll_watch(int epoll, int descriptor, uint32_t events, uint64_t tag);
/// epoll_ctl(2): forgets the descriptor.
int csystem_epoll_forget(int epoll, int descriptor);
/// epoll_wait(2): fills up to `capacity` (64 at most) tags and events; returns their number, or -1 with errno.
int csystem_epoll_wait(int epoll, uint64_t *_Nonnull tags, uint32_t *_Nonnull events, int capacity, int milliseconds);

enum {
    CSYSTEM_READABLE = 0x001,     // EPOLLIN
    CSYSTEM_WRITABLE = 0x004,     // EPOLLOUT
    CSYSTEM_PEER_CLOSED = 0x2000, // EPOLLRDHUP
    CSYSTEM_ONCE = 1 << 30,       // EPOLLONESHOT
};

/// Starts `path`. `descriptors` are pairs (from, to): each `from` becomes `to` in the child; every other descriptor is
/// closed. The child gets a process group of its own, default signal dispositions and an empty signal mask.
/// Returns 0, or an errno value. posix_spawn(3); never fork in a process with threads.
int csystem_spawn(pid_t *_Nonnull process, const char *_Nonnull path, char *_Nullable const *_Nonnull arguments,
                  char *_Nullable const *_Nonnull environment, const int *_Nonnull descriptors, size_t pairs);

/// Has the processor fetch the memory there, which may be any address, without waiting for it.
static inline void csystem_prefetch(const void *_Nullable address) {
    __builtin_prefetch(address, 1);
}

/// Removes everything inside an open folder, however deep, following no link. 0, or -1 with errno.
int csystem_empty_folder(int folder);

/// openat(2) that follows no link in `name`, one part of a path, and waits for nobody: O_NOFOLLOW, O_NONBLOCK, O_NOCTTY
/// and O_CLOEXEC.
int csystem_open_in(int folder, const char *_Nonnull name, int flags);
/// Moves `from` to `to`, where nothing may stand yet: renameat2(2) with RENAME_NOREPLACE. Where the file system can't
/// say so, it is looked at just before.
int csystem_move_in(int folder, const char *_Nonnull from, int other, const char *_Nonnull to);

/// The folder of the shared object that `address` lies in, by dladdr(3); returns its length, 0 if unknown.
size_t csystem_folder_of(const void *_Nonnull address, char *_Nonnull buffer, size_t capacity);

/// The system's sentence for an errno value; static. strerrordesc_np(3).
const char *_Nonnull csystem_error_text(int code);

/// A signal's name without SIG, `SEGV`; static, NULL if there is none. sigabbrev_np(3).
const char *_Nullable csystem_signal_name(int signal);

/// From now on SIGTERM and SIGINT write their number, one byte, to this pipe instead of ending the process. Once only.
/// A handler and not a blocked signal: libdispatch has a thread that waits for all of them. 0, or -1 with errno.
int csystem_stop_signals_into(int descriptor);

/// Makes malloc give memory back: one arena for all threads, and blocks of 128 KiB and more mapped by themselves.
/// Batches are large, short-lived and made on several threads; by default each thread keeps what it once had.
/// mallopt(3). Call it before the first thread.
void csystem_keep_memory_small(void);

/// Names the calling thread, cut at 15 bytes. pthread_setname_np(3).
void csystem_name_thread(const char *_Nonnull name);

#endif

#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stop.h"

/*
 * A list of refusals by errno; nothing is killed for asking. What Landlock can't see (chmod by path, signals before
 * version 6, sockets) is refused here, and so is what the kernel has had most of its holes in.
 * Numbers come from the C library's header; those newer than Debian 12's are the same on every machine.
 */
#if defined(__x86_64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "sandbox_seccomp.c knows x86_64 and aarch64"
#endif

/* mseal. What a newer kernel adds doesn't exist in here, until somebody has looked at it. x32 calls lie above as well.
 */
enum { HIGHEST_KNOWN_CALL = 462 };

enum {
    CALL_QUOTACTL_FD = 443,
    CALL_PROCESS_MRELEASE = 448,
    CALL_FCHMODAT2 = 452,
    CALL_STATMOUNT = 457,
    CALL_LISTMOUNT = 458,
    CALL_LSM_GET_SELF_ATTR = 459,
    CALL_LSM_SET_SELF_ATTR = 460,
    CALL_LSM_LIST_MODULES = 461,
};

struct refusal {
    int call;
    int error;
};

static const struct refusal refusals[] = {
    /* ENOSYS, never EPERM: glibc then falls back to clone, whose flags can be looked at. With EPERM Swift's tasks hang.
     */
    {__NR_clone3, ENOSYS},

    /* Other programs, other processes. */
    {__NR_execve, EACCES},
    {__NR_execveat, EACCES},
    {__NR_ptrace, EPERM},
    {__NR_process_vm_readv, EPERM},
    {__NR_process_vm_writev, EPERM},
    {__NR_process_madvise, EPERM},
    {CALL_PROCESS_MRELEASE, EPERM},
    {__NR_pidfd_open, EPERM},
    {__NR_pidfd_getfd, EPERM},
    {__NR_pidfd_send_signal, EPERM},
    {__NR_kcmp, EPERM},
    {__NR_get_robust_list, EPERM},
    {__NR_move_pages, EPERM},
    {__NR_migrate_pages, EPERM},
    {__NR_tkill, EPERM},
    {__NR_ioprio_set, EPERM},

    /* Sockets, whole. EACCES, as a firewall would answer: getaddrinfo and nscd look-ups take it in their stride. */
    {__NR_socket, EACCES},
    {__NR_socketpair, EACCES}, /* a datagram pair sends to any Unix socket there is */
    {__NR_connect, EACCES},
    {__NR_bind, EACCES},
    {__NR_listen, EACCES},
    {__NR_accept, EACCES},
    {__NR_accept4, EACCES},
    {__NR_sendto, EACCES},
    {__NR_sendmsg, EACCES}, /* would hand descriptors to the host */
    {__NR_sendmmsg, EACCES},
    {__NR_recvmsg, EACCES},
    {__NR_recvmmsg, EACCES},
    {__NR_setsockopt, EACCES},
    {__NR_getsockopt, EACCES}, /* SO_PEERPIDFD would give a handle of the host */

    /* Files of the same user by path or descriptor, past Landlock: the inputs are open for reading only. */
    {__NR_fchmodat, EPERM},
    {CALL_FCHMODAT2, EPERM},
    {__NR_fchmod, EPERM},
    {__NR_fchownat, EPERM},
    {__NR_fchown, EPERM},
    {__NR_setxattr, EPERM},
    {__NR_lsetxattr, EPERM},
    {__NR_fsetxattr, EPERM},
    {__NR_removexattr, EPERM},
    {__NR_lremovexattr, EPERM},
    {__NR_fremovexattr, EPERM},
    {__NR_utimensat, EPERM},
    {__NR_truncate, EPERM}, /* Landlock before 3 doesn't know it */
    {__NR_inotify_init1, EPERM},
    {__NR_inotify_add_watch, EPERM},
    {__NR_fanotify_init, EPERM},
    {__NR_fanotify_mark, EPERM},
    {__NR_open_by_handle_at, EPERM},
    {__NR_name_to_handle_at, EPERM},

    /* Channels to processes of the same user. */
    {__NR_shmget, EACCES},
    {__NR_shmat, EACCES},
    {__NR_shmctl, EACCES},
    {__NR_semget, EACCES},
    {__NR_semctl, EACCES},
    {__NR_semop, EACCES},
    {__NR_msgget, EACCES},
    {__NR_msgsnd, EACCES},
    {__NR_msgrcv, EACCES},
    {__NR_msgctl, EACCES},
    {__NR_mq_open, EACCES},
    {__NR_mq_unlink, EACCES},
    {__NR_add_key, EACCES},
    {__NR_request_key, EACCES},
    {__NR_keyctl, EACCES},

    /* Parts of the kernel that no connector needs and that had the holes. */
    {__NR_io_uring_setup, ENOSYS},
    {__NR_io_uring_enter, ENOSYS},
    {__NR_io_uring_register, ENOSYS},
    {__NR_bpf, EPERM},
    {__NR_perf_event_open, EPERM},
    {__NR_userfaultfd, EPERM},
    {__NR_memfd_secret, EPERM},
    {__NR_memfd_create, EPERM}, /* memory that RLIMIT_AS doesn't count */
    {__NR_io_setup, ENOSYS},    /* takes from fs.aio-max-nr, which all processes share */
    {__NR_seccomp, EPERM},
    {__NR_vmsplice, EPERM},
    {__NR_personality, EPERM},
    {__NR_lookup_dcookie, EPERM},

    /* Users, mounts, namespaces, the machine. */
    {__NR_setuid, EPERM},
    {__NR_setgid, EPERM},
    {__NR_setreuid, EPERM},
    {__NR_setregid, EPERM},
    {__NR_setresuid, EPERM},
    {__NR_setresgid, EPERM},
    {__NR_setfsuid, EPERM},
    {__NR_setfsgid, EPERM},
    {__NR_setgroups, EPERM},
    {__NR_capset, EPERM},
    {__NR_unshare, EPERM},
    {__NR_setns, EPERM},
    {__NR_mount, EPERM},
    {__NR_umount2, EPERM},
    {__NR_pivot_root, EPERM},
    {__NR_chroot, EPERM},
    {__NR_fsopen, EPERM},
    {__NR_fsconfig, EPERM},
    {__NR_fsmount, EPERM},
    {__NR_fspick, EPERM},
    {__NR_move_mount, EPERM},
    {__NR_open_tree, EPERM},
    {__NR_mount_setattr, EPERM},
    {CALL_STATMOUNT, EPERM},
    {CALL_LISTMOUNT, EPERM},
    {CALL_LSM_GET_SELF_ATTR, ENOSYS},
    {CALL_LSM_SET_SELF_ATTR, ENOSYS},
    {CALL_LSM_LIST_MODULES, ENOSYS},
    {__NR_swapon, EPERM},
    {__NR_swapoff, EPERM},
    {__NR_quotactl, EPERM},
    {CALL_QUOTACTL_FD, EPERM},
    {__NR_acct, EPERM},
    {__NR_init_module, EPERM},
    {__NR_finit_module, EPERM},
    {__NR_delete_module, EPERM},
    {__NR_kexec_load, EPERM},
    {__NR_kexec_file_load, EPERM},
    {__NR_reboot, EPERM},
    {__NR_syslog, EPERM},
    {__NR_vhangup, EPERM},
    {__NR_sethostname, EPERM},
    {__NR_setdomainname, EPERM},
    {__NR_settimeofday, EPERM},
    {__NR_clock_settime, EPERM},
    {__NR_adjtimex, EPERM},
    {__NR_clock_adjtime, EPERM},
    {__NR_nfsservctl, ENOSYS},
#if defined(__x86_64__)
    {__NR_fork, EPERM},
    {__NR_vfork, EPERM},
    {__NR_chmod, EPERM},
    {__NR_chown, EPERM},
    {__NR_lchown, EPERM},
    {__NR_utime, EPERM},
    {__NR_utimes, EPERM},
    {__NR_futimesat, EPERM},
    {__NR_inotify_init, EPERM},
    {__NR_modify_ldt, EPERM},
    {__NR_iopl, EPERM},
    {__NR_ioperm, EPERM},
    {__NR_uselib, ENOSYS},
    {__NR_ustat, ENOSYS},
    {__NR_sysfs, ENOSYS},
    {__NR__sysctl, ENOSYS},
    {__NR_create_module, ENOSYS},
    {__NR_get_kernel_syms, ENOSYS},
    {__NR_query_module, ENOSYS},
#endif
};

/* ---- Calls that depend on an argument ---- */

/* What prctl may still be asked: names, and what changes nothing for anybody else. */
static const uint32_t allowed_prctl[] = {PR_SET_NAME,       PR_GET_NAME,         PR_GET_DUMPABLE,    PR_GET_PDEATHSIG,
                                         PR_GET_SECCOMP,    PR_GET_NO_NEW_PRIVS, PR_CAPBSET_READ,    PR_SET_TIMERSLACK,
                                         PR_GET_TIMERSLACK, PR_SET_THP_DISABLE,  PR_GET_THP_DISABLE, PR_SET_VMA,
                                         PR_GET_KEEPCAPS,   PR_GET_SECUREBITS};

/* F_SETOWN and F_SETSIG make the kernel send any signal to any process of the user; leases hold up others. */
static const uint32_t refused_fcntl[] = {F_SETOWN, F_SETOWN_EX, F_SETSIG, F_SETLEASE, F_NOTIFY};
/* What the C library asks of a descriptor; the rest types into terminals, names owners, changes flags of files. */
static const uint32_t allowed_ioctl[] = {TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX};
static const uint32_t own_or_self_calls[] = {__NR_prlimit64, __NR_sched_setaffinity, __NR_sched_setscheduler,
                                             __NR_sched_setparam, __NR_sched_setattr};
static const uint32_t signal_calls[] = {__NR_kill, __NR_tgkill, __NR_rt_sigqueueinfo, __NR_rt_tgsigqueueinfo};

/* ---- The program ---- */

struct program {
    struct sock_filter code[512];
    unsigned short count;
};

static void emit(struct program *program, struct sock_filter instruction) {
    if (program->count == sizeof program->code / sizeof program->code[0])
        stop("sandbox", "the seccomp filter has outgrown its room");
    program->code[program->count++] = instruction;
}

static void load(struct program *program, size_t offset) {
    emit(program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

/* The low half of an argument: all that the kernel looks at in an int. */
static void load_argument(struct program *program, unsigned index) {
    load(program, offsetof(struct seccomp_data, args) + 8 * index);
}

static void answer(struct program *program, int error) {
    uint32_t value = error == 0 ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | (uint32_t)error;
    emit(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value));
}

/* The next instruction runs only if A is (or, the other one, is not) the value. */
static void if_equal(struct program *program, uint32_t value) {
    emit(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
}

static void if_any_bit(struct program *program, uint32_t bits) {
    emit(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1));
}

/* Begins what happens only for this call; every way through it must end in an answer. */
static unsigned short begin_call(struct program *program, uint32_t call) {
    emit(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 0));
    return program->count;
}

static void end_call(struct program *program, unsigned short begin) {
    program->code[begin - 1].jf = (unsigned char)(program->count - begin);
}

static void answer_values(struct program *program, const uint32_t *values, size_t count, int error) {
    for (size_t i = 0; i < count; i++) {
        if_equal(program, values[i]);
        answer(program, error);
    }
}

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void check_machine(struct program *program) {
    load(program, offsetof(struct seccomp_data, arch));
    emit(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCHITECTURE, 1, 0));
    answer(program, ENOSYS);
    load(program, offsetof(struct seccomp_data, nr));
    emit(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, HIGHEST_KNOWN_CALL, 0, 1));
    answer(program, ENOSYS);
}

static void refuse_listed(struct program *program) {
    for (size_t i = 0; i < COUNT(refusals); i++) {
        if_equal(program, (uint32_t)refusals[i].call);
        answer(program, refusals[i].error);
    }
}

/* Threads, but no processes, which would outlive the runner, and no namespaces. */
static void threads_only(struct program *program) {
    unsigned short begin = begin_call(program, __NR_clone);
    load_argument(program, 0);
    if_any_bit(program, CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                            CLONE_NEWNET);
    answer(program, EPERM);
    if_any_bit(program, CLONE_THREAD);
    answer(program, 0);
    answer(program, EPERM);
    end_call(program, begin);
}

/* abort() signals its own process; nobody else is signalled, and no process group. */
static void signal_itself_only(struct program *program, uint32_t self) {
    for (size_t i = 0; i < COUNT(signal_calls); i++) {
        unsigned short begin = begin_call(program, signal_calls[i]);
        load_argument(program, 0);
        if_equal(program, self);
        answer(program, 0);
        answer(program, EPERM);
        end_call(program, begin);
    }
}

static void itself_only(struct program *program, uint32_t self) {
    for (size_t i = 0; i < COUNT(own_or_self_calls); i++) {
        unsigned short begin = begin_call(program, own_or_self_calls[i]);
        load_argument(program, 0);
        if_equal(program, 0);
        answer(program, 0);
        if_equal(program, self);
        answer(program, 0);
        answer(program, EPERM);
        end_call(program, begin);
    }
    unsigned short begin = begin_call(program, __NR_setpriority);
    load_argument(program, 0);
    emit(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PRIO_PROCESS, 0, 3));
    load_argument(program, 1);
    if_equal(program, 0);
    answer(program, 0);
    answer(program, EPERM);
    end_call(program, begin);
}

static void by_value(struct program *program) {
    unsigned short begin = begin_call(program, __NR_prctl);
    load_argument(program, 0);
    answer_values(program, allowed_prctl, COUNT(allowed_prctl), 0);
    answer(program, EPERM);
    end_call(program, begin);

    begin = begin_call(program, __NR_fcntl);
    load_argument(program, 1);
    answer_values(program, refused_fcntl, COUNT(refused_fcntl), EPERM);
    answer(program, 0);
    end_call(program, begin);

    begin = begin_call(program, __NR_ioctl);
    load_argument(program, 1);
    answer_values(program, allowed_ioctl, COUNT(allowed_ioctl), 0);
    answer(program, EPERM);
    end_call(program, begin);
}

bool seccomp_enter(void) {
    struct program program = {.count = 0};
    uint32_t self = (uint32_t)getpid();
    check_machine(&program);
    refuse_listed(&program);
    threads_only(&program);
    signal_itself_only(&program, self);
    itself_only(&program, self);
    by_value(&program);
    answer(&program, 0);
    struct sock_fprog filter = {.len = program.count, .filter = program.code};
    if (syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0)
        return true;
    if (errno == ENOSYS || errno == EINVAL)
        return false; /* built without CONFIG_SECCOMP_FILTER */
    stop("sandbox", "the seccomp filter can't be put on: %s", strerror(errno));
}

/*
 * Tries what a connector must not be able to do, and what it must, and hands out what came of it as records:
 * what, outcome ("ok" or the errno's name), wanted ("yes": it must work, "no": it must not).
 * Settings: "folder" is a folder of the connector's user outside of the sandbox, with the files `victim` and `other`.
 * The request names one input.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "support.h"

static char folder[256];
static int input_descriptor = -1;

struct tfc_op {
    bool sent;
};

/* ---- Helpers: 0 for success, else the errno ---- */

static int outcome(long result) {
    return result < 0 ? errno : 0;
}

static int outcome_close(int descriptor) {
    int code = outcome(descriptor);
    if (descriptor >= 0)
        close(descriptor);
    return code;
}

static int try_open(const char *path, int flags) {
    return outcome_close(open(path, flags | O_CLOEXEC, 0600));
}

static const char *in_folder(const char *name) {
    static char paths[4][512];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static const char *of_parent(const char *name) {
    static char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", getppid(), name);
    return path;
}

static int try_socket(int family, int type, int protocol) {
    return outcome_close(socket(family, type, protocol));
}

/* ---- Network ---- */

static int inet_stream(void) {
    return try_socket(AF_INET, SOCK_STREAM, 0);
}

static int inet_datagram(void) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
    if (descriptor < 0)
        return errno;
    int code = outcome(sendto(descriptor, "x", 1, 0, (struct sockaddr *)&address, sizeof address));
    close(descriptor);
    return code;
}

static int inet6_stream(void) {
    return try_socket(AF_INET6, SOCK_STREAM, 0);
}

static int unix_stream(void) {
    return try_socket(AF_UNIX, SOCK_STREAM, 0);
}

static int netlink(void) {
    return try_socket(AF_NETLINK, SOCK_RAW, 0);
}

static int packet(void) {
    return try_socket(AF_PACKET, SOCK_RAW, 0);
}

static int abstract_datagram(void) {
    int pair[2];
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0trainflow-probe"};
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
        return errno;
    int code = outcome(sendto(pair[0], "x", 1, 0, (struct sockaddr *)&address, sizeof address));
    close(pair[0]);
    close(pair[1]);
    return code == ECONNREFUSED ? 0 : code; /* it got as far as looking for a listener */
}

static int socket_pair(void) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return errno;
    close(pair[0]);
    close(pair[1]);
    return 0;
}

static int peer_handle(void) {
    int handle = -1;
    socklen_t size = sizeof handle;
    int code = outcome(getsockopt(3, SOL_SOCKET, 77 /* SO_PEERPIDFD */, &handle, &size));
    if (code == 0)
        close(handle);
    return code;
}

static int pass_descriptor(void) {
    char byte = 0, room[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec vector = {&byte, 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    int zero = 0;
    *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof zero), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(header), &zero, sizeof zero);
    return outcome(sendmsg(5, &message, MSG_DONTWAIT));
}

/* ---- Files ---- */

static int read_passwd(void) {
    return try_open("/etc/passwd", O_RDONLY);
}

static int read_shadow(void) {
    return try_open("/etc/shadow", O_RDONLY);
}

static int list_root(void) {
    return try_open("/", O_RDONLY | O_DIRECTORY);
}

static int list_etc(void) {
    return try_open("/etc", O_RDONLY | O_DIRECTORY);
}

static int read_program(void) {
    return try_open("/bin/sh", O_RDONLY);
}

static int write_tmp(void) {
    return try_open("/tmp/trainflow-probe", O_WRONLY | O_CREAT);
}

static int read_victim(void) {
    return try_open(in_folder("victim"), O_RDONLY);
}

static int write_victim(void) {
    return try_open(in_folder("victim"), O_WRONLY);
}

static int climb_out(void) {
    return try_open("../", O_RDONLY | O_DIRECTORY);
}

static int rename_connector(void) {
    return outcome(rename(in_folder("victim"), in_folder("renamed")));
}

static int exchange_files(void) {
    return outcome(renameat2(AT_FDCWD, in_folder("victim"), AT_FDCWD, in_folder("other"), RENAME_EXCHANGE));
}

static int remove_victim(void) {
    return outcome(unlink(in_folder("victim")));
}

static int make_folder_outside(void) {
    return outcome(mkdir(in_folder("new"), 0700));
}

static int link_into_scratch(void) {
    return outcome(link(in_folder("victim"), "linked"));
}

static int move_out_of_scratch(void) {
    int descriptor = open("mover", O_WRONLY | O_CREAT, 0600);
    if (descriptor < 0)
        return errno;
    close(descriptor);
    int code = outcome(rename("mover", in_folder("moved")));
    unlink("mover");
    return code;
}

static int truncate_victim(void) {
    return outcome(truncate(in_folder("victim"), 0));
}

static int chmod_victim(void) {
    return outcome(chmod(in_folder("victim"), 0777));
}

static int chmod_victim_at_2(void) {
    return outcome(syscall(452, AT_FDCWD, in_folder("victim"), 0777, 0));
}

static int chown_victim(void) {
    return outcome(chown(in_folder("victim"), getuid(), getgid()));
}

static int touch_victim(void) {
    return outcome(utimensat(AT_FDCWD, in_folder("victim"), NULL, 0));
}

static int label_victim(void) {
    return outcome(setxattr(in_folder("victim"), "user.trainflow", "x", 1, 0));
}

static int watch_victim(void) {
    int descriptor = (int)syscall(__NR_inotify_init1, 0);
    if (descriptor < 0)
        return errno;
    int code = outcome(syscall(__NR_inotify_add_watch, descriptor, in_folder("victim"), 2));
    close(descriptor);
    return code;
}

static int handle_of_victim(void) {
    struct {
        struct file_handle handle;
        char room[128];
    } handle = {.handle = {.handle_bytes = sizeof handle.room}};
    int mount_id;
    return outcome(name_to_handle_at(AT_FDCWD, in_folder("victim"), &handle.handle, &mount_id, 0));
}

static int open_handle(void) {
    struct file_handle handle = {.handle_bytes = 0};
    int code = outcome_close(open_by_handle_at(AT_FDCWD, &handle, O_RDONLY));
    return code == EINVAL || code == ESTALE ? 0 : code;
}

static int write_input(void) {
    return outcome(write(input_descriptor, "x", 1));
}

static int reopen_input(void) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", input_descriptor);
    return try_open(path, O_RDWR);
}

static int chmod_input(void) {
    return outcome(fchmod(input_descriptor, 0777));
}

static int lease_input(void) {
    return outcome(fcntl(input_descriptor, F_SETLEASE, F_RDLCK));
}

static int flag_input(void) {
    int flags = 0;
    int code = outcome(ioctl(input_descriptor, FS_IOC_GETFLAGS, &flags));
    return code == ENOTTY ? 0 : code;
}

static int symlink_in_scratch(void) {
    return outcome(symlink("/etc/passwd", "pointer"));
}

static int fifo_in_scratch(void) {
    return outcome(mkfifo("fifo", 0600));
}

static int device_memory(void) {
    return try_open("/dev/mem", O_RDONLY);
}

static int terminal(void) {
    return try_open("/dev/tty", O_RDWR);
}

static int type_into_terminal(void) {
    int code = outcome(ioctl(1, TIOCSTI, "x"));
    return code == ENOTTY ? 0 : code;
}

static int own_memory_file(void) {
    return try_open("/proc/self/mem", O_RDWR);
}

static int oom_score(void) {
    return try_open("/proc/self/oom_score_adj", O_WRONLY);
}

static int kernel_setting(void) {
    return try_open("/proc/sys/kernel/core_pattern", O_WRONLY);
}

/* ---- Other processes ---- */

static int parent_environment(void) {
    return try_open(of_parent("environ"), O_RDONLY);
}

static int parent_maps(void) {
    return try_open(of_parent("maps"), O_RDONLY);
}

static int parent_memory(void) {
    return try_open(of_parent("mem"), O_RDONLY);
}

static int parent_descriptors(void) {
    return try_open(of_parent("fd/1"), O_RDONLY);
}

static int parent_root(void) {
    return try_open(of_parent("root/etc/passwd"), O_RDONLY);
}

static int first_environment(void) {
    return try_open("/proc/1/environ", O_RDONLY);
}

static int trace_parent(void) {
    return outcome(ptrace(PTRACE_SEIZE, getppid(), NULL, NULL));
}

static int be_traced(void) {
    return outcome(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int read_parent(void) {
    char byte;
    struct iovec here = {&byte, 1}, there = {(void *)(uintptr_t)0x1000, 1};
    int code = outcome(process_vm_readv(getppid(), &here, 1, &there, 1, 0));
    return code == EFAULT ? 0 : code;
}

static int signal_parent(void) {
    return outcome(kill(getppid(), 0));
}

static int signal_first(void) {
    return outcome(kill(1, 0));
}

static int signal_group(void) {
    return outcome(kill(0, 0));
}

static int signal_everybody(void) {
    return outcome(kill(-1, 0));
}

static int signal_thread_of_parent(void) {
    return outcome(syscall(__NR_tgkill, getppid(), getppid(), 0));
}

static int signal_any_thread(void) {
    return outcome(syscall(__NR_tkill, getppid(), 0));
}

static int queue_signal(void) {
    siginfo_t info = {.si_code = SI_QUEUE};
    return outcome(syscall(__NR_rt_sigqueueinfo, getppid(), SIGURG, &info));
}

static int handle_of_parent(void) {
    return outcome_close((int)syscall(__NR_pidfd_open, getppid(), 0));
}

static int own_pipe_to_parent(void) {
    int ends[2];
    if (pipe(ends) != 0)
        return errno;
    int code = outcome(fcntl(ends[0], F_SETOWN, getppid()));
    close(ends[0]);
    close(ends[1]);
    return code;
}

static int choose_signal(void) {
    int ends[2];
    if (pipe(ends) != 0)
        return errno;
    int code = outcome(fcntl(ends[0], F_SETSIG, SIGKILL));
    close(ends[0]);
    close(ends[1]);
    return code;
}

static int limits_of_parent(void) {
    struct rlimit limit;
    return outcome(prlimit(getppid(), RLIMIT_NOFILE, NULL, &limit));
}

static int processors_of_parent(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(0, &set);
    return outcome(sched_setaffinity(getppid(), sizeof set, &set));
}

static int priority_of_parent(void) {
    return outcome(setpriority(PRIO_PROCESS, (id_t)getppid(), 19));
}

/* ---- New programs and processes ---- */

static int execute(void) {
    char *const arguments[] = {"true", NULL}, *const nothing[] = {NULL};
    return outcome(execve("/bin/true", arguments, nothing));
}

static int execute_descriptor(void) {
    char *const arguments[] = {"input", NULL}, *const nothing[] = {NULL};
    int code = outcome(syscall(__NR_execveat, input_descriptor, "", arguments, nothing, AT_EMPTY_PATH));
    return code == ENOEXEC ? 0 : code;
}

static int child_outcome(long child) {
    if (child == 0)
        _exit(0);
    if (child > 0)
        waitpid((pid_t)child, NULL, 0);
    return outcome(child);
}

/* A bomb that goes off once at most. */
static int make_process(void) {
    return child_outcome(fork());
}

static int make_process_raw(void) {
    return child_outcome(syscall(__NR_clone, SIGCHLD, NULL, NULL, NULL, NULL));
}

static int make_process_3(void) {
    struct clone_args arguments = {.exit_signal = SIGCHLD};
    return child_outcome(syscall(__NR_clone3, &arguments, sizeof arguments));
}

static int make_user_namespace(void) {
    return child_outcome(syscall(__NR_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL));
}

static int leave_user_namespace(void) {
    return outcome(syscall(__NR_unshare, CLONE_NEWUSER));
}

static int leave_network(void) {
    return outcome(syscall(__NR_unshare, CLONE_NEWNET));
}

static int enter_namespace(void) {
    int code = outcome((int)syscall(__NR_setns, 0, 0));
    return code == EINVAL || code == EBADF ? 0 : code;
}

/* ---- Users, mounts, the kernel ---- */

static int become_root(void) {
    return outcome(setuid(0));
}

static int become_root_group(void) {
    return outcome(setgid(0));
}

static int mount_something(void) {
    return outcome(mount("none", "/tmp", "tmpfs", 0, NULL));
}

static int unmount_proc(void) {
    return outcome(umount2("/proc", MNT_DETACH));
}

static int change_root(void) {
    return outcome(chroot("."));
}

static int new_mount(void) {
    return outcome_close((int)syscall(__NR_fsopen, "tmpfs", 0));
}

static int load_bpf(void) {
    char attributes[128] = {0};
    int code = outcome((int)syscall(__NR_bpf, 0, attributes, sizeof attributes));
    return code == EINVAL ? 0 : code;
}

static int count_events(void) {
    char attributes[128] = {0};
    int code = outcome_close((int)syscall(__NR_perf_event_open, attributes, 0, -1, -1, 0));
    return code == EINVAL || code == E2BIG ? 0 : code;
}

static int make_ring(void) {
    char parameters[256] = {0};
    return outcome_close((int)syscall(__NR_io_uring_setup, 4, parameters));
}

static int memory_file(void) {
    return outcome_close(memfd_create("memory", 0));
}

static int kernel_queue(void) {
    unsigned long context = 0;
    return outcome(syscall(__NR_io_setup, 1, &context));
}

static int page_faults(void) {
    return outcome_close((int)syscall(__NR_userfaultfd, 1));
}

static int use_keyring(void) {
    return outcome(syscall(__NR_keyctl, 0, -3, 1));
}

static int load_module(void) {
    int code = outcome(syscall(__NR_init_module, NULL, 0, ""));
    return code == ENOEXEC || code == EFAULT ? 0 : code;
}

static int reboot_machine(void) {
    int code = outcome(syscall(__NR_reboot, 1, 2, 3, NULL)); /* wrong magic numbers: never more than EINVAL */
    return code == EINVAL ? 0 : code;
}

static int kernel_log(void) {
    char byte;
    return outcome(syscall(__NR_syslog, 3, &byte, 1));
}

static int change_personality(void) {
    return outcome(syscall(__NR_personality, 0x0040000));
}

static int newer_call(void) {
    return outcome(syscall(467, -1, "", 0, NULL, 0));
}

#if defined(__x86_64__)
static int x32_call(void) {
    return outcome(syscall(0x40000000 | __NR_getpid));
}

static int i386_call(void) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L /* getpid */) : "memory", "r8", "r9", "r10", "r11");
    return (int)result < 0 ? -(int)result : 0;
}
#endif

static int shared_memory(void) {
    int id = shmget(IPC_PRIVATE, 4096, 0600);
    if (id < 0)
        return errno;
    shmctl(id, IPC_RMID, NULL);
    return 0;
}

static int message_queue(void) {
    int code = outcome((int)syscall(__NR_mq_open, "trainflow-probe", O_RDONLY, 0, NULL));
    return code == ENOENT ? 0 : code;
}

/* ---- Undoing the sandbox ---- */

static int survive_parent(void) {
    return outcome(prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0));
}

static int be_dumpable(void) {
    return outcome(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int raise_files(void) {
    struct rlimit limit = {100000, 100000};
    return outcome(setrlimit(RLIMIT_NOFILE, &limit));
}

static int raise_memory(void) {
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    return outcome(setrlimit(RLIMIT_AS, &limit));
}

static int raise_core(void) {
    struct rlimit limit = {1 << 20, 1 << 20};
    return outcome(setrlimit(RLIMIT_CORE, &limit));
}

static int own_filter(void) {
    int code = outcome(syscall(__NR_seccomp, 1, 0, NULL));
    return code == EFAULT ? 0 : code;
}

static int connector_file(void) {
    return outcome(fcntl(4, F_GETFD)); /* closed once it is loaded */
}

static int leaked_descriptors(void) {
    for (int descriptor = 9; descriptor < 200; descriptor++) {
        struct stat info;
        if (fstat(descriptor, &info) == 0 && (S_ISREG(info.st_mode) || S_ISSOCK(info.st_mode)))
            return 0; /* something of the host's is open */
    }
    return EBADF;
}

/* ---- What must work ---- */

static void *add_one(void *counter) {
    __atomic_add_fetch((int *)counter, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static int threads(void) {
    pthread_t list[8];
    int counter = 0;
    for (int i = 0; i < 8; i++) {
        int code = pthread_create(&list[i], NULL, add_one, &counter);
        if (code != 0)
            return code;
    }
    for (int i = 0; i < 8; i++)
        pthread_join(list[i], NULL);
    return counter == 8 ? 0 : EIO;
}

static void *read_own_stat(void *code) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/stat", syscall(__NR_gettid));
    *(int *)code = try_open(path, O_RDONLY);
    return NULL;
}

/* As libdispatch does. */
static int stat_of_thread(void) {
    pthread_t thread;
    int code = EIO;
    if (pthread_create(&thread, NULL, read_own_stat, &code) == 0)
        pthread_join(thread, NULL);
    return code;
}

static int random_bytes(void) {
    char bytes[16];
    int code = try_open("/dev/urandom", O_RDONLY);
    return code != 0 ? code : outcome(getrandom(bytes, sizeof bytes, 0));
}

static int null_device(void) {
    return try_open("/dev/null", O_RDWR);
}

static int zones(void) {
    int code = try_open("/usr/share/zoneinfo/Asia/Riyadh", O_RDONLY);
    return code == ENOENT ? 0 : code; /* a machine without tzdata */
}

static int memory(void) {
    size_t size = 64 << 20;
    char *bytes = malloc(size);
    if (!bytes)
        return ENOMEM;
    memset(bytes, 1, size);
    int code = bytes[size - 1] == 1 ? 0 : EIO;
    free(bytes);
    return code;
}

static int scratch_file(void) {
    char byte = 0;
    int descriptor = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (descriptor < 0)
        return errno;
    bool good = write(descriptor, "x", 1) == 1 && ftruncate(descriptor, 1) == 0 && pread(descriptor, &byte, 1, 0) == 1;
    close(descriptor);
    return good && byte == 'x' ? 0 : EIO;
}

/* Its end as a signal would be the connector's death. */
static int scratch_file_too_large(void) {
    int descriptor = open("large", O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (descriptor < 0)
        return errno;
    int code = pwrite(descriptor, "x", 1, (off_t)1 << 40) == 1 ? 0 : errno;
    close(descriptor);
    unlink("large");
    return code;
}

static int scratch_folders(void) {
    if (mkdir("a", 0700) != 0 || mkdir("b", 0700) != 0)
        return errno;
    if (outcome_close(open("a/file", O_WRONLY | O_CREAT, 0600)) != 0 || rename("a/file", "b/file") != 0)
        return errno;
    return outcome(unlink("b/file") | rmdir("a") | rmdir("b"));
}

static int read_input(void) {
    char byte;
    return pread(input_descriptor, &byte, 1, 0) == 1 ? 0 : errno;
}

static int system_library(void) {
    void *library = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);
    return library && dlsym(library, "cos") ? 0 : ELIBACC;
}

static int own_signal(void) {
    int code = outcome(kill(getpid(), 0));
    return code != 0 ? code : pthread_kill(pthread_self(), 0);
}

static volatile sig_atomic_t caught;

static void catch_signal(int number) {
    caught = number;
}

static int own_handler(void) {
    struct sigaction action = {.sa_handler = catch_signal};
    if (sigaction(SIGUSR1, &action, NULL) != 0 || raise(SIGUSR1) != 0)
        return errno;
    return caught == SIGUSR1 ? 0 : EINTR;
}

static int waiting(void) {
    struct timespec nap = {0, 1000000};
    int event = eventfd(1, EFD_CLOEXEC), epoll = epoll_create1(EPOLL_CLOEXEC);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    struct epoll_event wanted = {.events = EPOLLIN}, happened;
    bool good = epoll_ctl(epoll, EPOLL_CTL_ADD, event, &wanted) == 0 && epoll_wait(epoll, &happened, 1, 1000) == 1 &&
                nanosleep(&nap, NULL) == 0 && timer >= 0;
    close(event);
    close(epoll);
    close(timer);
    return good ? 0 : EIO;
}

static int name_thread(void) {
    return outcome(prctl(PR_SET_NAME, "probe", 0, 0, 0));
}

static const struct {
    const char *what;
    int (*attempt)(void);
    bool wanted;
} attempts[] = {
    {"socket: IPv4 stream", inet_stream, false},
    {"socket: IPv4 datagram to port 53", inet_datagram, false},
    {"socket: IPv6 stream", inet6_stream, false},
    {"socket: Unix stream", unix_stream, false},
    {"socket: netlink", netlink, false},
    {"socket: packet", packet, false},
    {"socket: datagram to an abstract Unix address", abstract_datagram, false},
    {"socket: pair", socket_pair, false},
    {"get a handle of the host from its socket", peer_handle, false},
    {"hand a descriptor to the host", pass_descriptor, false},
    {"read /etc/passwd", read_passwd, false},
    {"read /etc/shadow", read_shadow, false},
    {"list /", list_root, false},
    {"list /etc", list_etc, false},
    {"read /bin/sh", read_program, false},
    {"write to /tmp", write_tmp, false},
    {"leave the scratch folder upwards", climb_out, false},
    {"read a file of its own user", read_victim, false},
    {"write a file of its own user", write_victim, false},
    {"rename a file of its own user", rename_connector, false},
    {"exchange two files of its own user", exchange_files, false},
    {"remove a file of its own user", remove_victim, false},
    {"make a folder outside", make_folder_outside, false},
    {"link a file into the scratch folder", link_into_scratch, false},
    {"move a file out of the scratch folder", move_out_of_scratch, false},
    {"truncate a file of its own user", truncate_victim, false},
    {"chmod a file of its own user", chmod_victim, false},
    {"fchmodat2 a file of its own user", chmod_victim_at_2, false},
    {"chown a file of its own user", chown_victim, false},
    {"touch a file of its own user", touch_victim, false},
    {"setxattr on a file of its own user", label_victim, false},
    {"watch a file of its own user", watch_victim, false},
    {"name_to_handle_at", handle_of_victim, false},
    {"open_by_handle_at", open_handle, false},
    {"write to an input", write_input, false},
    {"open an input for writing", reopen_input, false},
    {"chmod an input", chmod_input, false},
    {"lease an input", lease_input, false},
    {"ioctl of an input's flags", flag_input, false},
    {"symbolic link in the scratch folder", symlink_in_scratch, false},
    {"a file of a terabyte in the scratch folder", scratch_file_too_large, false},
    {"pipe in the scratch folder", fifo_in_scratch, false},
    {"read /dev/mem", device_memory, false},
    {"open /dev/tty", terminal, false},
    {"type into a terminal (TIOCSTI)", type_into_terminal, false},
    {"write /proc/self/mem", own_memory_file, false},
    {"write /proc/self/oom_score_adj", oom_score, false},
    {"write /proc/sys/kernel/core_pattern", kernel_setting, false},
    {"read the host's environ", parent_environment, false},
    {"read the host's maps", parent_maps, false},
    {"read the host's mem", parent_memory, false},
    {"open a descriptor of the host's", parent_descriptors, false},
    {"read through the host's root", parent_root, false},
    {"read environ of process 1", first_environment, false},
    {"ptrace the host", trace_parent, false},
    {"ptrace: be traced", be_traced, false},
    {"process_vm_readv the host", read_parent, false},
    {"signal the host", signal_parent, false},
    {"signal process 1", signal_first, false},
    {"signal the process group", signal_group, false},
    {"signal everybody", signal_everybody, false},
    {"tgkill the host", signal_thread_of_parent, false},
    {"tkill the host", signal_any_thread, false},
    {"rt_sigqueueinfo the host", queue_signal, false},
    {"pidfd_open the host", handle_of_parent, false},
    {"F_SETOWN the host", own_pipe_to_parent, false},
    {"F_SETSIG", choose_signal, false},
    {"prlimit the host", limits_of_parent, false},
    {"sched_setaffinity the host", processors_of_parent, false},
    {"setpriority the host", priority_of_parent, false},
    {"execve /bin/true", execute, false},
    {"execveat a descriptor", execute_descriptor, false},
    {"fork", make_process, false},
    {"clone a process", make_process_raw, false},
    {"clone3 a process", make_process_3, false},
    {"clone a user namespace", make_user_namespace, false},
    {"unshare the user namespace", leave_user_namespace, false},
    {"unshare the network", leave_network, false},
    {"setns", enter_namespace, false},
    {"setuid 0", become_root, false},
    {"setgid 0", become_root_group, false},
    {"mount", mount_something, false},
    {"umount /proc", unmount_proc, false},
    {"chroot", change_root, false},
    {"fsopen", new_mount, false},
    {"bpf", load_bpf, false},
    {"perf_event_open", count_events, false},
    {"io_uring_setup", make_ring, false},
    {"memfd_create", memory_file, false},
    {"io_setup", kernel_queue, false},
    {"userfaultfd", page_faults, false},
    {"keyctl", use_keyring, false},
    {"init_module", load_module, false},
    {"reboot", reboot_machine, false},
    {"syslog", kernel_log, false},
    {"personality", change_personality, false},
    {"a call newer than the filter", newer_call, false},
#if defined(__x86_64__)
    {"an x32 call", x32_call, false},
    {"an i386 call", i386_call, false},
#endif
    {"System V shared memory", shared_memory, false},
    {"POSIX message queue", message_queue, false},
    {"outlive the host (PR_SET_PDEATHSIG)", survive_parent, false},
    {"be dumpable (PR_SET_DUMPABLE)", be_dumpable, false},
    {"raise RLIMIT_NOFILE", raise_files, false},
    {"raise RLIMIT_AS", raise_memory, false},
    {"raise RLIMIT_CORE", raise_core, false},
    {"install a filter of its own", own_filter, false},
    {"the connector's file is still open", connector_file, false},
    {"descriptors of the host's are still open", leaked_descriptors, false},
    {"threads", threads, true},
    {"read /proc/<thread>/stat", stat_of_thread, true},
    {"random bytes", random_bytes, true},
    {"/dev/null", null_device, true},
    {"time zones", zones, true},
    {"64 MB of memory", memory, true},
    {"a file in the scratch folder", scratch_file, true},
    {"folders in the scratch folder", scratch_folders, true},
    {"read an input", read_input, true},
    {"load a system library", system_library, true},
    {"signal itself", own_signal, true},
    {"handle a signal of its own", own_handler, true},
    {"wait: eventfd, epoll, timerfd", waiting, true},
    {"name a thread", name_thread, true},
};

enum { ATTEMPTS = sizeof attempts / sizeof attempts[0], COLUMNS = 3 };

/* ---- The stream ---- */

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    static const char *const names[] = {"what", "outcome", "wanted"};
    (void)stream;
    make_text_schema(out, COLUMNS, names);
    return 0;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    static const char *cells[ATTEMPTS * COLUMNS];
    struct tfc_op *op = stream->private_data;
    *out = (struct ArrowArray){0};
    if (op->sent)
        return 0;
    op->sent = true;
    for (size_t i = 0; i < ATTEMPTS; i++) {
        int code = attempts[i].attempt();
        cells[COLUMNS * i] = attempts[i].what;
        cells[COLUMNS * i + 1] = code == 0 ? "ok" : strerrorname_np(code);
        cells[COLUMNS * i + 2] = attempts[i].wanted ? "yes" : "no";
    }
    make_text_batch(out, COLUMNS, ATTEMPTS, cells);
    return 0;
}

static tfc_status open_connector(tfc_ctx *ctx, tfc_str settings, tfc_connector **out, tfc_error *error) {
    (void)ctx;
    (void)error;
    strncpy(folder, json_text(settings, "folder", "/nowhere"), sizeof folder - 1);
    *out = malloc(1);
    return TFC_OK;
}

static tfc_status pull(tfc_connector *connector, tfc_ctx *ctx, tfc_str request, tfc_op **out,
                       struct ArrowArrayStream *stream, tfc_error *error) {
    (void)connector;
    input_descriptor = host->input(ctx, text(json_text(request, "input", "")));
    if (input_descriptor < 0)
        return give_error(error, TFC_NOT_FOUND, "input_missing", "The request names no input.");
    *out = calloc(1, sizeof **out);
    *stream = (struct ArrowArrayStream){get_schema, get_next, plain_last_error, plain_release_stream, *out};
    return TFC_OK;
}

TEST_CONNECTOR(.validate = plain_validate, .open = open_connector, .close = plain_close, .test = plain_test,
               .discover = plain_discover, .pull = pull, .op_state = plain_op_state, .op_error = plain_op_error,
               .op_summary = plain_op_summary, .op_cancel = plain_op_cancel, .op_close = plain_op_close);

/*
 * trainflow-runner: the other half of the host. It locks itself up, loads one connector, and carries calls into it and
 * records out of it: docs/wire.md. Plain C on libc alone, so that nothing but the connector is in here with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "control.h"
#include "data_socket.h"
#include "frames.h"
#include "load.h"
#include "operations.h"
#include "sandbox.h"
#include "services.h"
#include "stop.h"

static void check_descriptors(uint64_t inputs) {
    static const int needed[] = {CONTROL_DESCRIPTOR, CONNECTOR_DESCRIPTOR, DATA_DESCRIPTOR, SCRATCH_DESCRIPTOR};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (fcntl(needed[i], F_GETFD) < 0) {
            fprintf(stderr, "trainflow-runner: descriptor %d is not open; docs/wire.md says what it is\n", needed[i]);
            exit(EXIT_USAGE);
        }
    for (uint64_t i = 0; i < inputs; i++)
        if (fcntl(FIRST_INPUT_DESCRIPTOR + (int)i, F_GETFD) < 0) {
            fprintf(stderr, "trainflow-runner: --inputs %llu, but descriptor %d is not open\n",
                    (unsigned long long)inputs, FIRST_INPUT_DESCRIPTOR + (int)i);
            exit(EXIT_USAGE);
        }
}

/* As if started from nothing, whatever the host ignores or blocks; a closed pipe is an error, not a death. */
static void reset_signals(void) {
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow any more is EFBIG, as each denial is an errno */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void add_missing(struct bytes *body, unsigned missing) {
    bytes_text(body, ",\"missing\":[");
    bytes_text(body, missing & LAYER_LANDLOCK ? "\"landlock\"" : "");
    bytes_text(body, missing == (LAYER_LANDLOCK | LAYER_SECCOMP) ? "," : "");
    bytes_text(body, missing & LAYER_SECCOMP ? "\"seccomp\"" : "");
    bytes_text(body, "]");
}

static void send_ready(const struct sandbox *sandbox, const tfc_plugin *plugin) {
    struct bytes body = {0};
    bytes_format(&body, "{\"abi\":0,\"abi_minor\":%u,\"describe\":", plugin->abi_minor);
    bytes_json(&body, load_manifest(plugin));
    bytes_format(&body, ",\"sandbox\":{\"profile\":\"%s\",\"landlock\":%d,\"seccomp\":%s,\"user\":%u",
                 sandbox->profile->name, sandbox->landlock_abi, sandbox->seccomp ? "true" : "false", sandbox->uid);
    add_missing(&body, sandbox->missing);
    bytes_text(&body, "}}");
    control_send(FRAME_READY, 0, bytes_str(&body));
    bytes_free(&body);
}

// A batch's memory is of the same size as the one before: kept, it is not faulted in anew each time. mallopt(3).
static void keep_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
}

int main(int count, char **values) {
    keep_memory();
    struct arguments arguments = arguments_read(count, values);
    check_descriptors(arguments.inputs);
    reset_signals();
    data_socket_prepare();
    struct sandbox sandbox = sandbox_enter(&arguments);
    control_start((size_t)arguments.inputs);
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* what a connector prints before it crashes is not lost */
    stop_watch_exit();
    const tfc_plugin *plugin = load_connector(&host_services);
    send_ready(&sandbox, plugin);
    for (;;)
        operation_run(plugin, control_next_call(), (size_t)arguments.inputs);
}

#include "control.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "frames.h"
#include "secure.h"
#include "stop.h"

/* Somebody who waits for an answer, on the stack of the waiting thread. */
struct waiter {
    int64_t id;
    bool answered;
    struct answer answer;
    struct waiter *next;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct call *pending;
    struct waiter *waiters;
    int64_t last_id;
    bool cancelling; /* a canceller thread is on its way */
    size_t input_descriptors;
} control = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static atomic_uint_fast64_t running; /* number of the call that was handed over; 0: none */
static atomic_bool cancelled;
static int cancel_descriptor = -1;

/* Held while op_cancel runs, so that the operation isn't closed under it. */
static pthread_mutex_t operation_lock = PTHREAD_MUTEX_INITIALIZER;
static tfc_op *operation;
static void (*operation_cancel)(tfc_op *);

/* ---- Cancelling ---- */

bool control_cancelled(void) {
    return atomic_load(&cancelled);
}

int control_cancel_descriptor(void) {
    return cancel_descriptor;
}

static void call_op_cancel(void) {
    pthread_mutex_lock(&operation_lock);
    if (operation && operation_cancel)
        operation_cancel(operation);
    pthread_mutex_unlock(&operation_lock);
}

static void *canceller(void *unused) {
    (void)unused;
    call_op_cancel();
    pthread_mutex_lock(&control.lock);
    control.cancelling = false;
    pthread_mutex_unlock(&control.lock);
    return NULL;
}

/* 0, or an errno. */
static int start_thread(void *(*body)(void *), size_t stack) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, stack);
    int error = pthread_create(&thread, &attributes, body, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

static void raise_cancel(void) {
    atomic_store(&cancelled, true);
    uint64_t one = 1;
    if (write(cancel_descriptor, &one, sizeof one) < 0 && errno != EAGAIN)
        stop("control", "the cancel descriptor can't be raised: %s", strerror(errno));
}

static void cancel_received(uint64_t number) {
    if (number != atomic_load(&running))
        return; /* it crossed the call's end on the way */
    raise_cancel();
    pthread_mutex_lock(&control.lock);
    bool start = !control.cancelling;
    control.cancelling = true;
    pthread_mutex_unlock(&control.lock);
    if (start && start_thread(canceller, 1 << 20) != 0)
        canceller(NULL); /* no thread to be had: better a blocked watchdog than an operation that never hears of it */
}

void control_operation_began(tfc_op *began, void (*op_cancel)(tfc_op *)) {
    pthread_mutex_lock(&operation_lock);
    operation = began;
    operation_cancel = op_cancel;
    pthread_mutex_unlock(&operation_lock);
    if (control_cancelled())
        call_op_cancel();
}

void control_operation_ends(void) {
    pthread_mutex_lock(&operation_lock);
    operation = NULL;
    pthread_mutex_unlock(&operation_lock);
}

/* ---- Calls ---- */

uint64_t control_call_number(void) {
    return atomic_load(&running);
}

static void lower_cancel(void) {
    uint64_t count;
    atomic_store(&cancelled, false);
    while (read(cancel_descriptor, &count, sizeof count) > 0)
        continue;
}

static void call_received(char *body, size_t len, uint64_t number) {
    const char *why;
    struct call *call = call_parse(body, len, number, control.input_descriptors, &why);
    if (!call)
        stop("control", "the host's call can't be read: %s", why);
    pthread_mutex_lock(&control.lock);
    if (atomic_load(&running) != 0)
        stop("control", "the host sent call %llu while call %llu runs; a runner serves one at a time",
             (unsigned long long)number, (unsigned long long)atomic_load(&running));
    lower_cancel();
    atomic_store(&running, number);
    control.pending = call;
    pthread_cond_broadcast(&control.changed);
    pthread_mutex_unlock(&control.lock);
}

struct call *control_next_call(void) {
    pthread_mutex_lock(&control.lock);
    while (!control.pending)
        pthread_cond_wait(&control.changed, &control.lock);
    struct call *call = control.pending;
    control.pending = NULL;
    pthread_mutex_unlock(&control.lock);
    return call;
}

void control_call_done(void) {
    atomic_store(&running, 0);
}

/* ---- Services ---- */

static struct waiter *take_waiter(int64_t id) {
    for (struct waiter **at = &control.waiters; *at; at = &(*at)->next)
        if ((*at)->id == id) {
            struct waiter *found = *at;
            *at = found->next;
            return found;
        }
    return NULL;
}

static void answer_received(tfc_str body) {
    struct answer answer;
    const char *why;
    if (!answer_parse(body, &answer, &why))
        stop("control", "the host's answer can't be read: %s", why);
    pthread_mutex_lock(&control.lock);
    struct waiter *waiter = take_waiter(answer.id);
    if (!waiter)
        stop("control", "the host answered service %lld, which nobody asked for", (long long)answer.id);
    waiter->answer = answer;
    waiter->answered = true;
    pthread_cond_broadcast(&control.changed);
    pthread_mutex_unlock(&control.lock);
}

static void send_question(int64_t id, tfc_str members) {
    struct bytes body = {0};
    bytes_format(&body, "{\"id\":%lld,", (long long)id);
    bytes_add(&body, members.ptr, members.len);
    bytes_text(&body, "}");
    control_send(FRAME_SERVICE, control_call_number(), bytes_str(&body));
    explicit_bzero(body.ptr, body.len);
    bytes_free(&body);
}

struct answer control_ask(tfc_str members) {
    struct waiter waiter = {0};
    pthread_mutex_lock(&control.lock);
    waiter.id = ++control.last_id;
    waiter.next = control.waiters;
    control.waiters = &waiter;
    pthread_mutex_unlock(&control.lock);
    send_question(waiter.id, members);
    pthread_mutex_lock(&control.lock);
    while (!waiter.answered)
        pthread_cond_wait(&control.changed, &control.lock);
    pthread_mutex_unlock(&control.lock);
    return waiter.answer;
}

/* ---- The watchdog ---- */

static _Noreturn void host_is_gone(void) {
    leave(control_call_number() == 0 ? EXIT_IDLE_END : EXIT_PEER_GONE);
}

static void frame_received(struct frame_header header, char *body) {
    switch (header.type) {
    case FRAME_CALL:
        call_received(body, header.length, header.call);
        return;
    case FRAME_CANCEL:
        cancel_received(header.call);
        break;
    case FRAME_ANSWER:
        answer_received((tfc_str){body, header.length});
        break;
    default:
        stop("control", "the host sent a control frame of type %u, which a runner doesn't take", header.type);
    }
    secure_free(body, header.length);
}

static void read_frame(void) {
    uint8_t raw[FRAME_HEADER_BYTES];
    struct frame_header header;
    if (read_exactly(CONTROL_DESCRIPTOR, raw, sizeof raw) != READ_WHOLE)
        host_is_gone();
    if (!frame_header_decode(raw, &header))
        stop("control", "bytes 6 and 7 of the host's frame are not 0");
    if (header.length > CONTROL_BODY_LIMIT)
        stop("control", "the host's control frame has a body of %u bytes; at most %u are allowed", header.length,
             (unsigned)CONTROL_BODY_LIMIT);
    char *body = secure_allocate(header.length);
    if (header.length > 0 && read_exactly(CONTROL_DESCRIPTOR, body, header.length) != READ_WHOLE)
        host_is_gone();
    frame_received(header, body);
}

static void *watchdog(void *unused) {
    (void)unused;
    for (;;)
        read_frame();
    return NULL;
}

void control_start(size_t input_descriptors) {
    control.input_descriptors = input_descriptors;
    cancel_descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (cancel_descriptor < 0)
        stop("sandbox", "no cancel descriptor: %s", strerror(errno));
    sigset_t all, before; /* the watchdog takes no signals: a connector's handlers run on the connector's threads */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = start_thread(watchdog, 256 << 10);
    if (error != 0)
        stop("sandbox", "the watchdog thread can't be started: %s", strerror(error));
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

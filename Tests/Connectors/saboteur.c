/*
 * Knows that the host's sockets are open in its own process, and speaks on them behind the runner's back: {"do": HOW}.
 *   data_garbage     random bytes where batches belong, and then nothing
 *   data_sizes       the head of a batch whose sizes overflow, and then nothing
 *   data_half        half a frame, and then nothing for ever
 *   data_endless     a batch frame as large as allowed, of rows that never come to an end
 *   data_closed      closes the data socket and goes on as if nothing were
 *   control_garbage  bytes that are no JSON
 *   control_huge     a frame that says it has 4 GiB
 *   control_closed   closes the control socket and hangs (the runner's own thread still reads it)
 *   replaced         puts /dev/null in the place of both sockets and hangs
 *   control_flood    asks for a service again and again and never reads an answer
 *   result           says that all is well and was read, without a single row
 *   orphan           starts a process that keeps every descriptor open and outlives it, if it may, and crashes
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

enum { CONTROL = 3, DATA = 5 };

static char how[32];

static tfc_status open_connector(tfc_ctx *ctx, tfc_str settings, tfc_connector **out, tfc_error *error) {
    (void)ctx;
    (void)error;
    strncpy(how, json_text(settings, "do", ""), sizeof how - 1);
    *out = malloc(1);
    return TFC_OK;
}

static void send_all(int descriptor, const void *bytes, size_t len) {
    for (size_t done = 0; done < len;) {
        ssize_t sent = write(descriptor, (const char *)bytes + done, len - done);
        if (sent <= 0)
            return;
        done += (size_t)sent;
    }
}

/* The call's number is the host's secret no more than any other: the host counts from 1. */
static void send_frame(int descriptor, uint16_t type, uint32_t claimed, const void *body, size_t len) {
    struct {
        uint32_t length;
        uint16_t type, zero;
        uint64_t call;
    } header = {claimed, type, 0, 1};
    send_all(descriptor, &header, sizeof header);
    send_all(descriptor, body, len);
}

static void send_text(int descriptor, uint16_t type, const char *text) {
    send_frame(descriptor, type, (uint32_t)strlen(text), text, strlen(text));
}

static _Noreturn void hang(void) {
    for (;;)
        pause();
}

static bool is(const char *name) {
    return strcmp(how, name) == 0;
}

static void send_schema(void) {
    send_text(DATA, 32,
              "{\"fields\":[{\"name\":\"t\",\"format\":\"u\",\"nullable\":true,\"children\":[]}],\"metadata\":{}}");
}

/* One text column: sizes as given, then `len` bytes of it. */
static void send_batch(uint32_t claimed, uint32_t rows, const uint64_t sizes[5], size_t len) {
    char *body = calloc(1, 16 + 40 + len);
    uint32_t head[4] = {rows, 1, 0, 0};
    memcpy(body, head, sizeof head);
    memcpy(body + 16, sizes, 40);
    send_frame(DATA, 33, claimed, body, 16 + 40 + len);
    free(body);
}

static void speak_data(void) {
    static unsigned char noise[100000];
    uint32_t state = 1;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (unsigned char)((state = state * 1664525 + 1013904223) >> 24);
    if (is("data_garbage")) {
        send_all(DATA, noise, sizeof noise);
        hang();
    }
    if (is("data_sizes")) {
        send_schema();
        send_batch(1 << 20, 1000, (const uint64_t[]){1000, 0, 0, 4004, UINT64_MAX - 63}, 0);
        hang();
    }
    if (is("data_half")) {
        send_schema();
        send_batch(4032, 10, (const uint64_t[]){10, 0, 0, 44, 3900}, 100);
        hang();
    }
    if (is("data_endless")) {
        send_schema();
        send_batch(64 << 20, 1 << 20, (const uint64_t[]){1 << 20, 0, 0, 4194308, (64 << 20) - 64 - 4194368}, 60 << 20);
        hang();
    }
    if (is("data_closed"))
        close(DATA);
}

static void speak_control(void) {
    if (is("control_garbage"))
        send_text(CONTROL, 19, "{\"level\":");
    if (is("control_huge"))
        send_frame(CONTROL, 17, UINT32_MAX, "", 0);
    if (is("control_closed")) {
        close(CONTROL);
        hang();
    }
    if (is("replaced")) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, DATA);
        dup2(null, CONTROL);
        hang();
    }
    if (is("control_flood"))
        for (;;)
            send_text(CONTROL, 20,
                      "{\"id\":1,\"service\":\"cache_get\",\"name\":\"n\",\"value\":\"\",\"expires_at_us\":0}");
    if (is("result")) {
        send_text(CONTROL, 17, "{\"value\":{\"complete\":true,\"filtered\":false,\"declared_total\":0,\"read\":0}}");
        hang();
    }
}

static void leave_orphan(void) {
    if (fork() == 0) {
        setsid();
        sleep(300);
        _exit(0);
    }
    *(volatile int *)(uintptr_t)8 = 1;
}

static tfc_status pull(tfc_connector *connector, tfc_ctx *ctx, tfc_str request, tfc_op **out,
                       struct ArrowArrayStream *stream, tfc_error *error) {
    (void)connector;
    (void)ctx;
    (void)request;
    (void)out;
    (void)stream;
    speak_data();
    speak_control();
    if (is("orphan"))
        leave_orphan();
    return give_error(error, TFC_UNAVAILABLE, "down", "The other side is down.");
}

/* No pull of this one succeeds, so the host never calls the slots of an operation. */
TEST_CONNECTOR(.validate = plain_validate, .open = open_connector, .close = plain_close, .test = plain_test,
               .discover = plain_discover, .pull = pull, .op_state = plain_op_state, .op_error = plain_op_error,
               .op_summary = plain_op_summary, .op_cancel = plain_op_cancel, .op_close = plain_op_close);

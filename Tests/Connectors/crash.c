/*
 * Misbehaves where and how its settings say: {"in": SLOT, "how": HOW, "batch": N}.
 *   SLOT  validate open test discover pull get_schema get_next op_state op_error op_summary release release_batch
 *         op_cancel op_close close; get_next and op_state do it at batch N, counted from 0
 *         late: pull waits for the cancel and succeeds all the same, get_next waits for op_cancel
 *   HOW   segv abort trap stack exit0 exit3 _exit kill loop sleep sleep_cancel error
 * sleep ignores the cancel flag, sleep_cancel honours it, error answers TFC_UNAVAILABLE where the slot can.
 * Its tokens are the number of the next batch; with "tokens": 0 it gives none. As crash-file its id is "file":
 * trainflow import runs it then. Built with -DCRASH_AT_LOAD or -DCRASH_IN_DESCRIBE it crashes there, before any
 * settings reach it.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

enum { BATCHES = 4, ROWS_OF_BATCH = 2 };

struct tfc_connector {
    char slot[32];
    char how[32];
    int64_t batch;
    bool gives_tokens;
};

struct tfc_op {
    struct tfc_connector *connector;
    tfc_ctx *ctx;
    int64_t batches;
    atomic_bool cancelled;
};

static int64_t overflow(int64_t depth);
static int64_t (*volatile deeper)(int64_t) = overflow; /* the compiler must not see through it */

static int64_t overflow(int64_t depth) {
    volatile char room[4096];
    room[depth % 4096] = (char)depth;
    return deeper(depth + 1) + room[0];
}

static void sleep_until_cancelled(tfc_ctx *ctx) {
    struct pollfd one = {.fd = host->cancel_descriptor(ctx), .events = POLLIN};
    while (!host->cancelled(ctx))
        poll(&one, 1, -1);
}

static void misbehave(const char *how, tfc_ctx *ctx) {
    static volatile int64_t sink;
    if (strcmp(how, "segv") == 0)
        *(volatile int *)(uintptr_t)8 = 1;
    else if (strcmp(how, "abort") == 0)
        abort();
    else if (strcmp(how, "trap") == 0)
        __builtin_trap();
    else if (strcmp(how, "stack") == 0)
        sink = overflow(1);
    else if (strcmp(how, "exit0") == 0)
        exit(0);
    else if (strcmp(how, "exit3") == 0)
        exit(3);
    else if (strcmp(how, "_exit") == 0)
        _exit(5);
    else if (strcmp(how, "kill") == 0)
        kill(getpid(), SIGKILL);
    else if (strcmp(how, "loop") == 0)
        for (;;)
            sink++;
    else if (strcmp(how, "sleep") == 0)
        for (;;)
            pause();
    else if (strcmp(how, "sleep_cancel") == 0)
        sleep_until_cancelled(ctx);
}

static bool is_here(const struct tfc_connector *connector, const char *slot) {
    return strcmp(connector->slot, slot) == 0;
}

/* TFC_OK unless it is this slot's turn to fail in an orderly way. */
static tfc_status turn(const struct tfc_connector *connector, const char *slot, tfc_ctx *ctx, tfc_error *error) {
    if (!is_here(connector, slot))
        return TFC_OK;
    misbehave(connector->how, ctx);
    if (host->cancelled(ctx))
        return give_error(error, TFC_CANCELLED, "cancelled", "The host asked to stop.");
    return give_error(error, TFC_UNAVAILABLE, "down", "The other side is down.");
}

#ifdef CRASH_AT_LOAD
__attribute__((constructor)) static void loaded(void) {
    misbehave("segv", NULL);
}
#endif

static tfc_str describe(void) {
#ifdef CRASH_IN_DESCRIBE
    misbehave("segv", NULL);
#endif
    return manifest();
}

static struct tfc_connector read_settings(tfc_str settings) {
    struct tfc_connector connector = {.batch = json_number(settings, "batch", 0),
                                      .gives_tokens = json_number(settings, "tokens", 1) == 1};
    strncpy(connector.slot, json_text(settings, "in", ""), sizeof connector.slot - 1);
    strncpy(connector.how, json_text(settings, "how", "segv"), sizeof connector.how - 1);
    return connector;
}

static tfc_status validate(tfc_ctx *ctx, tfc_str settings, tfc_blob *findings, tfc_error *error) {
    struct tfc_connector connector = read_settings(settings);
    tfc_status status = turn(&connector, "validate", ctx, error);
    return status == TFC_OK ? plain_validate(ctx, settings, findings, error) : status;
}

static tfc_status open_connector(tfc_ctx *ctx, tfc_str settings, tfc_connector **out, tfc_error *error) {
    struct tfc_connector connector = read_settings(settings);
    tfc_status status = turn(&connector, "open", ctx, error);
    if (status != TFC_OK)
        return status;
    *out = malloc(sizeof **out);
    **out = connector;
    return TFC_OK;
}

static void close_connector(tfc_connector *connector) {
    if (is_here(connector, "close"))
        misbehave(connector->how, NULL);
    free(connector);
}

static tfc_status test(tfc_connector *connector, tfc_ctx *ctx, tfc_blob *report, tfc_error *error) {
    tfc_status status = turn(connector, "test", ctx, error);
    return status == TFC_OK ? plain_test(connector, ctx, report, error) : status;
}

static tfc_status discover(tfc_connector *connector, tfc_ctx *ctx, tfc_blob *streams, tfc_error *error) {
    tfc_status status = turn(connector, "discover", ctx, error);
    return status == TFC_OK ? plain_discover(connector, ctx, streams, error) : status;
}

/* ---- The stream: BATCHES × ROWS_OF_BATCH rows of a number and a text ---- */

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    static const char *const names[] = {"number", "word"};
    struct tfc_op *op = stream->private_data;
    tfc_error error = {0};
    if (turn(op->connector, "get_schema", op->ctx, &error) != TFC_OK) {
        error.release(&error);
        return EIO;
    }
    make_text_schema(out, 2, names);
    return 0;
}

static struct tfc_op *running; /* a batch knows nothing of the operation that made it */

static void release_batch(struct ArrowArray *array) {
    if (running && is_here(running->connector, "release_batch"))
        misbehave(running->connector->how, running->ctx);
    release_blocks_array(array);
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    static const char *const cells[BATCHES][ROWS_OF_BATCH * 2] = {
        {"0", "zero", "1", "one"}, {"2", "two", "3", NULL}, {"4", "four", "5", "five"}, {"6", "six", "7", "seven"}};
    struct tfc_op *op = stream->private_data;
    tfc_error error = {0};
    *out = (struct ArrowArray){0};
    if (is_here(op->connector, "op_error"))
        return EIO;
    while (is_here(op->connector, "late") && !op->cancelled)
        poll(NULL, 0, 1);
    if (is_here(op->connector, "late"))
        return ECANCELED;
    while (is_here(op->connector, "op_cancel"))
        pause(); /* op_cancel runs in another thread, and ends the process or never returns */
    if (op->batches == op->connector->batch && turn(op->connector, "get_next", op->ctx, &error) != TFC_OK) {
        error.release(&error);
        return EIO;
    }
    if (op->batches == BATCHES)
        return 0;
    make_text_batch(out, 2, ROWS_OF_BATCH, cells[op->batches++]);
    out->release = release_batch;
    return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
    (void)stream;
    return "the words of the stream";
}

static void release_stream(struct ArrowArrayStream *stream) {
    struct tfc_op *op = stream->private_data;
    if (is_here(op->connector, "release"))
        misbehave(op->connector->how, op->ctx);
    stream->release = NULL;
}

static tfc_status pull(tfc_connector *connector, tfc_ctx *ctx, tfc_str request, tfc_op **out,
                       struct ArrowArrayStream *stream, tfc_error *error) {
    tfc_status status = turn(connector, "pull", ctx, error);
    if (status != TFC_OK)
        return status;
    if (is_here(connector, "late"))
        sleep_until_cancelled(ctx);
    struct tfc_op *op = calloc(1, sizeof *op);
    op->connector = connector;
    op->ctx = ctx;
    op->batches = read_token(request);
    running = op;
    *out = op;
    *stream = (struct ArrowArrayStream){get_schema, get_next, get_last_error, release_stream, op};
    return TFC_OK;
}

static tfc_status op_state(tfc_op *op, tfc_blob *token, tfc_error *error) {
    if (op->batches == op->connector->batch + 1) {
        tfc_status status = turn(op->connector, "op_state", op->ctx, error);
        if (status != TFC_OK)
            return status;
    }
    if (op->connector->gives_tokens)
        give_text(token, (const char *[]){"0", "1", "2", "3", "4"}[op->batches]);
    return TFC_OK;
}

static tfc_status op_error(tfc_op *op, tfc_error *error) {
    if (is_here(op->connector, "op_error"))
        misbehave(op->connector->how, op->ctx);
    if (host->cancelled(op->ctx))
        return give_error(error, TFC_CANCELLED, "cancelled", "The host asked to stop.");
    return give_error(error, TFC_UNAVAILABLE, "down", "The other side is down.");
}

static tfc_status op_summary(tfc_op *op, tfc_blob *json, tfc_error *error) {
    tfc_status status = turn(op->connector, "op_summary", op->ctx, error);
    if (status == TFC_OK)
        give_text(json, "{\"complete\":true,\"filtered\":false,\"declared_total\":8,\"read\":8,\"warnings\":[],"
                        "\"schema_changed\":false}");
    return status;
}

static void op_cancel(tfc_op *op) {
    op->cancelled = true;
    if (is_here(op->connector, "op_cancel"))
        misbehave(op->connector->how, op->ctx);
}

static void op_close(tfc_op *op) {
    if (is_here(op->connector, "op_close"))
        misbehave(op->connector->how, op->ctx);
    running = NULL;
    free(op);
}

static const tfc_plugin plugin = {
    .struct_size = sizeof plugin,
    .describe = describe,
    .validate = validate,
    .open = open_connector,
    .close = close_connector,
    .test = test,
    .discover = discover,
    .pull = pull,
    .op_state = op_state,
    .op_error = op_error,
    .op_summary = op_summary,
    .op_cancel = op_cancel,
    .op_close = op_close,
};

const tfc_plugin *tfc_plugin_v0(const tfc_host *given) {
    host = given;
    return &plugin;
}

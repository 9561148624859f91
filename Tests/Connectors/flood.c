/*
 * Prints `bytes` bytes (settings; 8,000,000) on stdout and as many on stderr while it hands out one row, without any
 * line end, with the secret `password` every 1,000 bytes. With "logs": N it sends N log lines instead, with "secrets":
 * N it replaces the secret `password` N times, each of "secret_bytes" (10) bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

struct tfc_connector {
    int64_t bytes;
    int64_t logs;
    int64_t secrets;
    int64_t secret_bytes;
};

struct tfc_op {
    const tfc_connector *connector;
    tfc_ctx *ctx;
    bool sent;
};

static tfc_status open_connector(tfc_ctx *ctx, tfc_str settings, tfc_connector **out, tfc_error *error) {
    (void)ctx;
    (void)error;
    *out = malloc(sizeof **out);
    **out = (tfc_connector){json_number(settings, "bytes", 8000000), json_number(settings, "logs", 0),
                            json_number(settings, "secrets", 0), json_number(settings, "secret_bytes", 10)};
    return TFC_OK;
}

static void write_all(int descriptor, const char *bytes, size_t len) {
    while (len > 0) {
        ssize_t written = write(descriptor, bytes, len);
        if (written < 0)
            return;
        bytes += written;
        len -= (size_t)written;
    }
}

static void flood(const struct tfc_op *op) {
    char part[1000];
    tfc_blob secret = {0};
    memset(part, '.', sizeof part);
    if (host->secret(op->ctx, text("password"), &secret) == TFC_OK) {
        memcpy(part + 500, secret.ptr, secret.len < 400 ? secret.len : 400);
        secret.release(&secret);
    }
    for (int64_t done = 0; done < op->connector->bytes; done += (int64_t)sizeof part) {
        write_all(1, part, sizeof part);
        write_all(2, part, sizeof part);
    }
}

static void flood_log(const struct tfc_op *op) {
    char line[64];
    for (int64_t i = 0; i < op->connector->logs; i++) {
        snprintf(line, sizeof line, "line %lld", (long long)i);
        say(host, op->ctx, (int32_t)(i % 4), line);
    }
}

static void flood_secrets(const struct tfc_op *op) {
    size_t len = (size_t)op->connector->secret_bytes;
    char *value = malloc(len + 32);
    memset(value, 'x', len + 32);
    for (int64_t i = 0; i < op->connector->secrets; i++) {
        int digits = snprintf(value, 32, "%lld", (long long)i);
        value[digits] = 'x';
        host->secret_update(op->ctx, text("password"), (tfc_str){value, len});
    }
    free(value);
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    static const char *const names[] = {"word"};
    (void)stream;
    make_text_schema(out, 1, names);
    return 0;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    static const char *const cells[] = {"done"};
    struct tfc_op *op = stream->private_data;
    *out = (struct ArrowArray){0};
    if (op->sent)
        return 0;
    op->sent = true;
    if (op->connector->secrets > 0)
        flood_secrets(op);
    else if (op->connector->logs > 0)
        flood_log(op);
    else
        flood(op);
    make_text_batch(out, 1, 1, cells);
    return 0;
}

static tfc_status pull(tfc_connector *connector, tfc_ctx *ctx, tfc_str request, tfc_op **out,
                       struct ArrowArrayStream *stream, tfc_error *error) {
    (void)request;
    (void)error;
    struct tfc_op *op = calloc(1, sizeof *op);
    op->connector = connector;
    op->ctx = ctx;
    *out = op;
    *stream = (struct ArrowArrayStream){get_schema, get_next, plain_last_error, plain_release_stream, op};
    return TFC_OK;
}

TEST_CONNECTOR(.validate = plain_validate, .open = open_connector, .close = plain_close, .test = plain_test,
               .discover = plain_discover, .pull = pull, .op_state = plain_op_state, .op_error = plain_op_error,
               .op_summary = plain_op_summary, .op_cancel = plain_op_cancel, .op_close = plain_op_close);

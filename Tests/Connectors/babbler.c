/*
 * Says its credentials aloud wherever a connector can say something: on stdout and stderr, in log lines and their
 * fields, in its test's report, in discovered streams, in errors with their codes and details. Settings: {"do": WHAT}.
 *   WHAT  fail: pull is refused · break: pull breaks off behind its first batch · crash: in get_next · hang: until it
 * is cancelled · rows (or nothing): it goes through The rows themselves say nothing.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

struct tfc_connector {
    char what[16];
};

struct tfc_op {
    tfc_connector *connector;
    tfc_ctx *ctx;
    int batches;
};

static tfc_status open_connector(tfc_ctx *ctx, tfc_str settings, tfc_connector **out, tfc_error *error) {
    (void)ctx;
    (void)error;
    *out = calloc(1, sizeof **out);
    strncpy((*out)->what, json_text(settings, "do", "rows"), sizeof(*out)->what - 1);
    return TFC_OK;
}

static const char *secret(tfc_ctx *ctx, const char *name) {
    static char room[4][512];
    static unsigned turn;
    tfc_blob value = {0};
    char *copy = room[turn++ % 4];
    copy[0] = '\0';
    if (host->secret(ctx, text(name), &value) == TFC_OK) {
        snprintf(copy, sizeof room[0], "%.*s", (int)value.len, (const char *)value.ptr);
        value.release(&value);
    }
    return copy;
}

/* As it stands inside a JSON text. */
static const char *escaped(const char *text) {
    static char room[4][1024];
    static unsigned turn;
    char *out = room[turn++ % 4];
    size_t len = 0;
    for (; *text && len < sizeof room[0] - 2; text++) {
        if (*text == '"' || *text == '\\')
            out[len++] = '\\';
        out[len++] = *text;
    }
    out[len] = '\0';
    return out;
}

static void babble(tfc_ctx *ctx) {
    char message[2048], fields[4096];
    const char *password = secret(ctx, "password"), *token = secret(ctx, "token");
    printf("the password is %s\n", password);
    fprintf(stderr, "the password is %s and the token %s\n", password, token);
    /* In two pieces, so that it lies across two reads. */
    printf("again: %.4s", password);
    fflush(stdout);
    printf("%s\n", strlen(password) > 4 ? password + 4 : "");
    fflush(stdout);
    snprintf(message, sizeof message, "logged: %s, %s", password, token);
    snprintf(fields, sizeof fields, "{\"password\":\"%s\",\"inside\":{\"token\":\"<%s>\"}}", escaped(password),
             escaped(token));
    for (int32_t level = TFC_LOG_DEBUG; level <= TFC_LOG_ERROR; level++)
        host->log(ctx, level, text(message), text(fields));
}

static tfc_status fail(tfc_ctx *ctx, tfc_error *error, tfc_status status) {
    static char message[2048], detail[4096];
    snprintf(message, sizeof message, "The login with %s and %s was refused.", secret(ctx, "password"),
             secret(ctx, "token"));
    snprintf(detail, sizeof detail, "{\"password\":\"%s\"}", escaped(secret(ctx, "password")));
    give_error(error, status, secret(ctx, "token"), message);
    error->detail_json = text(detail);
    return status;
}

static tfc_status test(tfc_connector *connector, tfc_ctx *ctx, tfc_blob *report, tfc_error *error) {
    char json[8192];
    const char *password = escaped(secret(ctx, "password"));
    babble(ctx);
    if (strcmp(connector->what, "fail") == 0)
        return fail(ctx, error, TFC_AUTH);
    snprintf(json, sizeof json,
             "{\"ok\":%s,\"steps\":[{\"name\":\"auth\",\"ok\":%s,\"skipped\":false,\"ms\":1,\"message\":\"Tried %s.\","
             "\"hint\":\"Was it %s?\"}]}",
             strcmp(connector->what, "break") ? "true" : "false", strcmp(connector->what, "break") ? "true" : "false",
             password, password);
    give_text(report, json);
    return TFC_OK;
}

static tfc_status discover(tfc_connector *connector, tfc_ctx *ctx, tfc_blob *streams, tfc_error *error) {
    char json[8192];
    babble(ctx);
    if (strcmp(connector->what, "fail") == 0)
        return fail(ctx, error, TFC_AUTH);
    snprintf(json, sizeof json,
             "{\"streams\":[{\"name\":\"people\",\"fields\":[{\"name\":\"id\",\"type\":\"u\",\"nullable\":false,"
             "\"sample\":\"%s\"}],\"key\":[\"id\"],\"cursor\":null,\"incremental\":false}]}",
             escaped(secret(ctx, "token")));
    give_text(streams, json);
    return TFC_OK;
}

/* ---- The stream: one batch of one row ---- */

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    static const char *const names[] = {"id", "email"};
    (void)stream;
    make_text_schema(out, 2, names);
    return 0;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    static const char *const cells[] = {"1", "p1@example.com"};
    struct tfc_op *op = stream->private_data;
    *out = (struct ArrowArray){0};
    if (op->batches++ == 0) {
        make_text_batch(out, 2, 1, cells);
        return 0;
    }
    if (strcmp(op->connector->what, "crash") == 0)
        *(volatile int *)(uintptr_t)8 = 1;
    if (strcmp(op->connector->what, "hang") == 0) {
        struct pollfd one = {.fd = host->cancel_descriptor(op->ctx), .events = POLLIN};
        printf("it waits until it is cancelled\n");
        fflush(stdout);
        poll(&one, 1, -1);
        return EIO;
    }
    return strcmp(op->connector->what, "break") == 0 ? EIO : 0;
}

static tfc_status pull(tfc_connector *connector, tfc_ctx *ctx, tfc_str request, tfc_op **out,
                       struct ArrowArrayStream *stream, tfc_error *error) {
    (void)request;
    babble(ctx);
    if (strcmp(connector->what, "fail") == 0)
        return fail(ctx, error, TFC_AUTH);
    struct tfc_op *op = calloc(1, sizeof *op);
    *op = (struct tfc_op){.connector = connector, .ctx = ctx};
    *out = op;
    *stream = (struct ArrowArrayStream){get_schema, get_next, plain_last_error, plain_release_stream, op};
    return TFC_OK;
}

static tfc_status op_error(tfc_op *op, tfc_error *error) {
    return fail(op->ctx, error, host->cancelled(op->ctx) ? TFC_CANCELLED : TFC_DATA);
}

static tfc_status op_summary(tfc_op *op, tfc_blob *json, tfc_error *error) {
    char room[4096];
    (void)error;
    snprintf(room, sizeof room,
             "{\"complete\":true,\"filtered\":false,\"declared_total\":null,\"read\":1,\"warnings\":[\"It was %s.\"],"
             "\"schema_changed\":false}",
             escaped(secret(op->ctx, "password")));
    give_text(json, room);
    return TFC_OK;
}

TEST_CONNECTOR(.validate = plain_validate, .open = open_connector, .close = plain_close, .test = test,
               .discover = discover, .pull = pull, .op_state = plain_op_state, .op_error = op_error,
               .op_summary = op_summary, .op_cancel = plain_op_cancel, .op_close = plain_op_close);

/*
 * Reads people, goes on from its token, and has a turn on the way, as its settings say:
 * {"rows": N, "batch": N, "at": ROW, "do": WHAT, "when": WHEN, "retry_ms": N, "password": TEXT}.
 *   WHAT  wait: until it is cancelled · sleep: for ever, whatever it is told · gate: until the input named gate is not
 *         empty · segv · unavailable · rate_limit: with retry_ms · state_lost, config: in pull, wherever it would begin
 *   WHEN  first: in an attempt without a token · resumed: in one with · always (also where it says nothing)
 * Every tenth person's e-mail is broken. With a password in the settings it wants the credential to be the same: its
 * test signs in, and says the credential aloud.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

enum { MOST_ROWS = 256 };

struct tfc_connector {
    int64_t rows, batch, at, retry_ms;
    char what[16], when[16], password[64];
};

struct tfc_op {
    struct tfc_connector *connector;
    tfc_ctx *ctx;
    int64_t next;
    bool resumed;
    tfc_status failed;
};

static tfc_status open_connector(tfc_ctx *ctx, tfc_str settings, tfc_connector **out, tfc_error *error) {
    (void)ctx;
    (void)error;
    struct tfc_connector *connector = calloc(1, sizeof *connector);
    connector->rows = json_number(settings, "rows", 100);
    connector->batch = json_number(settings, "batch", 10);
    connector->at = json_number(settings, "at", -1);
    connector->retry_ms = json_number(settings, "retry_ms", 0);
    strncpy(connector->what, json_text(settings, "do", ""), sizeof connector->what - 1);
    strncpy(connector->when, json_text(settings, "when", "always"), sizeof connector->when - 1);
    strncpy(connector->password, json_text(settings, "password", ""), sizeof connector->password - 1);
    *out = connector;
    return TFC_OK;
}

static bool is_now(const struct tfc_op *op) {
    const char *when = op->connector->when;
    return strcmp(when, "always") == 0 || strcmp(when, op->resumed ? "resumed" : "first") == 0;
}

static bool does(const struct tfc_op *op, const char *what) {
    return strcmp(op->connector->what, what) == 0;
}

static void wait_for_gate(const struct tfc_op *op) {
    int gate = host->input(op->ctx, text("gate"));
    char byte;
    while (pread(gate, &byte, 1, 0) != 1 && !host->cancelled(op->ctx)) {
        struct pollfd one = {.fd = host->cancel_descriptor(op->ctx), .events = POLLIN};
        poll(&one, 1, 1);
    }
}

/* Its turn. TFC_OK if it goes on afterwards. */
static tfc_status turn(const struct tfc_op *op) {
    if (does(op, "sleep"))
        for (;;)
            pause();
    if (does(op, "segv"))
        *(volatile int *)(uintptr_t)8 = 1;
    if (does(op, "wait")) {
        struct pollfd one = {.fd = host->cancel_descriptor(op->ctx), .events = POLLIN};
        while (!host->cancelled(op->ctx))
            poll(&one, 1, -1);
    }
    if (does(op, "gate"))
        wait_for_gate(op);
    if (host->cancelled(op->ctx))
        return TFC_CANCELLED;
    if (does(op, "unavailable"))
        return TFC_UNAVAILABLE;
    return does(op, "rate_limit") ? TFC_RATE_LIMIT : TFC_OK;
}

/* ---- The stream ---- */

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    static const char *const names[] = {"id", "email"};
    (void)stream;
    make_text_schema(out, 2, names);
    return 0;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    static char texts[MOST_ROWS][2][32];
    static const char *cells[MOST_ROWS * 2];
    struct tfc_op *op = stream->private_data;
    int64_t rows = 0;
    *out = (struct ArrowArray){0};
    if (op->next == op->connector->at && is_now(op) && (op->failed = turn(op)) != TFC_OK)
        return EIO;
    for (; op->next < op->connector->rows && rows < op->connector->batch && rows < MOST_ROWS; op->next++, rows++) {
        snprintf(texts[rows][0], sizeof texts[rows][0], "%06lld", (long long)op->next);
        snprintf(texts[rows][1], sizeof texts[rows][1], op->next % 10 == 9 ? "broken" : "p%lld@example.com",
                 (long long)op->next);
        cells[rows * 2] = texts[rows][0];
        cells[rows * 2 + 1] = texts[rows][1];
    }
    if (rows > 0)
        make_text_batch(out, 2, (size_t)rows, cells);
    return 0;
}

/* ---- The operation ---- */

static bool is_password(const struct tfc_connector *connector, tfc_ctx *ctx) {
    tfc_blob value = {0};
    if (connector->password[0] == '\0')
        return true;
    if (host->secret(ctx, text("password"), &value) != TFC_OK)
        return false;
    bool same = value.len == strlen(connector->password) && memcmp(value.ptr, connector->password, value.len) == 0;
    value.release(&value);
    return same;
}

static tfc_status test(tfc_connector *connector, tfc_ctx *ctx, tfc_blob *report, tfc_error *error) {
    char json[512], password[64] = "";
    tfc_blob value = {0};
    (void)error;
    if (host->secret(ctx, text("password"), &value) == TFC_OK) {
        snprintf(password, sizeof password, "%.*s", (int)value.len, (const char *)value.ptr);
        value.release(&value);
    }
    printf("signing in with %s\n", password);
    const char *result = is_password(connector, ctx) ? "true" : "false";
    snprintf(
        json, sizeof json,
        "{\"ok\":%s,\"steps\":[{\"name\":\"auth\",\"ok\":%s,\"skipped\":false,\"ms\":1,\"message\":\"Signed in with "
        "%s.\",\"hint\":\"\"}]}",
        result, result, password);
    give_text(report, json);
    return TFC_OK;
}

static tfc_status discover(tfc_connector *connector, tfc_ctx *ctx, tfc_blob *streams, tfc_error *error) {
    (void)connector;
    (void)ctx;
    (void)error;
    give_text(streams,
              "{\"streams\":[{\"name\":\"people\",\"fields\":[{\"name\":\"id\",\"type\":\"u\",\"nullable\":false,"
              "\"sample\":\"000000\"},{\"name\":\"email\",\"type\":\"u\",\"nullable\":true}],\"key\":[\"id\"],"
              "\"cursor\":null,\"incremental\":false}]}");
    return TFC_OK;
}

static tfc_status pull(tfc_connector *connector, tfc_ctx *ctx, tfc_str request, tfc_op **out,
                       struct ArrowArrayStream *stream, tfc_error *error) {
    struct tfc_op *op = calloc(1, sizeof *op);
    *op = (struct tfc_op){.connector = connector, .ctx = ctx, .next = read_token(request)};
    op->resumed = op->next > 0;
    tfc_status status = TFC_OK;
    if (!is_password(connector, ctx))
        status = give_error(error, TFC_AUTH, "login_refused", "The password is wrong.");
    else if (does(op, "state_lost") && is_now(op))
        status = give_error(error, TFC_STATE_LOST, "gone", "The place is lost.");
    else if (does(op, "config")) {
        status = give_error(error, TFC_CONFIG, "unfit", "That can't be done.");
        error->detail_json = text("{\"pointer\":\"/do\"}");
    }
    if (status != TFC_OK) {
        free(op);
        return status;
    }
    *out = op;
    *stream = (struct ArrowArrayStream){get_schema, get_next, plain_last_error, plain_release_stream, op};
    return TFC_OK;
}

static tfc_status op_state(tfc_op *op, tfc_blob *token, tfc_error *error) {
    char number[32];
    (void)error;
    snprintf(number, sizeof number, "%lld", (long long)op->next);
    give_text(token, number);
    return TFC_OK;
}

static tfc_status op_error(tfc_op *op, tfc_error *error) {
    if (op->failed == TFC_CANCELLED)
        return give_error(error, TFC_CANCELLED, "cancelled", "The host asked to stop.");
    if (op->failed == TFC_UNAVAILABLE)
        return give_error(error, TFC_UNAVAILABLE, "down", "The other side is down.");
    give_error(error, TFC_RATE_LIMIT, "too_many", "Too many requests.");
    error->retry_after_ms = op->connector->retry_ms;
    return TFC_RATE_LIMIT;
}

static tfc_status op_summary(tfc_op *op, tfc_blob *json, tfc_error *error) {
    char room[256];
    (void)error;
    snprintf(room, sizeof room,
             "{\"complete\":true,\"filtered\":false,\"declared_total\":null,\"read\":%lld,\"warnings\":[],"
             "\"schema_changed\":false}",
             (long long)op->next);
    give_text(json, room);
    return TFC_OK;
}

/* Fewer rows than none are wrong, none at all is only odd. */
static tfc_status validate(tfc_ctx *ctx, tfc_str settings, tfc_blob *findings, tfc_error *error) {
    int64_t rows = json_number(settings, "rows", 1);
    if (rows > 0)
        return plain_validate(ctx, settings, findings, error);
    give_text(findings, rows == 0
                            ? "{\"findings\":[{\"pointer\":\"/rows\",\"severity\":\"warning\",\"code\":\"none\","
                              "\"message\":\"There is nothing to read.\"}]}"
                            : "{\"findings\":[{\"pointer\":\"/rows\",\"severity\":\"error\",\"code\":\"negative\","
                              "\"message\":\"rows must not be negative.\"}]}");
    return TFC_OK;
}

/* get_next waits on the cancel descriptor: op_cancel has nothing to do. */
TEST_CONNECTOR(.validate = validate, .open = open_connector, .close = plain_close, .test = test, .discover = discover,
               .pull = pull, .op_state = op_state, .op_error = op_error, .op_summary = op_summary,
               .op_cancel = plain_op_cancel, .op_close = plain_op_close);

/*
 * A connector that makes up people and courses, in plain C: an example to begin from (docs/connectors.md walks through
 * it). It has settings, a secret, two streams, a test of the connection, tokens to go on from, spoiled rows, values
 * that a row lacks, nulls, dates, log lines, and can fail in each way that there is.
 */
#include <errno.h>
#include <poll.h>

#include "columns.h"
#include "json.h"
#include "trainflow_plugin.h"

TFC_MANIFEST("roster.json");

static const tfc_host *host;

struct tfc_connector {
    int64_t people, courses, spoiled_every, delay_ms, fail_after;
    char prefix[4 * 20 + 1], fail[16];
};

struct tfc_op {
    struct tfc_connector *connector;
    tfc_ctx *ctx;
    bool reads_courses;
    /* Rows are counted from 0: where this pull began, what comes next, where it ends, where the source ends. */
    int64_t start, next, end, total, batch_rows;
    /* Why a callback of the stream failed. */
    tfc_status status;
    const char *code, *message;
};

/* ---- What slots return ---- */

static tfc_str text(const char *text) {
    return (tfc_str){text, strlen(text)};
}

static void free_blob(tfc_blob *blob) {
    free(blob->owner);
}

static tfc_status give(tfc_blob *out, const char *json) {
    char *copy = must(strdup(json));
    *out = (tfc_blob){(const uint8_t *)copy, strlen(copy), free_blob, copy};
    return TFC_OK;
}

/* All texts here are literals, so that nothing has to be released. */
static tfc_status fail(tfc_error *error, tfc_status status, const char *code, const char *message) {
    error->status = status;
    error->code = text(code);
    error->message = text(message);
    if (status == TFC_RATE_LIMIT)
        error->retry_after_ms = 2000;
    return status;
}

/* ---- Settings and the secret ---- */

/* The host fills in no defaults: those of the schema are for the form. */
static void read_settings(tfc_str settings, struct tfc_connector *out) {
    out->people = json_integer(settings, "people", 0);
    out->courses = json_integer(settings, "courses", 3);
    out->spoiled_every = json_integer(settings, "spoiled_every", 0);
    out->delay_ms = json_integer(settings, "delay_ms", 0);
    out->fail_after = json_integer(settings, "fail_after", 0);
    json_text(settings, "prefix", out->prefix, sizeof out->prefix);
    json_text(settings, "fail", out->fail, sizeof out->fail);
}

/* What the schema can't say. */
static const char all_spoiled[] = "Every person would be spoiled; take 2 or more, or 0 for none.";

static tfc_status validate(tfc_ctx *ctx, tfc_str settings, tfc_blob *findings, tfc_error *error) {
    struct tfc_connector read;
    (void)ctx, (void)error;
    read_settings(settings, &read);
    if (read.spoiled_every != 1)
        return give(findings, "{\"findings\":[]}");
    char json[256];
    snprintf(json, sizeof json,
             "{\"findings\":[{\"pointer\":\"/spoiled_every\",\"severity\":\"error\",\"code\":\"all_spoiled\","
             "\"message\":\"%s\"}]}",
             all_spoiled);
    return give(findings, json);
}

static tfc_status open_connector(tfc_ctx *ctx, tfc_str settings, tfc_connector **out, tfc_error *error) {
    struct tfc_connector read;
    (void)ctx;
    read_settings(settings, &read);
    if (read.spoiled_every == 1) {
        error->detail_json = text("{\"pointer\":\"/spoiled_every\"}");
        return fail(error, TFC_CONFIG, "all_spoiled", all_spoiled);
    }
    *out = must(malloc(sizeof read));
    **out = read;
    return TFC_OK;
}

static void close_connector(tfc_connector *connector) {
    free(connector);
}

/* Signs in: a key that begins with "open" is right. Another source would open a session with it; here it is looked at.
 */
static tfc_status sign_in(tfc_ctx *ctx, tfc_error *error) {
    tfc_blob key = {0};
    tfc_status status = host->secret(ctx, text("access_key"), &key);
    if (status != TFC_OK)
        return fail(error, TFC_AUTH, "key_missing", "There is no access key; enter one.");
    bool is_right = key.len >= 4 && memcmp(key.ptr, "open", 4) == 0;
    if (key.release)
        key.release(&key);
    if (is_right)
        return TFC_OK;
    return fail(error, TFC_AUTH, "key_refused", "The roster refuses the access key; enter one that begins with open.");
}

static tfc_status test_connection(tfc_connector *connector, tfc_ctx *ctx, tfc_blob *report, tfc_error *error) {
    (void)connector;
    if (sign_in(ctx, error) == TFC_OK)
        return give(report,
                    "{\"ok\":true,\"steps\":[{\"name\":\"auth\",\"ok\":true,\"message\":\"the key is right\"}]}");
    *error = (tfc_error){.struct_size = sizeof *error}; /* a step that failed is no error of the call */
    return give(report, "{\"ok\":false,\"steps\":["
                        "{\"name\":\"auth\",\"ok\":false,\"message\":\"the access key is refused\","
                        "\"hint\":\"Enter one that begins with open.\"},"
                        "{\"name\":\"sample\",\"ok\":false,\"skipped\":true}]}");
}

/* ---- Streams ---- */

static const struct field people_fields[] = {
    {TFC_COLUMN_AT, "l", false}, {TFC_COLUMN_ERROR, "u", true},
    {TFC_COLUMN_RAW, "z", true}, {TFC_COLUMN_ABSENT, "z", true},
    {"no", "u", false},          {"name", "u", true},
    {"email", "u", true},        {"hired", "tdD", true},
    {"active", "b", false},
};
static const struct field course_fields[] = {
    {TFC_COLUMN_AT, "l", false},
    {"code", "u", false},
    {"title", "u", true},
    {"hours", "i", true},
};
enum { PEOPLE_FIELDS = sizeof people_fields / sizeof people_fields[0] };
enum { COURSE_FIELDS = sizeof course_fields / sizeof course_fields[0] };

/* Samples are texts, whatever the type is. Reserved columns are not listed. */
static tfc_status discover(tfc_connector *connector, tfc_ctx *ctx, tfc_blob *streams, tfc_error *error) {
    (void)connector;
    tfc_status status = sign_in(ctx, error);
    if (status != TFC_OK)
        return status;
    return give(streams,
                "{\"streams\":[{\"name\":\"people\",\"key\":[\"no\"],\"cursor\":null,\"incremental\":false,\"fields\":["
                "{\"name\":\"no\",\"type\":\"u\",\"nullable\":false,\"sample\":\"0\"},"
                "{\"name\":\"name\",\"type\":\"u\",\"nullable\":true,\"sample\":\"Zo\xC3\xAB 1\"},"
                "{\"name\":\"email\",\"type\":\"u\",\"nullable\":true,\"sample\":\"zoe0@roster.example\"},"
                "{\"name\":\"hired\",\"type\":\"tdD\",\"nullable\":true,\"sample\":\"2019-04-14\"},"
                "{\"name\":\"active\",\"type\":\"b\",\"nullable\":false,\"sample\":\"true\"}]},"
                "{\"name\":\"courses\",\"key\":[\"code\"],\"cursor\":null,\"incremental\":false,\"fields\":["
                "{\"name\":\"code\",\"type\":\"u\",\"nullable\":false,\"sample\":\"C0\"},"
                "{\"name\":\"title\",\"type\":\"u\",\"nullable\":true,\"sample\":\"Course 1\"},"
                "{\"name\":\"hours\",\"type\":\"i\",\"nullable\":true,\"sample\":\"8\"}]}]}");
}

static void add_person(struct batch *batch, const struct tfc_connector *connector, int64_t row) {
    struct column *column = batch->columns;
    char value[128];
    bool is_spoiled = connector->spoiled_every > 0 && row % connector->spoiled_every == connector->spoiled_every - 1;
    bool lacks_two = !is_spoiled && row % 11 == 3;
    put(column++, &row, sizeof row);
    put_text(column++,
             is_spoiled ? "{\"code\":\"torn\",\"field\":\"email\",\"message\":\"The record is torn.\"}" : NULL);
    put_text(column++, is_spoiled ? "7;Zo\xEB;zoe7@" : NULL); /* the bytes as they stand in the source, UTF-8 or not */
    put(column++, lacks_two ? "\x0C" : NULL, 1);              /* bits 2 and 3: email and hired, of no … active */
    snprintf(value, sizeof value, "%s%lld", connector->prefix, (long long)row);
    put_text(column++, value);
    snprintf(value, sizeof value, "Zo\xC3\xAB %lld", (long long)row);
    put_text(column++, row % 13 ? value : NULL);
    snprintf(value, sizeof value, "zoe%lld@roster.example", (long long)row);
    put_text(column++, lacks_two ? NULL : value);
    int32_t days = 18000 + (int32_t)(row % 2000);
    put(column++, lacks_two || row % 17 == 1 ? NULL : &days, sizeof days);
    bool is_active = row % 10 != 0;
    put(column, &is_active, sizeof is_active);
}

static void add_course(struct batch *batch, const struct tfc_connector *connector, int64_t row) {
    struct column *column = batch->columns;
    char value[128];
    put(column++, &row, sizeof row);
    snprintf(value, sizeof value, "%sC%lld", connector->prefix, (long long)row);
    put_text(column++, value);
    snprintf(value, sizeof value, "Course %lld", (long long)row);
    put_text(column++, value);
    int32_t hours = (int32_t)(row % 5) * 8;
    put(column, hours > 0 ? &hours : NULL, sizeof hours);
}

/* ---- The callbacks of a pull's stream ---- */

/* What op_error tells when the callback has returned this. */
static int stream_fails(struct tfc_op *op, tfc_status status, const char *code, const char *message) {
    op->status = status;
    op->code = code;
    op->message = message;
    return EIO;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    struct tfc_op *op = stream->private_data;
    if (op->reads_courses)
        give_schema(course_fields, COURSE_FIELDS, "index", "roster/courses", out);
    else
        give_schema(people_fields, PEOPLE_FIELDS, "index", "roster/people", out);
    return 0;
}

/* Waits as a slow source does, but not longer than the host wants. */
static bool is_cancelled(struct tfc_op *op) {
    struct pollfd cancelled = {.fd = host->cancel_descriptor(op->ctx), .events = POLLIN};
    if (op->connector->delay_ms > 0)
        poll(&cancelled, 1, (int)op->connector->delay_ms);
    return host->cancelled(op->ctx);
}

static int fail_as_set(struct tfc_op *op) {
    static const char *const names[] = {"",           "config",      "auth",       "forbidden", "not_found",
                                        "rate_limit", "unavailable", "timeout",    "cancelled", "data",
                                        "conflict",   "unsupported", "state_lost", "internal",  "protocol"};
    for (tfc_status status = TFC_CONFIG; status <= TFC_PROTOCOL; status++)
        if (strcmp(op->connector->fail, names[status]) == 0)
            return stream_fails(op, status, "as_set", "This was to fail; clear the setting fail.");
    abort(); /* "crash" */
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    struct tfc_op *op = stream->private_data;
    struct tfc_connector *connector = op->connector;
    if (is_cancelled(op))
        return stream_fails(op, TFC_CANCELLED, "cancelled", "The host asked to stop.");
    if (connector->fail[0] && op->next >= connector->fail_after)
        return fail_as_set(op);
    if (op->next == op->end)
        return 0; /* *out came zeroed, and that is the end */
    int64_t rows = op->end - op->next < op->batch_rows ? op->end - op->next : op->batch_rows;
    struct batch *batch =
        op->reads_courses ? new_batch(course_fields, COURSE_FIELDS) : new_batch(people_fields, PEOPLE_FIELDS);
    for (int64_t row = op->next; row < op->next + rows; row++)
        (op->reads_courses ? add_course : add_person)(batch, connector, row);
    give_batch(batch, rows, out);
    op->next += rows;
    return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
    struct tfc_op *op = stream->private_data;
    return op->message;
}

static void release_stream(struct ArrowArrayStream *stream) {
    stream->release = NULL; /* op_close frees what it points at */
}

/* ---- A pull ---- */

static tfc_status pull(tfc_connector *connector, tfc_ctx *ctx, tfc_str request, tfc_op **out,
                       struct ArrowArrayStream *stream, tfc_error *error) {
    tfc_status status = sign_in(ctx, error);
    if (status != TFC_OK)
        return status;
    char name[16];
    json_text(request, "stream", name, sizeof name);
    bool reads_courses = strcmp(name, "courses") == 0;
    if (!reads_courses && strcmp(name, "people") != 0)
        return fail(error, TFC_NOT_FOUND, "stream_unknown",
                    "There are the streams people and courses; take one of them.");

    /* The token is "courses 12": what a token of another version would be is not guessed. */
    long long start = 0;
    tfc_str token = json_member(request, "token");
    if (token.len > 0 && *token.ptr == '"') {
        char plain[64], end;
        json_base64((tfc_str){token.ptr + 1, token.len - 2}, plain, sizeof plain);
        if (sscanf(plain, reads_courses ? "courses %lld%c" : "people %lld%c", &start, &end) != 1 || start < 0)
            return fail(error, TFC_STATE_LOST, "token_unknown", "The token is none of this connector's; start anew.");
    }

    struct tfc_op *op = must(calloc(1, sizeof *op));
    *op = (struct tfc_op){.connector = connector, .ctx = ctx, .reads_courses = reads_courses};
    op->total = reads_courses ? connector->courses : connector->people;
    op->start = op->next = start < op->total ? start : op->total;
    int64_t limit = json_integer(request, "limit", op->total);
    op->end = limit < op->total - op->start ? op->start + limit : op->total;
    op->batch_rows = json_integer(request, "batch_rows", 4096);
    char line[64];
    snprintf(line, sizeof line, "{\"from\":%lld,\"of\":%lld}", (long long)op->start, (long long)op->total);
    host->log(ctx, TFC_LOG_INFO, text("reading the roster"), text(line));
    *stream = (struct ArrowArrayStream){get_schema, get_next, get_last_error, release_stream, op};
    *out = op;
    return TFC_OK;
}

static tfc_status op_state(tfc_op *op, tfc_blob *token, tfc_error *error) {
    char state[64];
    (void)error;
    snprintf(state, sizeof state, "%s %lld", op->reads_courses ? "courses" : "people", (long long)op->next);
    return give(token, state);
}

static tfc_status op_error(tfc_op *op, tfc_error *error) {
    return fail(error, op->status, op->code, op->message);
}

/* Complete only if the end was reached: from the start, or from where an earlier pull of the same snapshot had ended.
 */
static tfc_status op_summary(tfc_op *op, tfc_blob *json, tfc_error *error) {
    char summary[256];
    (void)error;
    snprintf(summary, sizeof summary,
             "{\"complete\":%s,\"filtered\":false,\"declared_total\":%lld,\"read\":%lld,\"warnings\":[]}",
             op->next == op->total ? "true" : "false", (long long)op->total, (long long)(op->next - op->start));
    return give(json, summary);
}

/* Comes from another thread. Nothing to do: what waits here, waits on the cancel descriptor too. */
static void op_cancel(tfc_op *op) {
    (void)op;
}

static void op_close(tfc_op *op) {
    free(op);
}

/* ---- The table ---- */

static tfc_str describe(void) {
    return (tfc_str){tfc_manifest_begin, (uint64_t)(tfc_manifest_end - tfc_manifest_begin)};
}

static const tfc_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = TFC_ABI_MINOR,
    .describe = describe,
    .validate = validate,
    .open = open_connector,
    .close = close_connector,
    .test = test_connection,
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

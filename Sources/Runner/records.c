#include "records.h"

#include <stdlib.h>
#include <string.h>

#include "arrow_build.h"
#include "arrow_flatten.h"
#include "control.h"
#include "stop.h"

/* ---- One stream from the connector to the host ---- */

struct stream {
    struct run *run;
    tfc_op *operation;
    struct ArrowArrayStream source;
    struct ArrowSchema schema;
    struct record_type record;
    bool carries_tokens;
};

/* The words behind a callback that failed: op_error's, or the stream's own. */
static bool stream_failed(struct stream *stream, const char *slot, int code) {
    struct run *run = stream->run;
    tfc_error error = fresh_error();
    const char *words = stream->source.get_last_error ? stream->source.get_last_error(&stream->source) : NULL;
    struct bytes last = {0};
    if (words)
        bytes_readable(&last, words, strlen(words), 1024);
    enter("op_error");
    tfc_status status = run->plugin->op_error(stream->operation, &error);
    leave_slot();
    if (status != TFC_OK)
        fail_with_error(&run->failure, "op_error", status, &error);
    else
        fail_breach(&run->failure, slot, "returned %d, but op_error knows of no error%s%.*s", code,
                    last.len > 0 ? "; the stream says: " : "", (int)last.len, last.len > 0 ? last.ptr : "");
    bytes_free(&last);
    return false;
}

static bool check_source(struct stream *stream, const char *slot) {
    struct failure *failure = &stream->run->failure;
    if (!stream->operation)
        return fail_breach(failure, slot, "returned TFC_OK but no operation");
    if (!stream->source.release)
        return fail_breach(failure, slot, "returned TFC_OK but no stream (release is NULL)");
    if (!stream->source.get_schema || !stream->source.get_next)
        return fail_breach(failure, slot, "returned a stream without get_schema or get_next");
    return true;
}

static bool send_schema(struct stream *stream) {
    struct run *run = stream->run;
    enter("get_schema");
    int code = stream->source.get_schema(&stream->source, &stream->schema);
    leave_slot();
    if (code != 0)
        return stream_failed(stream, "get_schema", code);
    if (!record_type_read(&stream->record, "get_schema", &stream->schema, &run->failure))
        return false;
    struct bytes body = {0};
    record_type_json(&stream->record, &body);
    bool fits = body.len <= SCHEMA_BODY_LIMIT ||
                fail_breach(&run->failure, "get_schema", "the schema takes %zu bytes; at most %d are allowed", body.len,
                            SCHEMA_BODY_LIMIT);
    struct iovec vector = {body.ptr, body.len};
    if (fits)
        data_send(FRAME_SCHEMA, run->call->number, &vector, 1);
    bytes_free(&body);
    return fits;
}

static bool check_batch(struct stream *stream, const char *slot, const struct ArrowArray *array) {
    return arrow_check(&stream->record, slot, array, &stream->run->failure);
}

/* The connector's own normalisation, in place; what it makes of the batch is checked again. */
static bool transform(struct stream *stream, struct ArrowArray *array) {
    struct run *run = stream->run;
    if (!stream->carries_tokens || !run->plugin->transform)
        return true;
    tfc_error error = fresh_error();
    enter("transform");
    tfc_status status = run->plugin->transform(run->connector, run->context, &stream->schema, array, &error);
    leave_slot();
    if (status != TFC_OK)
        return fail_with_error(&run->failure, "transform", status, &error);
    if (!array->release)
        return fail_breach(&run->failure, "transform", "returned TFC_OK, but the batch is released");
    return check_batch(stream, "transform", array);
}

static bool read_token(struct stream *stream, struct bytes *token) {
    struct run *run = stream->run;
    if (!stream->carries_tokens)
        return true;
    tfc_error error = fresh_error();
    tfc_blob blob = {0};
    enter("op_state");
    tfc_status status = run->plugin->op_state(stream->operation, &blob, &error);
    leave_slot();
    if (status != TFC_OK)
        return fail_with_error(&run->failure, "op_state", status, &error);
    return take_blob(run, "op_state", &blob, TOKEN_LIMIT, token);
}

static void release_array(struct ArrowArray *array) {
    enter("release of a batch");
    if (array->release)
        array->release(array);
    leave_slot();
}

static bool send_batch(struct stream *stream, struct ArrowArray *array) {
    struct bytes token = {0};
    bool sent = check_batch(stream, "get_next", array) && transform(stream, array) && read_token(stream, &token) &&
                arrow_send(&stream->record, "get_next", array, bytes_str(&token), stream->run->call->number,
                           &stream->run->failure);
    release_array(array);
    bytes_free(&token);
    return sent;
}

/* False at the end too. */
static bool next_batch(struct stream *stream) {
    struct ArrowArray array = {0};
    enter("get_next");
    int code = stream->source.get_next(&stream->source, &array);
    leave_slot();
    if (code != 0)
        return stream_failed(stream, "get_next", code);
    /* A batch without release would pass for the end, and all rows behind it for read. */
    if (!array.release && array.length != 0)
        return fail_breach(&stream->run->failure, "get_next",
                           "returned a batch with length %lld, but its release is NULL, which says the end; the end "
                           "has length 0",
                           (long long)array.length);
    return array.release && send_batch(stream, &array);
}

static void read_summary(struct stream *stream) {
    struct run *run = stream->run;
    tfc_error error = fresh_error();
    tfc_blob summary = {0};
    enter("op_summary");
    tfc_status status = run->plugin->op_summary(stream->operation, &summary, &error);
    leave_slot();
    take_json(run, "op_summary", status, &summary, &error);
}

static void send_all(struct stream *stream) {
    if (!send_schema(stream))
        return;
    while (next_batch(stream))
        continue;
    if (stream->run->failure.status == TFC_OK)
        read_summary(stream);
}

/* In the order of the contract: schema and stream, then the operation. */
static void close_stream(struct stream *stream) {
    struct run *run = stream->run;
    enter("release of the stream");
    if (stream->schema.release)
        stream->schema.release(&stream->schema);
    if (stream->source.release)
        stream->source.release(&stream->source);
    leave_slot();
    control_operation_ends();
    enter("op_close");
    if (stream->operation)
        run->plugin->op_close(stream->operation);
    leave_slot();
    record_type_free(&stream->record);
}

static void carry(struct stream *stream, const char *slot) {
    control_operation_began(stream->operation, stream->run->plugin->op_cancel);
    if (check_source(stream, slot))
        send_all(stream);
    close_stream(stream);
}

/* ---- Pull and push ---- */

void run_pull(struct run *run) {
    struct stream stream = {.run = run, .carries_tokens = true};
    tfc_error error = fresh_error();
    if (!run->plugin->pull) {
        fail(&run->failure, TFC_UNSUPPORTED, "unsupported", "this connector does not read (it offers no pull)");
        return;
    }
    enter("pull");
    tfc_status status =
        run->plugin->pull(run->connector, run->context, run->call->request, &stream.operation, &stream.source, &error);
    leave_slot();
    if (status != TFC_OK)
        fail_with_error(&run->failure, "pull", status, &error);
    else
        carry(&stream, "pull");
}

void run_push(struct run *run) {
    struct stream stream = {.run = run};
    struct ArrowArrayStream input;
    tfc_error error = fresh_error();
    if (!run->plugin->push) {
        fail(&run->failure, TFC_UNSUPPORTED, "unsupported", "this connector does not write (it offers no push)");
        return;
    }
    push_input_open(run->call->number, &input);
    enter("push");
    tfc_status status = run->plugin->push(run->connector, run->context, run->call->request, &input, &stream.operation,
                                          &stream.source, &error);
    leave_slot();
    if (status != TFC_OK)
        fail_with_error(&run->failure, "push", status, &error);
    else
        carry(&stream, "push");
    if (input.release)
        input.release(&input);
}

/*
 * Breaks the contract as its settings say, {"case": NAME}: one breach each, of an otherwise good stream with a column
 * `n` (int64, no nulls) and a column `t` (utf8). Tests/RunnerTests/test_breaches.py lists what must be said to each.
 * With -DBAD_TABLE=N the table is wrong (1 its size, 2 a slot, 3 all of it), or the manifest (4 JSON, 5 UTF-8, 6 none).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#ifndef BAD_TABLE
#define BAD_TABLE 0
#endif

struct tfc_connector {
    const char *breach;
};

struct tfc_op {
    bool sent;
};

static char breach[64];

static bool is(const char *name) {
    return strcmp(breach, name) == 0;
}

/* ---- Schemas ---- */

static void replace_child(struct ArrowSchema *schema, int64_t child, const char *name, const char *format,
                          size_t children) {
    schema->children[child]->release(schema->children[child]);
    make_schema(schema->children[child], name, format, ARROW_FLAG_NULLABLE, children);
}

static void nest(struct ArrowSchema *schema, int levels) {
    make_schema(schema, "deeper", levels == 0 ? "l" : "+s", ARROW_FLAG_NULLABLE, levels == 0 ? 0 : 1);
    if (levels > 0)
        nest(schema->children[0], levels - 1);
}

static void schema_many_columns(struct ArrowSchema *schema) {
    char name[16] = "c00000";
    schema->release(schema);
    make_schema(schema, "", "+s", 0, 5000);
    for (int i = 0; i < 5000; i++) {
        for (int digit = 5, rest = i; digit > 0; digit--, rest /= 10)
            name[digit] = (char)('0' + rest % 10);
        make_schema(schema->children[i], name, "l", 0, 0);
    }
}

static void schema_deep(struct ArrowSchema *schema) {
    schema->children[0]->release(schema->children[0]);
    nest(schema->children[0], 20);
}

static void schema_view(struct ArrowSchema *schema) {
    replace_child(schema, 1, "t", "vu", 0);
}

static void schema_format_missing(struct ArrowSchema *schema) {
    schema->children[1]->format = NULL;
}

static void schema_format_long(struct ArrowSchema *schema) {
    replace_child(schema, 1, "t",
                  "tsu:Some/Very/Long/Zone/That/Never/Ends/And/Never/Ends/And/Never/Ends/And/Never/Ends", 0);
}

static void schema_decimal(struct ArrowSchema *schema) {
    replace_child(schema, 1, "t", "d:39,2", 0);
}

static void schema_decimal256(struct ArrowSchema *schema) {
    replace_child(schema, 1, "t", "d:20,2,256", 0);
}

static void schema_not_struct(struct ArrowSchema *schema) {
    schema->format = "l";
}

static void schema_name_not_utf8(struct ArrowSchema *schema) {
    schema->children[1]->name = "t\xFF";
}

static void schema_name_long(struct ArrowSchema *schema) {
    static char name[4096];
    memset(name, 'x', sizeof name - 1);
    schema->children[1]->name = name;
}

static void schema_name_twice(struct ArrowSchema *schema) {
    schema->children[1]->name = "n";
}

static void schema_name_empty(struct ArrowSchema *schema) {
    schema->children[1]->name = NULL;
}

static void schema_reserved_type(struct ArrowSchema *schema) {
    schema->children[1]->name = TFC_COLUMN_OP;
}

static void schema_reserved_name(struct ArrowSchema *schema) {
    schema->children[1]->name = "_tf_mine";
}

static void schema_raw_alone(struct ArrowSchema *schema) {
    replace_child(schema, 1, TFC_COLUMN_RAW, "z", 0);
}

static void schema_at_without_locator(struct ArrowSchema *schema) {
    schema->children[0]->name = TFC_COLUMN_AT;
}

static void schema_metadata_count(struct ArrowSchema *schema) {
    static const int32_t metadata[] = {-1};
    schema->metadata = (const char *)metadata;
}

static void schema_metadata_length(struct ArrowSchema *schema) {
    static const int32_t metadata[] = {1, 0x7FFFFFFF};
    schema->metadata = (const char *)metadata;
}

static void schema_missing(struct ArrowSchema *schema) {
    schema->release(schema);
    *schema = (struct ArrowSchema){0};
}

static void schema_children_missing(struct ArrowSchema *schema) {
    schema->children = NULL;
}

static void schema_children_negative(struct ArrowSchema *schema) {
    schema->n_children = -1;
}

static void schema_empty_struct(struct ArrowSchema *schema) {
    replace_child(schema, 1, "t", "+s", 0);
}

static void schema_list_of_two(struct ArrowSchema *schema) {
    replace_child(schema, 1, "t", "+l", 2);
    make_schema(schema->children[1]->children[0], "a", "l", 0, 0);
    make_schema(schema->children[1]->children[1], "b", "l", 0, 0);
}

static void schema_dictionary_of_numbers(struct ArrowSchema *schema) {
    replace_child(schema, 1, "t", "i", 0);
    schema->children[1]->dictionary = block(schema->children[1]->private_data, sizeof(struct ArrowSchema));
    make_schema(schema->children[1]->dictionary, "", "l", 0, 0);
}

static void schema_dictionary(struct ArrowSchema *schema) {
    schema_dictionary_of_numbers(schema);
    schema->children[1]->dictionary->format = "u";
}

static void schema_list(struct ArrowSchema *schema) {
    replace_child(schema, 1, "t", "+l", 1);
    make_schema(schema->children[1]->children[0], "item", "l", 0, 0);
}

/* ---- Batches: three rows; n is child 0, t is child 1 ---- */

static void batch_length_negative(struct ArrowArray *batch) {
    batch->length = -1;
}

static void batch_length_huge(struct ArrowArray *batch) {
    batch->length = INT64_MAX;
}

static void batch_release_missing(struct ArrowArray *batch) {
    batch->release = NULL;
}

static void batch_offset_negative(struct ArrowArray *batch) {
    batch->children[0]->offset = -8;
}

static void batch_offset_huge(struct ArrowArray *batch) {
    batch->offset = INT64_MAX;
}

static void batch_nulls_low(struct ArrowArray *batch) {
    batch->children[1]->null_count = -2;
}

static void batch_nulls_high(struct ArrowArray *batch) {
    batch->children[1]->null_count = 4;
}

static void batch_nulls_lie(struct ArrowArray *batch) {
    batch->children[1]->null_count = 2;
}

static void batch_nulls_without_bits(struct ArrowArray *batch) {
    batch->children[1]->null_count = 1;
    batch->children[1]->buffers[0] = NULL;
}

static const uint8_t one_null[] = {5};

static void batch_nulls_forbidden(struct ArrowArray *batch) {
    batch->children[0]->null_count = -1;
    batch->children[0]->buffers[0] = one_null;
}

static void batch_row_null(struct ArrowArray *batch) {
    batch->null_count = -1;
    batch->buffers[0] = one_null;
}

static void batch_n_buffers(struct ArrowArray *batch) {
    batch->children[1]->n_buffers = 2;
}

static void batch_buffers_missing(struct ArrowArray *batch) {
    batch->children[1]->buffers = NULL;
}

static void batch_n_children(struct ArrowArray *batch) {
    batch->n_children = 1;
}

static void batch_children_missing(struct ArrowArray *batch) {
    batch->children = NULL;
}

static void batch_child_missing(struct ArrowArray *batch) {
    batch->children[1] = NULL;
}

static void batch_child_short(struct ArrowArray *batch) {
    batch->children[0]->length = 2;
}

static void batch_values_missing(struct ArrowArray *batch) {
    batch->children[0]->buffers[1] = NULL;
}

static void batch_offsets_missing(struct ArrowArray *batch) {
    batch->children[1]->buffers[1] = NULL;
}

static void batch_text_missing(struct ArrowArray *batch) {
    batch->children[1]->buffers[2] = NULL;
}

static void batch_offsets_fall(struct ArrowArray *batch) {
    static const int32_t offsets[] = {0, 3, 2, 3};
    batch->children[1]->buffers[1] = offsets;
}

static void batch_offsets_negative(struct ArrowArray *batch) {
    static const int32_t offsets[] = {-4, 0, 2, 3};
    batch->children[1]->buffers[1] = offsets;
}

static void text_bytes(struct ArrowArray *batch, const char *bytes, const int32_t *offsets) {
    batch->children[1]->buffers[0] = NULL;
    batch->children[1]->null_count = 0;
    batch->children[1]->buffers[1] = offsets;
    batch->children[1]->buffers[2] = bytes;
}

static void batch_not_utf8(struct ArrowArray *batch) {
    static const int32_t offsets[] = {0, 1, 2, 3};
    text_bytes(batch, "a\xFFz", offsets);
}

static void batch_surrogate(struct ArrowArray *batch) {
    static const int32_t offsets[] = {0, 3, 3, 3};
    text_bytes(batch, "\xED\xA0\x80", offsets);
}

static void batch_split_character(struct ArrowArray *batch) {
    static const int32_t offsets[] = {0, 1, 2, 3};
    text_bytes(batch, "\xC3\xA9!", offsets); /* one é, but its two bytes in two values */
}

static void batch_dictionary_index(struct ArrowArray *batch) {
    static const int32_t indices[] = {0, 1, 7}, offsets[] = {0, 1, 2};
    static const void *index_buffers[] = {NULL, indices}, *value_buffers[] = {NULL, offsets, "ab"};
    static struct ArrowArray dictionary;
    dictionary = (struct ArrowArray){.length = 2, .n_buffers = 3, .buffers = value_buffers};
    batch->children[1]->null_count = 0;
    batch->children[1]->n_buffers = 2;
    batch->children[1]->buffers = index_buffers;
    batch->children[1]->dictionary = &dictionary;
}

static void batch_dictionary_missing(struct ArrowArray *batch) {
    batch_dictionary_index(batch);
    batch->children[1]->dictionary = NULL;
}

static void batch_list_too_long(struct ArrowArray *batch) {
    static const int32_t offsets[] = {0, 1, 2, 9};
    static const int64_t numbers[] = {1, 2, 3};
    static const void *list_buffers[] = {NULL, offsets}, *item_buffers[] = {NULL, numbers};
    static struct ArrowArray items, *children[] = {&items};
    items = (struct ArrowArray){.length = 3, .n_buffers = 2, .buffers = item_buffers};
    batch->children[1]->null_count = 0;
    batch->children[1]->n_buffers = 2;
    batch->children[1]->buffers = list_buffers;
    batch->children[1]->n_children = 1;
    batch->children[1]->children = children;
}

static const struct {
    const char *name;
    void (*schema)(struct ArrowSchema *);
    void (*batch)(struct ArrowArray *);
} breaches[] = {
    {"columns_5000", schema_many_columns, NULL},
    {"deep", schema_deep, NULL},
    {"view", schema_view, NULL},
    {"format_missing", schema_format_missing, NULL},
    {"format_long", schema_format_long, NULL},
    {"decimal", schema_decimal, NULL},
    {"decimal256", schema_decimal256, NULL},
    {"not_struct", schema_not_struct, NULL},
    {"name_not_utf8", schema_name_not_utf8, NULL},
    {"name_long", schema_name_long, NULL},
    {"name_twice", schema_name_twice, NULL},
    {"name_empty", schema_name_empty, NULL},
    {"reserved_type", schema_reserved_type, NULL},
    {"reserved_name", schema_reserved_name, NULL},
    {"raw_alone", schema_raw_alone, NULL},
    {"at_without_locator", schema_at_without_locator, NULL},
    {"metadata_count", schema_metadata_count, NULL},
    {"metadata_length", schema_metadata_length, NULL},
    {"schema_missing", schema_missing, NULL},
    {"schema_children_missing", schema_children_missing, NULL},
    {"schema_children_negative", schema_children_negative, NULL},
    {"empty_struct", schema_empty_struct, NULL},
    {"list_of_two", schema_list_of_two, NULL},
    {"dictionary_of_numbers", schema_dictionary_of_numbers, NULL},
    {"length_negative", NULL, batch_length_negative},
    {"length_huge", NULL, batch_length_huge},
    {"release_missing", NULL, batch_release_missing},
    {"offset_negative", NULL, batch_offset_negative},
    {"offset_huge", NULL, batch_offset_huge},
    {"nulls_low", NULL, batch_nulls_low},
    {"nulls_high", NULL, batch_nulls_high},
    {"nulls_lie", NULL, batch_nulls_lie},
    {"nulls_without_bits", NULL, batch_nulls_without_bits},
    {"nulls_forbidden", NULL, batch_nulls_forbidden},
    {"row_null", NULL, batch_row_null},
    {"n_buffers", NULL, batch_n_buffers},
    {"buffers_missing", NULL, batch_buffers_missing},
    {"n_children", NULL, batch_n_children},
    {"children_missing", NULL, batch_children_missing},
    {"child_missing", NULL, batch_child_missing},
    {"child_short", NULL, batch_child_short},
    {"values_missing", NULL, batch_values_missing},
    {"offsets_missing", NULL, batch_offsets_missing},
    {"text_missing", NULL, batch_text_missing},
    {"offsets_fall", NULL, batch_offsets_fall},
    {"offsets_negative", NULL, batch_offsets_negative},
    {"not_utf8", NULL, batch_not_utf8},
    {"surrogate", NULL, batch_surrogate},
    {"split_character", NULL, batch_split_character},
    {"dictionary_index", schema_dictionary, batch_dictionary_index},
    {"dictionary_missing", schema_dictionary, batch_dictionary_missing},
    {"list_too_long", schema_list, batch_list_too_long},
};

/* ---- The stream ---- */

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    (void)stream;
    if (is("get_schema_fails"))
        return ENOMEM;
    make_schema(out, "", "+s", 0, 2);
    make_schema(out->children[0], "n", "l", 0, 0);
    make_schema(out->children[1], "t", "u", ARROW_FLAG_NULLABLE, 0);
    for (size_t i = 0; i < sizeof breaches / sizeof breaches[0]; i++)
        if (is(breaches[i].name) && breaches[i].schema)
            breaches[i].schema(out);
    return 0;
}

/* Everything in it is static: however it is spoiled, there is nothing to free. */
static void release_batch(struct ArrowArray *batch) {
    batch->release = NULL;
}

static void good_batch(struct ArrowArray *out) {
    static const int64_t numbers[] = {1, 2, 3};
    static const int32_t offsets[] = {0, 1, 1, 3};
    static const void *row_buffers[1], *n_buffers[2], *t_buffers[3];
    static struct ArrowArray n, t, *children[2];
    row_buffers[0] = n_buffers[0] = NULL;
    n_buffers[1] = numbers;
    t_buffers[0] = one_null;
    t_buffers[1] = offsets;
    t_buffers[2] = "abc";
    n = (struct ArrowArray){.length = 3, .n_buffers = 2, .buffers = n_buffers, .release = release_batch};
    t = (struct ArrowArray){
        .length = 3, .null_count = 1, .n_buffers = 3, .buffers = t_buffers, .release = release_batch};
    children[0] = &n;
    children[1] = &t;
    *out = (struct ArrowArray){.length = 3,
                               .n_buffers = 1,
                               .buffers = row_buffers,
                               .n_children = 2,
                               .children = children,
                               .release = release_batch};
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    struct tfc_op *op = stream->private_data;
    *out = (struct ArrowArray){0};
    if (is("get_next_fails") || is("op_error_ok") || is("op_error_status") || is("no_words"))
        return EIO;
    if (op->sent)
        return 0;
    op->sent = true;
    good_batch(out);
    for (size_t i = 0; i < sizeof breaches / sizeof breaches[0]; i++)
        if (is(breaches[i].name) && breaches[i].batch)
            breaches[i].batch(out);
    return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
    (void)stream;
    return is("no_words") ? NULL : "the words of the stream";
}

static void release_stream(struct ArrowArrayStream *stream) {
    stream->release = NULL;
}

/* ---- Errors ---- */

static tfc_status bad_error(tfc_error *error) {
    static const char secret_of_length[20000] = {'x'};
    give_error(error, TFC_UNAVAILABLE, "down", "The other side is down.");
    if (is("error_not_utf8"))
        error->message = text("down\xFF");
    else if (is("error_code_not_utf8"))
        error->code = text("\x80");
    else if (is("error_null"))
        error->message = (tfc_str){NULL, 5};
    else if (is("error_long"))
        error->message = (tfc_str){secret_of_length, sizeof secret_of_length};
    else if (is("error_detail"))
        error->detail_json = text("{\"pointer\":");
    else if (is("error_size"))
        error->struct_size = 7;
    else if (is("error_retry"))
        error->retry_after_ms = -1;
    else if (is("error_empty"))
        error->code = error->message = (tfc_str){NULL, 0};
    else if (is("error_full")) {
        error->retry_after_ms = 1500;
        error->vendor_code = 503;
        error->detail_json = text("{\"pointer\":\"/case\"}");
    }
    if (is("status_99"))
        return 99;
    return is("status_negative") ? -1 : TFC_UNAVAILABLE;
}

static bool pull_fails(void) {
    return strncmp(breach, "error_", 6) == 0 || strncmp(breach, "status_", 7) == 0;
}

static tfc_status op_error(tfc_op *op, tfc_error *error) {
    (void)op;
    if (is("op_error_ok") || is("no_words"))
        return TFC_OK;
    give_error(error, TFC_DATA, "broken", "The file is broken.");
    return is("op_error_status") ? 1000 : TFC_DATA;
}

/* ---- The table ---- */

static tfc_str describe(void) {
    if (BAD_TABLE == 4)
        return text("{\"id\": \"test-bad\"");
    if (BAD_TABLE == 5)
        return text("{\"id\": \"\xFF\"}");
    return BAD_TABLE == 6 ? (tfc_str){NULL, 0} : manifest();
}

static tfc_status validate(tfc_ctx *ctx, tfc_str settings, tfc_blob *findings, tfc_error *error) {
    (void)ctx;
    (void)error;
    strncpy(breach, json_text(settings, "case", ""), sizeof breach - 1);
    give_text(findings, is("findings") ? "[]" : "{\"findings\":[]}");
    return TFC_OK;
}

static tfc_status open_connector(tfc_ctx *ctx, tfc_str settings, tfc_connector **out, tfc_error *error) {
    (void)ctx;
    (void)error;
    strncpy(breach, json_text(settings, "case", ""), sizeof breach - 1);
    *out = is("open_null") ? NULL : calloc(1, sizeof **out);
    return TFC_OK;
}

static void close_connector(tfc_connector *connector) {
    free(connector);
}

static tfc_status test(tfc_connector *connector, tfc_ctx *ctx, tfc_blob *report, tfc_error *error) {
    if (is("report_empty")) {
        give_text(report, "{}");
        return TFC_OK;
    }
    if (!is("report"))
        return plain_test(connector, ctx, report, error);
    *report = (tfc_blob){0}; /* TFC_OK, and nothing */
    return TFC_OK;
}

static tfc_status discover(tfc_connector *connector, tfc_ctx *ctx, tfc_blob *streams, tfc_error *error) {
    if (!is("streams") && !is("sample_true"))
        return plain_discover(connector, ctx, streams, error);
    give_text(streams, is("streams") ? "{\"streams\":[{\"name\":\"\xC3\"}]}"
                                     : "{\"streams\":[{\"name\":\"a\",\"fields\":[{\"name\":\"b\",\"type\":\"b\","
                                       "\"sample\":true}]}]}");
    return TFC_OK;
}

static tfc_status pull(tfc_connector *connector, tfc_ctx *ctx, tfc_str request, tfc_op **op,
                       struct ArrowArrayStream *out, tfc_error *error) {
    (void)connector;
    (void)ctx;
    (void)request;
    if (pull_fails())
        return bad_error(error);
    struct tfc_op *new_op = calloc(1, sizeof *new_op);
    *op = is("op_null") ? NULL : new_op;
    if (!is("stream_null"))
        *out = (struct ArrowArrayStream){get_schema, is("stream_half") ? NULL : get_next, get_last_error,
                                         release_stream, new_op};
    return TFC_OK;
}

static tfc_status transform(tfc_connector *connector, tfc_ctx *ctx, struct ArrowSchema *schema,
                            struct ArrowArray *batch, tfc_error *error) {
    (void)connector;
    (void)ctx;
    (void)schema;
    if (is("transform_fails"))
        return give_error(error, TFC_DATA, "no_transform", "It can't be transformed.");
    if (is("transform_releases"))
        batch->release(batch);
    return TFC_OK;
}

static tfc_status op_state(tfc_op *op, tfc_blob *token, tfc_error *error) {
    static const uint8_t long_token[65537];
    (void)op;
    if (is("token_fails"))
        return give_error(error, TFC_STATE_LOST, "gone", "The place is lost.");
    if (is("token_long"))
        *token = (tfc_blob){long_token, sizeof long_token, NULL, NULL};
    else if (is("token_longest"))
        *token = (tfc_blob){long_token, 65536, NULL, NULL};
    else if (is("token_null"))
        *token = (tfc_blob){NULL, 5, NULL, NULL};
    else
        give_text(token, "t");
    return TFC_OK;
}

static tfc_status op_summary(tfc_op *op, tfc_blob *json, tfc_error *error) {
    (void)op;
    if (is("summary_fails"))
        return give_error(error, TFC_TIMEOUT, "slow", "It took too long.");
    if (is("summary_garbage"))
        give_text(json, "{\"complete\":tru");
    else if (is("summary_array"))
        give_text(json, "[1]");
    else if (is("summary_not_utf8"))
        give_text(json, "{\"warnings\":[\"\xFF\"]}");
    else if (is("summary_number"))
        give_text(json, "{\"read\":01}");
    else if (is("summary_deep")) {
        static char deep[2001];
        memset(deep, '[', 1000);
        memset(deep + 1000, ']', 1000);
        give_text(json, deep);
    } else if (is("summary_long")) {
        static char long_text[(1 << 20) + 2];
        memset(long_text, ' ', sizeof long_text - 1);
        give_text(json, long_text);
    } else
        give_text(json, "{\"complete\":true,\"filtered\":false,\"declared_total\":null,\"read\":3,\"warnings\":[],"
                        "\"schema_changed\":false}");
    return TFC_OK;
}

static void op_cancel(tfc_op *op) {
    (void)op;
}

static void op_close(tfc_op *op) {
    free(op);
}

static const tfc_plugin plugin = {
    .struct_size = BAD_TABLE == 1 ? 0 : sizeof plugin,
    .describe = describe,
    .validate = validate,
    .open = open_connector,
    .close = close_connector,
    .test = test,
    .discover = discover,
    .pull = pull,
    .transform = transform,
    .op_state = op_state,
    .op_error = BAD_TABLE == 2 ? NULL : op_error,
    .op_summary = op_summary,
    .op_cancel = op_cancel,
    .op_close = op_close,
};

const tfc_plugin *tfc_plugin_v0(const tfc_host *host) {
    (void)host;
    return BAD_TABLE == 3 ? NULL : &plugin;
}

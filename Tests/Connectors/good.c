/*
 * Does everything right, and shows every type.
 *   numbers  `rows` rows (settings, 10) of all types, in batches of `batch_rows` (request, 4); row r of column c is
 * null where (r + c) % 5 == 0; c counts the columns from `flag`. Offsets above 0, misaligned buffers, unknown null
 * counts shifted  the same rows in batches with a top-level offset of 2: the wire must not show any difference golden
 * three rows, listed byte for byte in docs/wire.md lacking  three rows, of which the last lacks its second value clock
 * one column of time of day (ttu) wide     `rows` rows with a text of `text_bytes` bytes: batches that must be cut wait
 * one batch, then nothing until it is cancelled Tokens are the number of the next row. test goes through secrets and
 * cache; push refuses rows whose first text is "refuse" and answers the rest. transform turns the sign of `i64` if the
 * settings say "transform": 1.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

struct tfc_connector {
    int operations; /* that are open */
    int64_t rows;
    int64_t text_bytes;
    bool transforms;
    bool prints;
};

static tfc_status validate(tfc_ctx *ctx, tfc_str settings, tfc_blob *findings, tfc_error *error) {
    (void)ctx;
    (void)error;
    give_text(findings, json_number(settings, "rows", 10) < 0
                            ? "{\"findings\":[{\"pointer\":\"/rows\",\"severity\":\"error\",\"code\":\"negative\","
                              "\"message\":\"rows must not be negative.\"}]}"
                            : "{\"findings\":[]}");
    return TFC_OK;
}

static tfc_status open_connector(tfc_ctx *ctx, tfc_str settings, tfc_connector **out, tfc_error *error) {
    struct tfc_connector connector = {
        .rows = json_number(settings, "rows", 10),
        .text_bytes = json_number(settings, "text_bytes", 100),
        .transforms = json_number(settings, "transform", 0) == 1,
        .prints = json_number(settings, "print", 0) == 1,
    };
    if (alive() != 0)
        say(host, ctx, TFC_LOG_ERROR, "something was not released");
    if (connector.rows < 0) {
        give_error(error, TFC_CONFIG, "negative", "rows must not be negative.");
        error->detail_json = text("{\"pointer\":\"/rows\"}");
        return TFC_CONFIG;
    }
    *out = malloc(sizeof **out);
    **out = connector;
    return TFC_OK;
}

/* What is given back in the wrong order is a crash. */
static void demand(bool condition) {
    if (!condition)
        abort();
}

static void close_connector(tfc_connector *connector) {
    demand(connector->operations == 0);
    free(connector);
}

/* ---- Test: every service once ---- */

static bool blob_is(const tfc_blob *blob, const char *wanted) {
    return blob->len == strlen(wanted) && memcmp(blob->ptr, wanted, blob->len) == 0;
}

static void release_blob(tfc_blob *blob) {
    if (blob->release)
        blob->release(blob);
}

static bool secret_is(tfc_ctx *ctx, const char *name, const char *wanted) {
    tfc_blob value = {0};
    bool same = host->secret(ctx, text(name), &value) == TFC_OK && blob_is(&value, wanted);
    release_blob(&value);
    return same;
}

static bool cache_is(tfc_ctx *ctx, const char *key, const char *wanted) {
    tfc_blob value = {0};
    bool same = host->cache_get(ctx, text(key), &value) == TFC_OK && blob_is(&value, wanted);
    release_blob(&value);
    return same;
}

static tfc_status test(tfc_connector *connector, tfc_ctx *ctx, tfc_blob *report, tfc_error *error) {
    (void)connector;
    (void)error;
    char json[1024];
    tfc_blob none = {0};
    host->log(ctx, TFC_LOG_INFO, text("looking at \"everything\""), text("{\"step\":1}"));
    bool secret = secret_is(ctx, "password", "swordfish");
    bool absent = host->secret(ctx, text("no such secret"), &none) == TFC_NOT_FOUND;
    bool updated = host->secret_update(ctx, text("password"), text("tuna \xE2\x82\xAC")) == TFC_OK &&
                   secret_is(ctx, "password", "tuna \xE2\x82\xAC");
    bool missed = host->cache_get(ctx, text("token"), &none) == TFC_NOT_FOUND;
    bool put = host->cache_put(ctx, text("token"), text("abc"), 1893456000000000) == TFC_OK;
    bool got = cache_is(ctx, "token", "abc");
    const char *format =
        "{\"ok\":true,\"steps\":[{\"name\":\"secret\",\"ok\":%s},{\"name\":\"absent\",\"ok\":%s},"
        "{\"name\":\"updated\",\"ok\":%s},{\"name\":\"missed\",\"ok\":%s},{\"name\":\"put\",\"ok\":%s},"
        "{\"name\":\"got\",\"ok\":%s},{\"name\":\"cancelled\",\"ok\":%s}]}";
    const char *const words[] = {"false", "true"};
    snprintf(json, sizeof json, format, words[secret], words[absent], words[updated], words[missed], words[put],
             words[got], words[host->cancelled(ctx)]);
    give_text(report, json);
    return TFC_OK;
}

static tfc_status discover(tfc_connector *connector, tfc_ctx *ctx, tfc_blob *streams, tfc_error *error) {
    (void)connector;
    (void)error;
    char json[4096];
    snprintf(json, sizeof json,
             "{\"streams\":[{\"name\":\"numbers\",\"fields\":[{\"name\":\"text\",\"type\":\"u\",\"nullable\":true,"
             "\"sample\":\"text 1\"}],\"key\":[\"i64\"],\"cursor\":null,\"incremental\":true}],\"inputs\":%.*s}",
             (int)host->inputs(ctx).len, host->inputs(ctx).ptr);
    give_text(streams, json);
    return TFC_OK;
}

/* ---- The columns of `numbers` ---- */

enum kind { BITS, INTEGER, FLOAT, DOUBLE, TEXT, LONG_TEXT, DECIMAL, DICTIONARY, STRUCT, LIST };

struct column {
    const char *name;
    const char *format;
    enum kind kind;
    size_t width;
};

static const struct column columns[] = {
    {"flag", "b", BITS, 0},
    {"i8", "c", INTEGER, 1},
    {"u8", "C", INTEGER, 1},
    {"i16", "s", INTEGER, 2},
    {"u16", "S", INTEGER, 2},
    {"i32", "i", INTEGER, 4},
    {"u32", "I", INTEGER, 4},
    {"i64", "l", INTEGER, 8},
    {"u64", "L", INTEGER, 8},
    {"f32", "f", FLOAT, 4},
    {"f64", "g", DOUBLE, 8},
    {"text", "u", TEXT, 0},
    {"large_text", "U", LONG_TEXT, 0},
    {"bytes", "z", TEXT, 0},
    {"large_bytes", "Z", LONG_TEXT, 0},
    {"date", "tdD", INTEGER, 4},
    {"seconds", "tss:", INTEGER, 8},
    {"millis", "tsm:UTC", INTEGER, 8},
    {"micros", "tsu:Asia/Riyadh", INTEGER, 8},
    {"nanos", "tsn:", INTEGER, 8},
    {"amount", "d:20,2", DECIMAL, 16},
    {"kind", "i", DICTIONARY, 4},
    {"person", "+s", STRUCT, 0},
    {"tags", "+l", LIST, 0},
};

enum { COLUMNS = sizeof columns / sizeof columns[0], LEAD = 3 };

static bool is_null(int64_t row, size_t column) {
    return (row + (int64_t)column) % 5 == 0;
}

static int64_t integer_of(int64_t row, size_t column) {
    return (row + 1) * ((int64_t)column + 1) * (row % 2 == 0 ? 1 : -1);
}

/* Values of a column of `count` slots: `lead` slots of rubbish, then rows from `first` on. */
struct slots {
    struct blocks *blocks;
    size_t column;
    int64_t first;
    int64_t lead;
    int64_t count;
};

/* One byte past an aligned place, so that nothing may rely on alignment. */
static char *misaligned(struct blocks *blocks, size_t size) {
    return (char *)block(blocks, size + 1) + 1;
}

/* Arrow leaves it open what the bits after the last row are. */
static void fill_unused(uint8_t *bits, int64_t count) {
    for (int64_t i = count; i % 8 != 0; i++)
        bits[i / 8] |= (uint8_t)(1 << i % 8);
}

static uint8_t *validity(const struct slots *slots, bool (*null)(int64_t, size_t)) {
    uint8_t *bits = (uint8_t *)misaligned(slots->blocks, (size_t)(slots->count + 7) / 8);
    for (int64_t i = 0; i < slots->count; i++) {
        int64_t row = slots->first + i - slots->lead;
        if (i >= slots->lead && !null(row, slots->column))
            bits[i / 8] |= (uint8_t)(1 << i % 8);
    }
    fill_unused(bits, slots->count);
    return bits;
}

static char *fixed_values(const struct slots *slots, const struct column *column) {
    char *values = misaligned(slots->blocks, column->width * (size_t)slots->count);
    for (int64_t i = 0; i < slots->count; i++) {
        int64_t number = integer_of(slots->first + i - slots->lead, slots->column);
        int64_t wide[2] = {number, number < 0 ? -1 : 0};
        float single = (float)number / 4;
        double twice = (double)number / 4;
        const void *from = column->kind == FLOAT    ? (void *)&single
                           : column->kind == DOUBLE ? (void *)&twice
                                                    : (void *)wide;
        memcpy(values + column->width * (size_t)i, from, column->width);
    }
    return values;
}

static uint8_t *bit_values(const struct slots *slots) {
    uint8_t *bits = (uint8_t *)misaligned(slots->blocks, (size_t)(slots->count + 7) / 8);
    for (int64_t i = 0; i < slots->count; i++)
        if ((slots->first + i - slots->lead) % 3 == 0)
            bits[i / 8] |= (uint8_t)(1 << i % 8);
    fill_unused(bits, slots->count);
    return bits;
}

/* Null slots have bytes of their own: Arrow allows it, and the wire must drop them. */
static void text_values(const struct slots *slots, const void **offsets_out, const void **values_out, bool is_long) {
    size_t width = is_long ? 8 : 4;
    char *offsets = misaligned(slots->blocks, width * (size_t)(slots->count + 1));
    char *values = misaligned(slots->blocks, 64 * (size_t)slots->count);
    int64_t len = 0;
    for (int64_t i = 0; i < slots->count; i++) {
        int64_t row = slots->first + i - slots->lead;
        len += snprintf(values + len, 64, "%s %lld\xC3\xA9", columns[slots->column].name, (long long)row);
        memcpy(offsets + width * (size_t)(i + 1), &len, width);
    }
    *offsets_out = offsets;
    *values_out = values;
}

static void nothing_to_release(struct ArrowArray *array) {
    array->release = NULL;
}

static struct ArrowArray *new_array(struct blocks *blocks, int64_t length, int64_t offset, int64_t buffers) {
    struct ArrowArray *array = block(blocks, sizeof *array);
    *array = (struct ArrowArray){
        .length = length, .null_count = -1, .offset = offset, .n_buffers = buffers, .release = nothing_to_release};
    array->buffers = block(blocks, 3 * sizeof *array->buffers);
    return array;
}

static void add_children(struct blocks *blocks, struct ArrowArray *array, size_t count,
                         struct ArrowArray *const *children) {
    array->n_children = (int64_t)count;
    array->children = block(blocks, count * sizeof *array->children);
    memcpy(array->children, children, count * sizeof *array->children);
}

static bool never_null(int64_t row, size_t column) {
    (void)row;
    (void)column;
    return false;
}

static struct ArrowArray *text_array(const struct slots *slots, bool (*null)(int64_t, size_t), bool is_long) {
    struct ArrowArray *array = new_array(slots->blocks, slots->count - slots->lead, slots->lead, 3);
    array->buffers[0] = null == never_null ? NULL : validity(slots, null);
    text_values(slots, &array->buffers[1], &array->buffers[2], is_long);
    return array;
}

/* Three words, the last of them null: rows that point at it are null too. */
static struct ArrowArray *dictionary_words(struct blocks *blocks) {
    static const int32_t offsets[] = {0, 3, 7, 7};
    static const uint8_t bits[] = {3};
    struct ArrowArray *array = new_array(blocks, 3, 0, 3);
    array->buffers[0] = bits;
    array->buffers[1] = offsets;
    array->buffers[2] = "redblue";
    return array;
}

static struct ArrowArray *dictionary_array(const struct slots *slots) {
    struct ArrowArray *array = new_array(slots->blocks, slots->count - slots->lead, slots->lead, 2);
    int32_t *indices = block(slots->blocks, 4 * (size_t)slots->count);
    for (int64_t i = 0; i < slots->count; i++)
        indices[i] = i < slots->lead ? -77 : (int32_t)((slots->first + i - slots->lead + 3) % 3);
    array->buffers[0] = validity(slots, is_null);
    array->buffers[1] = indices;
    array->dictionary = dictionary_words(slots->blocks);
    return array;
}

static struct ArrowArray *struct_array(const struct slots *slots) {
    struct ArrowArray *array = new_array(slots->blocks, slots->count - slots->lead, slots->lead, 1);
    struct slots inside = *slots;
    struct ArrowArray *children[2];
    inside.count += LEAD; /* the struct's own offset comes on top of its children's */
    inside.lead = slots->lead + LEAD;
    array->buffers[0] = validity(slots, is_null);
    for (size_t i = 0; i < 2; i++) {
        children[i] = text_array(&inside, i == 0 ? never_null : is_null, i == 1);
        children[i]->offset = LEAD;
        children[i]->length = slots->count;
    }
    add_children(slots->blocks, array, 2, children);
    return array;
}

/* Row r has the elements "r/0" to "r/(r % 3 - 1)"; slots before the first row have one, "?". */
static int64_t elements_of(const struct slots *slots, int64_t slot) {
    int64_t row = slots->first + slot - slots->lead;
    return slot < slots->lead || row < 0 ? 1 : row % 3;
}

static struct ArrowArray *elements_array(const struct slots *slots, int64_t count) {
    struct ArrowArray *array = new_array(slots->blocks, count, 0, 3);
    int32_t *offsets = block(slots->blocks, 4 * (size_t)(count + 1));
    char *values = block(slots->blocks, 32 * (size_t)count);
    int64_t element = 0;
    for (int64_t slot = 0; slot < slots->count; slot++)
        for (int64_t k = 0; k < elements_of(slots, slot); k++, element++) {
            long long row = slots->first + slot - slots->lead;
            char *at = values + offsets[element];
            int len = slot < slots->lead ? snprintf(at, 32, "?") : snprintf(at, 32, "%lld/%lld", row, (long long)k);
            offsets[element + 1] = offsets[element] + len;
        }
    array->buffers[1] = offsets;
    array->buffers[2] = values;
    return array;
}

static struct ArrowArray *list_array(const struct slots *slots) {
    struct ArrowArray *array = new_array(slots->blocks, slots->count - slots->lead, slots->lead, 2);
    int32_t *offsets = block(slots->blocks, 4 * (size_t)(slots->count + 1));
    for (int64_t slot = 0; slot < slots->count; slot++)
        offsets[slot + 1] = offsets[slot] + (int32_t)elements_of(slots, slot);
    struct ArrowArray *child = elements_array(slots, offsets[slots->count]);
    array->buffers[0] = validity(slots, is_null);
    array->buffers[1] = offsets;
    add_children(slots->blocks, array, 1, &child);
    return array;
}

static struct ArrowArray *flat_array(const struct slots *slots, const struct column *column) {
    struct ArrowArray *array = new_array(slots->blocks, slots->count - slots->lead, slots->lead, 2);
    array->buffers[0] = validity(slots, is_null);
    array->buffers[1] = column->kind == BITS ? (const void *)bit_values(slots) : fixed_values(slots, column);
    return array;
}

static struct ArrowArray *numbers_column(struct blocks *blocks, size_t column, int64_t first, int64_t rows) {
    struct slots slots = {blocks, column, first, (int64_t)column % (LEAD + 1), 0};
    slots.count = slots.lead + rows;
    switch (columns[column].kind) {
    case TEXT:
        return text_array(&slots, is_null, false);
    case LONG_TEXT:
        return text_array(&slots, is_null, true);
    case DICTIONARY:
        return dictionary_array(&slots);
    case STRUCT:
        return struct_array(&slots);
    case LIST:
        return list_array(&slots);
    default:
        return flat_array(&slots, &columns[column]);
    }
}

static struct ArrowArray *at_column(struct blocks *blocks, int64_t first, int64_t rows) {
    struct ArrowArray *array = new_array(blocks, rows, 0, 2);
    int64_t *values = block(blocks, 8 * (size_t)rows);
    for (int64_t row = 0; row < rows; row++)
        values[row] = first + row;
    array->null_count = 0;
    array->buffers[1] = values;
    return array;
}

/* `offset` rows stand before the batch in every column, and belong to no one. */
static void numbers_batch(struct ArrowArray *out, int64_t first, int64_t rows, int64_t offset) {
    struct blocks *blocks = new_blocks();
    struct ArrowArray *children[COLUMNS + 1];
    children[0] = at_column(blocks, first - offset, rows + offset);
    for (size_t i = 0; i < COLUMNS; i++)
        children[i + 1] = numbers_column(blocks, i, first - offset, rows + offset);
    *out = *new_array(blocks, rows, offset, 1);
    add_children(blocks, out, COLUMNS + 1, children);
    out->release = release_blocks_array;
    out->private_data = blocks;
}

static void numbers_schema(struct ArrowSchema *out) {
    make_schema(out, "", "+s", 0, COLUMNS + 1);
    set_metadata(out, "trainflow.locator", "row");
    make_schema(out->children[0], TFC_COLUMN_AT, "l", 0, 0);
    for (size_t i = 0; i < COLUMNS; i++) {
        const struct column *column = &columns[i];
        struct ArrowSchema *schema = out->children[i + 1];
        size_t children = column->kind == STRUCT ? 2 : column->kind == LIST ? 1 : 0;
        make_schema(schema, column->name, column->format, ARROW_FLAG_NULLABLE, children);
        if (column->kind == STRUCT) {
            make_schema(schema->children[0], "first", "u", 0, 0);
            make_schema(schema->children[1], "last", "U", ARROW_FLAG_NULLABLE, 0);
        } else if (column->kind == LIST) {
            make_schema(schema->children[0], "item", "u", 0, 0);
        } else if (column->kind == DICTIONARY) {
            schema->dictionary = block(schema->private_data, sizeof *schema->dictionary);
            make_schema(schema->dictionary, "", "u", ARROW_FLAG_NULLABLE, 0);
        }
    }
}

/* ---- The other streams ---- */

static void golden_schema(struct ArrowSchema *out) {
    make_schema(out, "", "+s", 0, 3);
    set_metadata(out, "trainflow.locator", "line");
    make_schema(out->children[0], TFC_COLUMN_AT, "l", 0, 0);
    make_schema(out->children[1], "name", "u", ARROW_FLAG_NULLABLE, 0);
    make_schema(out->children[2], "active", "b", ARROW_FLAG_NULLABLE, 0);
}

static void golden_batch(struct ArrowArray *out) {
    static const int64_t lines[] = {2, 3, 5};
    static const int32_t offsets[] = {0, 4, 4, 9};
    static const uint8_t name_bits[] = {5}, active_values[] = {3};
    struct blocks *blocks = new_blocks();
    struct ArrowArray *children[] = {new_array(blocks, 3, 0, 2), new_array(blocks, 3, 0, 3),
                                     new_array(blocks, 3, 0, 2)};
    children[0]->buffers[1] = lines;
    children[1]->buffers[0] = name_bits;
    children[1]->buffers[1] = offsets;
    children[1]->buffers[2] = "No\xC3\xABZo\xC3\xAB!";
    children[2]->buffers[1] = active_values;
    *out = *new_array(blocks, 3, 0, 1);
    add_children(blocks, out, 3, children);
    out->release = release_blocks_array;
    out->private_data = blocks;
}

static void lacking_schema(struct ArrowSchema *out) {
    make_schema(out, "", "+s", 0, 3);
    make_schema(out->children[0], "name", "u", ARROW_FLAG_NULLABLE, 0);
    make_schema(out->children[1], "phone", "u", ARROW_FLAG_NULLABLE, 0);
    make_schema(out->children[2], TFC_COLUMN_ABSENT, "z", ARROW_FLAG_NULLABLE, 0);
}

/* A telephone number, none, and a row that doesn't know of telephones. */
static void lacking_batch(struct ArrowArray *out) {
    static const int32_t names[] = {0, 3, 5, 9}, phones[] = {0, 2, 2, 2}, absent[] = {0, 0, 0, 1};
    static const uint8_t phone_bits[] = {1}, absent_bits[] = {4};
    struct blocks *blocks = new_blocks();
    struct ArrowArray *children[] = {new_array(blocks, 3, 0, 3), new_array(blocks, 3, 0, 3),
                                     new_array(blocks, 3, 0, 3)};
    children[0]->buffers[1] = names;
    children[0]->buffers[2] = "AdaBoCleo";
    children[1]->buffers[0] = phone_bits;
    children[1]->buffers[1] = phones;
    children[1]->buffers[2] = "12";
    children[2]->buffers[0] = absent_bits;
    children[2]->buffers[1] = absent;
    children[2]->buffers[2] = "\x02";
    *out = *new_array(blocks, 3, 0, 1);
    add_children(blocks, out, 3, children);
    out->release = release_blocks_array;
    out->private_data = blocks;
}

static void one_column_schema(struct ArrowSchema *out, const char *name, const char *format) {
    make_schema(out, "", "+s", 0, 1);
    make_schema(out->children[0], name, format, ARROW_FLAG_NULLABLE, 0);
}

static void one_column_batch(struct ArrowArray *out, struct blocks *blocks, int64_t rows, struct ArrowArray *child) {
    *out = *new_array(blocks, rows, 0, 1);
    add_children(blocks, out, 1, &child);
    out->release = release_blocks_array;
    out->private_data = blocks;
}

static void clock_batch(struct ArrowArray *out, int64_t first, int64_t rows) {
    struct blocks *blocks = new_blocks();
    struct ArrowArray *child = new_array(blocks, rows, 0, 2);
    int64_t *values = block(blocks, 8 * (size_t)rows);
    for (int64_t row = 0; row < rows; row++)
        values[row] = (first + row) * 60000000;
    child->buffers[1] = values;
    one_column_batch(out, blocks, rows, child);
}

/* Row r is the letter r % 26, text_bytes times. */
static void wide_batch(struct ArrowArray *out, int64_t first, int64_t rows, int64_t text_bytes) {
    struct blocks *blocks = new_blocks();
    struct ArrowArray *child = new_array(blocks, rows, 0, 3);
    int64_t *offsets = block(blocks, 8 * (size_t)(rows + 1));
    char *values = block(blocks, (size_t)(rows * text_bytes));
    for (int64_t row = 0; row < rows; row++) {
        memset(values + row * text_bytes, 'a' + (int)((first + row) % 26), (size_t)text_bytes);
        offsets[row + 1] = (row + 1) * text_bytes;
    }
    child->buffers[1] = offsets;
    child->buffers[2] = values;
    one_column_batch(out, blocks, rows, child);
}

/* ---- Pull ---- */

struct tfc_op {
    tfc_ctx *ctx;
    tfc_connector *connector;
    bool streaming; /* its stream is not released */
    char stream[32];
    int64_t next;
    int64_t end;
    int64_t batch_rows;
    tfc_status failed;
};

static bool streams(const struct tfc_op *op, const char *name) {
    return strcmp(op->stream, name) == 0;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    struct tfc_op *op = stream->private_data;
    if (streams(op, "golden"))
        golden_schema(out);
    else if (streams(op, "lacking"))
        lacking_schema(out);
    else if (streams(op, "clock"))
        one_column_schema(out, "time", "ttu");
    else if (streams(op, "wide"))
        one_column_schema(out, "text", "U");
    else
        numbers_schema(out);
    return 0;
}

static void make_batch(const struct tfc_op *op, struct ArrowArray *out, int64_t rows) {
    if (streams(op, "golden"))
        golden_batch(out);
    else if (streams(op, "lacking"))
        lacking_batch(out);
    else if (streams(op, "clock"))
        clock_batch(out, op->next, rows);
    else if (streams(op, "wide"))
        wide_batch(out, op->next, rows, op->connector->text_bytes);
    else
        numbers_batch(out, op->next, rows, streams(op, "shifted") ? 2 : 0);
}

static int wait_for_cancel(struct tfc_op *op) {
    struct pollfd one = {.fd = host->cancel_descriptor(op->ctx), .events = POLLIN};
    while (!host->cancelled(op->ctx))
        poll(&one, 1, -1);
    op->failed = TFC_CANCELLED;
    return ECANCELED;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    struct tfc_op *op = stream->private_data;
    int64_t rows = op->end - op->next < op->batch_rows ? op->end - op->next : op->batch_rows;
    *out = (struct ArrowArray){0};
    if (streams(op, "wait") && op->next > 0)
        return wait_for_cancel(op);
    if (rows <= 0)
        return 0;
    if (op->connector->prints)
        printf("printed before row %lld\n", (long long)op->next);
    make_batch(op, out, rows);
    op->next += rows;
    return 0;
}

static void release_stream(struct ArrowArrayStream *stream) {
    ((struct tfc_op *)stream->private_data)->streaming = false;
    stream->release = NULL;
}

static tfc_status pull(tfc_connector *connector, tfc_ctx *ctx, tfc_str request, tfc_op **out,
                       struct ArrowArrayStream *stream, tfc_error *error) {
    struct tfc_op *op = calloc(1, sizeof *op);
    op->ctx = ctx;
    op->connector = connector;
    strncpy(op->stream, json_text(request, "stream", "numbers"), sizeof op->stream - 1);
    op->next = read_token(request);
    op->end = streams(op, "golden") || streams(op, "lacking") ? 3 : json_number(request, "limit", connector->rows);
    op->batch_rows = json_number(request, "batch_rows", 4);
    if (!strstr(" numbers shifted golden lacking clock wide wait ", op->stream)) {
        free(op);
        return give_error(error, TFC_NOT_FOUND, "stream_not_found", "There is no such stream.");
    }
    op->streaming = true;
    connector->operations++;
    *out = op;
    *stream = (struct ArrowArrayStream){get_schema, get_next, plain_last_error, release_stream, op};
    return TFC_OK;
}

static tfc_status transform(tfc_connector *connector, tfc_ctx *ctx, struct ArrowSchema *schema,
                            struct ArrowArray *array, tfc_error *error) {
    (void)ctx;
    (void)error;
    for (int64_t i = 0; connector->transforms && i < schema->n_children; i++) {
        const struct ArrowArray *child = array->children[i];
        if (strcmp(schema->children[i]->name, "i64") != 0)
            continue;
        for (int64_t row = 0; row < child->offset + child->length; row++) {
            char *at = (char *)(uintptr_t)child->buffers[1] + 8 * row;
            int64_t number;
            memcpy(&number, at, 8);
            number = -number;
            memcpy(at, &number, 8);
        }
    }
    return TFC_OK;
}

/* ---- Push ---- */

struct pushing {
    struct ArrowArrayStream input;
    int64_t row;
};

static bool is_refused(const struct ArrowArray *batch, int64_t row) {
    const struct ArrowArray *child = batch->children[0];
    const int32_t *offsets = child->buffers[1];
    const char *bytes = child->buffers[2];
    return child->n_buffers == 3 && offsets[row + 1] - offsets[row] == 6 &&
           memcmp(bytes + offsets[row], "refuse", 6) == 0;
}

static int results_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    static const char *const names[] = {"outcome", "code", "message", "remote_id"};
    (void)stream;
    make_schema(out, "", "+s", 0, 6);
    make_schema(out->children[0], "row", "l", 0, 0);
    for (size_t i = 0; i < 4; i++)
        make_schema(out->children[i + 1], names[i], "u", ARROW_FLAG_NULLABLE, 0);
    make_schema(out->children[5], "retryable", "b", 0, 0);
    return 0;
}

static void results_batch(struct pushing *pushing, const struct ArrowArray *batch, struct ArrowArray *out) {
    size_t rows = (size_t)batch->length;
    const char **cells = calloc(rows * 4, sizeof *cells);
    struct ArrowArray texts;
    for (size_t row = 0; row < rows; row++) {
        bool refused = is_refused(batch, (int64_t)row);
        cells[4 * row] = refused ? "refused" : "written";
        cells[4 * row + 1] = refused ? "not_wanted" : NULL;
        cells[4 * row + 2] = refused ? "The other side does not want this row." : NULL;
        cells[4 * row + 3] = refused ? NULL : "id";
    }
    make_text_batch(&texts, 4, rows, cells);
    free(cells);
    struct blocks *blocks = texts.private_data; /* moved into the larger batch, with its columns */
    struct ArrowArray *retryable = new_array(blocks, batch->length, 0, 2);
    retryable->buffers[1] = block(blocks, (rows + 7) / 8);
    struct ArrowArray *children[] = {at_column(blocks, pushing->row, batch->length),
                                     texts.children[0],
                                     texts.children[1],
                                     texts.children[2],
                                     texts.children[3],
                                     retryable};
    *out = *new_array(blocks, batch->length, 0, 1);
    add_children(blocks, out, 6, children);
    out->release = release_blocks_array;
    out->private_data = blocks;
    pushing->row += batch->length;
}

static int results_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    struct pushing *pushing = stream->private_data;
    struct ArrowArray batch;
    *out = (struct ArrowArray){0};
    int code = pushing->input.get_next(&pushing->input, &batch);
    if (code != 0 || !batch.release)
        return code;
    results_batch(pushing, &batch, out);
    batch.release(&batch);
    return 0;
}

static const char *results_error(struct ArrowArrayStream *stream) {
    struct pushing *pushing = stream->private_data;
    return pushing->input.get_last_error(&pushing->input);
}

static void release_results(struct ArrowArrayStream *stream) {
    struct pushing *pushing = stream->private_data;
    pushing->input.release(&pushing->input);
    free(pushing);
    stream->release = NULL;
}

static tfc_status push(tfc_connector *connector, tfc_ctx *ctx, tfc_str request, struct ArrowArrayStream *input,
                       tfc_op **out, struct ArrowArrayStream *results, tfc_error *error) {
    (void)request;
    struct ArrowSchema schema;
    if (input->get_schema(input, &schema) != 0)
        return give_error(error, TFC_INTERNAL, "no_schema", input->get_last_error(input));
    bool good = schema.n_children > 0 && strcmp(schema.children[0]->format, "u") == 0;
    schema.release(&schema);
    if (!good)
        return give_error(error, TFC_DATA, "not_text", "The first column is not text.");
    struct pushing *pushing = calloc(1, sizeof *pushing);
    pushing->input = *input; /* moved */
    input->release = NULL;
    *out = calloc(1, sizeof **out);
    (*out)->ctx = ctx;
    (*out)->connector = connector;
    connector->operations++;
    *results = (struct ArrowArrayStream){results_schema, results_next, results_error, release_results, pushing};
    return TFC_OK;
}

/* ---- The operation; get_next waits on the cancel descriptor ---- */

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
    return give_error(error, TFC_INTERNAL, "input_broken", "The rows to write can't be read.");
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

static void op_close(tfc_op *op) {
    demand(!op->streaming);
    op->connector->operations--;
    free(op);
}

TEST_CONNECTOR(.validate = validate, .open = open_connector, .close = close_connector, .test = test,
               .discover = discover, .pull = pull, .push = push, .transform = transform, .op_state = op_state,
               .op_error = op_error, .op_summary = op_summary, .op_cancel = plain_op_cancel, .op_close = op_close);

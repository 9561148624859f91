#include "support.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#ifndef MANIFEST
#error "-DMANIFEST=\"path\" names the manifest"
#endif

TFC_MANIFEST(MANIFEST);

tfc_str manifest(void) {
    return (tfc_str){tfc_manifest_begin, (uint64_t)(tfc_manifest_end - tfc_manifest_begin)};
}

/* ---- JSON ---- */

/* Behind the colon and spaces of `"name" :`; NULL if there is none. */
static const char *find_value(tfc_str json, const char *name, const char **end) {
    size_t len = strlen(name);
    *end = json.ptr + json.len;
    for (const char *at = json.ptr; at && at + len + 2 < *end; at++) {
        if (at[0] != '"' || strncmp(at + 1, name, len) != 0 || at[len + 1] != '"')
            continue;
        at += len + 2;
        while (at < *end && (*at == ' ' || *at == ':'))
            at++;
        return at;
    }
    return NULL;
}

const char *json_text(tfc_str json, const char *name, const char *otherwise) {
    static char room[4][512];
    static unsigned turn;
    const char *end, *at = find_value(json, name, &end);
    if (!at || *at != '"')
        return otherwise;
    char *out = room[turn++ % 4];
    size_t len = 0;
    for (at++; at < end && *at != '"' && len < 511; at++)
        out[len++] = *at;
    out[len] = '\0';
    return out;
}

int64_t json_number(tfc_str json, const char *name, int64_t otherwise) {
    const char *end, *at = find_value(json, name, &end);
    if (!at || at == end || !strchr("-0123456789", *at))
        return otherwise;
    return strtoll(at, NULL, 10);
}

int64_t read_token(tfc_str request) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *base64 = json_text(request, "token", "");
    char number[64] = {0};
    uint32_t bits = 0;
    int have = 0, len = 0;
    for (; *base64 && *base64 != '=' && len < 63; base64++) {
        bits = bits << 6 | (uint32_t)(strchr(alphabet, *base64) - alphabet);
        have += 6;
        if (have >= 8)
            number[len++] = (char)(bits >> (have -= 8));
    }
    return strtoll(number, NULL, 10);
}

/* ---- What is alive ---- */

static atomic_long alive_count;

long alive(void) {
    return atomic_load(&alive_count);
}

/* ---- Texts, errors, log ---- */

tfc_str text(const char *text) {
    return (tfc_str){text, strlen(text)};
}

static void free_blob(tfc_blob *blob) {
    atomic_fetch_sub(&alive_count, 1);
    free(blob->owner);
    *blob = (tfc_blob){0};
}

void give_text(tfc_blob *out, const char *text) {
    char *copy = strdup(text);
    atomic_fetch_add(&alive_count, 1);
    *out = (tfc_blob){(const uint8_t *)copy, strlen(copy), free_blob, copy};
}

static void free_error(tfc_error *error) {
    atomic_fetch_sub(&alive_count, 1);
    free(error->owner);
    error->release = NULL;
}

tfc_status give_error(tfc_error *error, tfc_status status, const char *code, const char *message) {
    char *copy = strdup(message);
    atomic_fetch_add(&alive_count, 1);
    error->status = status;
    error->code = text(code);
    error->message = text(copy);
    error->release = free_error;
    error->owner = copy;
    return status;
}

void say(const tfc_host *host, tfc_ctx *ctx, int32_t level, const char *message) {
    host->log(ctx, level, text(message), (tfc_str){NULL, 0});
}

/* ---- Blocks ---- */

struct blocks {
    void **list;
    size_t count;
};

struct blocks *new_blocks(void) {
    atomic_fetch_add(&alive_count, 1);
    return calloc(1, sizeof(struct blocks));
}

void *block(struct blocks *blocks, size_t size) {
    blocks->list = realloc(blocks->list, (blocks->count + 1) * sizeof *blocks->list);
    return blocks->list[blocks->count++] = calloc(1, size ? size : 1);
}

void free_blocks(struct blocks *blocks) {
    atomic_fetch_sub(&alive_count, 1);
    for (size_t i = 0; i < blocks->count; i++)
        free(blocks->list[i]);
    free(blocks->list);
    free(blocks);
}

static void nothing_to_release(struct ArrowArray *array) {
    array->release = NULL;
}

void release_blocks_array(struct ArrowArray *array) {
    for (int64_t i = 0; i < array->n_children; i++)
        if (array->children && array->children[i] && array->children[i]->release)
            array->children[i]->release(array->children[i]);
    free_blocks(array->private_data);
    array->release = NULL;
}

/* ---- Schemas ---- */

static void release_schema(struct ArrowSchema *schema) {
    for (int64_t i = 0; schema->children && i < schema->n_children; i++)
        if (schema->children[i]->release)
            schema->children[i]->release(schema->children[i]);
    if (schema->dictionary && schema->dictionary->release)
        schema->dictionary->release(schema->dictionary);
    free_blocks(schema->private_data);
    schema->release = NULL;
}

static const char *copy_in(struct blocks *blocks, const char *text) {
    char *copy = block(blocks, strlen(text) + 1);
    strcpy(copy, text);
    return copy;
}

void make_schema(struct ArrowSchema *out, const char *name, const char *format, int64_t flags, size_t children) {
    struct blocks *blocks = new_blocks();
    *out = (struct ArrowSchema){.format = copy_in(blocks, format),
                                .name = copy_in(blocks, name),
                                .flags = flags,
                                .n_children = (int64_t)children,
                                .release = release_schema,
                                .private_data = blocks};
    out->children = block(blocks, children * sizeof *out->children);
    for (size_t i = 0; i < children; i++)
        out->children[i] = block(blocks, sizeof **out->children);
}

void set_metadata(struct ArrowSchema *schema, const char *key, const char *value) {
    int32_t numbers[] = {1, (int32_t)strlen(key), (int32_t)strlen(value)};
    char *bytes = block(schema->private_data, 12 + strlen(key) + strlen(value));
    schema->metadata = bytes;
    memcpy(bytes, &numbers[0], 4);
    memcpy(bytes + 4, &numbers[1], 4);
    memcpy(bytes + 8, key, strlen(key));
    memcpy(bytes + 8 + strlen(key), &numbers[2], 4);
    memcpy(bytes + 12 + strlen(key), value, strlen(value));
}

void make_text_schema(struct ArrowSchema *out, size_t columns, const char *const *names) {
    make_schema(out, "", "+s", 0, columns);
    for (size_t i = 0; i < columns; i++)
        make_schema(out->children[i], names[i], "u", ARROW_FLAG_NULLABLE, 0);
}

/* ---- Batches of texts ---- */

static void make_text_column(struct ArrowArray *out, struct blocks *blocks, size_t columns, size_t rows,
                             const char *const *cells) {
    uint8_t *validity = block(blocks, (rows + 7) / 8);
    int32_t *offsets = block(blocks, 4 * (rows + 1));
    size_t len = 0, nulls = 0;
    for (size_t row = 0; row < rows; row++)
        len += cells[row * columns] ? strlen(cells[row * columns]) : 0;
    char *bytes = block(blocks, len);
    for (size_t row = 0; row < rows; row++) {
        const char *cell = cells[row * columns];
        size_t cell_len = cell ? strlen(cell) : 0;
        if (cell)
            validity[row / 8] |= (uint8_t)(1 << row % 8);
        else
            nulls++;
        memcpy(bytes + offsets[row], cell ? cell : "", cell_len);
        offsets[row + 1] = offsets[row] + (int32_t)cell_len;
    }
    const void **buffers = block(blocks, 3 * sizeof *buffers);
    buffers[0] = validity;
    buffers[1] = offsets;
    buffers[2] = bytes;
    *out = (struct ArrowArray){.length = (int64_t)rows,
                               .null_count = (int64_t)nulls,
                               .n_buffers = 3,
                               .buffers = buffers,
                               .release = nothing_to_release};
}

void make_text_batch(struct ArrowArray *out, size_t columns, size_t rows, const char *const *cells) {
    struct blocks *blocks = new_blocks();
    *out = (struct ArrowArray){.length = (int64_t)rows,
                               .n_buffers = 1,
                               .n_children = (int64_t)columns,
                               .release = release_blocks_array,
                               .private_data = blocks};
    out->buffers = block(blocks, sizeof *out->buffers);
    out->children = block(blocks, columns * sizeof *out->children);
    for (size_t i = 0; i < columns; i++) {
        out->children[i] = block(blocks, sizeof **out->children);
        make_text_column(out->children[i], blocks, columns, rows, cells + i);
    }
}

/* ---- Plain answers ---- */

const tfc_host *host;

tfc_status plain_open(tfc_ctx *ctx, tfc_str settings, tfc_connector **out, tfc_error *error) {
    (void)ctx;
    (void)settings;
    (void)error;
    *out = malloc(1);
    return TFC_OK;
}

void plain_close(tfc_connector *connector) {
    free(connector);
}

tfc_status plain_validate(tfc_ctx *ctx, tfc_str settings, tfc_blob *findings, tfc_error *error) {
    (void)ctx;
    (void)settings;
    (void)error;
    give_text(findings, "{\"findings\":[]}");
    return TFC_OK;
}

tfc_status plain_test(tfc_connector *connector, tfc_ctx *ctx, tfc_blob *report, tfc_error *error) {
    (void)connector;
    (void)ctx;
    (void)error;
    give_text(report, "{\"ok\":true,\"steps\":[]}");
    return TFC_OK;
}

tfc_status plain_discover(tfc_connector *connector, tfc_ctx *ctx, tfc_blob *streams, tfc_error *error) {
    (void)connector;
    (void)ctx;
    (void)error;
    give_text(streams, "{\"streams\":[]}");
    return TFC_OK;
}

tfc_status plain_op_state(tfc_op *op, tfc_blob *token, tfc_error *error) {
    (void)op;
    (void)error;
    give_text(token, "1");
    return TFC_OK;
}

tfc_status plain_op_error(tfc_op *op, tfc_error *error) {
    (void)op;
    return give_error(error, TFC_INTERNAL, "impossible", "Nothing here fails.");
}

tfc_status plain_op_summary(tfc_op *op, tfc_blob *json, tfc_error *error) {
    (void)op;
    (void)error;
    give_text(json, "{\"complete\":true,\"filtered\":false,\"declared_total\":null,\"read\":1,\"warnings\":[],"
                    "\"schema_changed\":false}");
    return TFC_OK;
}

void plain_op_cancel(tfc_op *op) {
    (void)op;
}

void plain_op_close(tfc_op *op) {
    free(op);
}

const char *plain_last_error(struct ArrowArrayStream *stream) {
    (void)stream;
    return NULL;
}

void plain_release_stream(struct ArrowArrayStream *stream) {
    stream->release = NULL;
}

/*
 * Columns that grow row by row, and a batch of them as the host takes it: the Arrow structs of trainflow_plugin.h.
 */
#ifndef COLUMNS_H
#define COLUMNS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trainflow_plugin.h"

enum { MOST_COLUMNS = 16 };

/* What a column is called and holds: "l" int64, "i" int32, "tdD" days since 1970, "u" text, "z" bytes, "b" bool. */
struct field {
    const char *name, *format;
    bool nullable;
};

struct buffer {
    char *bytes;
    size_t length, room;
};

struct column {
    const struct field *field;
    int64_t rows, nulls;
    struct buffer validity, ends, values;
    const void *buffers[3];
};

/* One allocation for a batch: its columns, and the structs that point at them. */
struct batch {
    int count;
    struct column columns[MOST_COLUMNS];
    struct ArrowArray arrays[MOST_COLUMNS], *children[MOST_COLUMNS];
    const void *no_validity[1];
};

struct schema {
    struct ArrowSchema columns[MOST_COLUMNS], *children[MOST_COLUMNS];
    struct buffer metadata;
};

/* Memory, or an end that the log tells of: an operation that ran out of memory can't go on. */
static void *must(void *memory) {
    if (!memory) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return memory;
}

static void buffer_add(struct buffer *buffer, const void *bytes, size_t length) {
    if (buffer->length + length > buffer->room) {
        buffer->room = (buffer->length + length) * 2 + 64;
        buffer->bytes = must(realloc(buffer->bytes, buffer->room));
    }
    if (length > 0)
        memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

/* Bits stand least significant first. */
static void buffer_add_bit(struct buffer *buffer, int64_t index, bool is_set) {
    if (index % 8 == 0)
        buffer_add(buffer, "", 1);
    if (is_set)
        buffer->bytes[index / 8] |= (char)(1 << index % 8);
}

/* The next row's value: `length` bytes of a text, else as wide as its type is. NULL is null. */
static void put(struct column *column, const void *value, size_t length) {
    static const char zero[8];
    char kind = column->field->format[0];
    buffer_add_bit(&column->validity, column->rows, value != NULL);
    column->nulls += value == NULL;
    if (kind == 'u' || kind == 'z') {
        int32_t end = 0;
        if (column->rows == 0)
            buffer_add(&column->ends, &end, sizeof end);
        buffer_add(&column->values, value, value ? length : 0);
        end = (int32_t)column->values.length;
        buffer_add(&column->ends, &end, sizeof end);
    } else if (kind == 'b') {
        buffer_add_bit(&column->values, column->rows, value && *(const bool *)value);
    } else {
        buffer_add(&column->values, value ? value : zero, kind == 'l' ? 8 : 4);
    }
    column->rows++;
}

static void put_text(struct column *column, const char *text) {
    put(column, text, text ? strlen(text) : 0);
}

static struct batch *new_batch(const struct field *fields, int count) {
    struct batch *batch = must(calloc(1, sizeof *batch));
    batch->count = count;
    for (int i = 0; i < count; i++)
        batch->columns[i].field = &fields[i];
    return batch;
}

static void release_batch(struct ArrowArray *array) {
    struct batch *batch = array->private_data;
    for (int i = 0; i < batch->count; i++) {
        free(batch->columns[i].validity.bytes);
        free(batch->columns[i].ends.bytes);
        free(batch->columns[i].values.bytes);
    }
    free(batch);
    array->release = NULL;
}

/* Hands a batch over: it is freed through the array's release. Without nulls no validity is needed. */
static void give_batch(struct batch *batch, int64_t rows, struct ArrowArray *out) {
    for (int i = 0; i < batch->count; i++) {
        struct column *column = &batch->columns[i];
        bool has_ends = column->field->format[0] == 'u' || column->field->format[0] == 'z';
        column->buffers[0] = column->nulls > 0 ? column->validity.bytes : NULL;
        column->buffers[1] = has_ends ? column->ends.bytes : column->values.bytes;
        column->buffers[2] = column->values.bytes;
        batch->arrays[i] = (struct ArrowArray){
            .length = rows, .null_count = column->nulls, .n_buffers = has_ends ? 3 : 2, .buffers = column->buffers};
        batch->children[i] = &batch->arrays[i];
    }
    *out = (struct ArrowArray){.length = rows,
                               .n_buffers = 1,
                               .buffers = batch->no_validity,
                               .n_children = batch->count,
                               .children = batch->children,
                               .release = release_batch,
                               .private_data = batch};
}

static void release_schema(struct ArrowSchema *out) {
    struct schema *schema = out->private_data;
    free(schema->metadata.bytes);
    free(schema);
    out->release = NULL;
}

/* Arrow's form: a count, then each text behind its length, all int32 of this machine. */
static void add_metadata(struct buffer *metadata, const char *text) {
    int32_t length = (int32_t)strlen(text);
    buffer_add(metadata, &length, sizeof length);
    buffer_add(metadata, text, (size_t)length);
}

/* The columns of a stream, with what _tf_at counts and the name of what is read. */
static void give_schema(const struct field *fields, int count, const char *locator, const char *source,
                        struct ArrowSchema *out) {
    struct schema *schema = must(calloc(1, sizeof *schema));
    for (int i = 0; i < count; i++) {
        schema->columns[i] = (struct ArrowSchema){
            .format = fields[i].format, .name = fields[i].name, .flags = fields[i].nullable ? ARROW_FLAG_NULLABLE : 0};
        schema->children[i] = &schema->columns[i];
    }
    int32_t entries = 2;
    buffer_add(&schema->metadata, &entries, sizeof entries);
    add_metadata(&schema->metadata, "trainflow.locator");
    add_metadata(&schema->metadata, locator);
    add_metadata(&schema->metadata, "trainflow.source");
    add_metadata(&schema->metadata, source);
    *out = (struct ArrowSchema){.format = "+s",
                                .name = "",
                                .metadata = schema->metadata.bytes,
                                .n_children = count,
                                .children = schema->children,
                                .release = release_schema,
                                .private_data = schema};
}

#endif

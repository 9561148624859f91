#include "arrow_flatten.h"

#include <stdlib.h>
#include <string.h>

#include "arrow_buffers.h"

enum {
    BODY_AIM = 4 << 20, /* a piece of a large batch */
    ROWS_LIMIT = 1 << 20,
    ALIGNMENT = 64,
    HEAD_BYTES = 16,
    NODE_BYTES = 40,
    BUFFERS_OF_NODE = 3,
    SLACK = HEAD_BYTES + TOKEN_LIMIT + ALIGNMENT,
};

static const uint8_t zeros[ALIGNMENT];

/* ---- What is sent from where ---- */

struct span {
    const void *ptr;
    size_t len;
};

/* Memory for buffers that had to be copied, given back all at once. */
struct copies {
    void **blocks;
    size_t count;
    size_t room;
};

struct piece {
    struct copies copies;
    struct bytes nodes; /* five u64 for each node */
    struct span *buffers;
    size_t buffer_count;
};

static void *copy_room(struct piece *piece, size_t size) {
    struct copies *copies = &piece->copies;
    if (copies->count == copies->room) {
        size_t room = copies->room * 2 + 16;
        void **blocks = need(room * sizeof *blocks);
        if (copies->count > 0)
            memcpy(blocks, copies->blocks, copies->count * sizeof *blocks);
        free(copies->blocks);
        copies->blocks = blocks;
        copies->room = room;
    }
    return copies->blocks[copies->count++] = need(size);
}

static void free_piece(struct piece *piece) {
    for (size_t i = 0; i < piece->copies.count; i++)
        free(piece->copies.blocks[i]);
    free(piece->copies.blocks);
    bytes_free(&piece->nodes);
    free(piece->buffers);
}

/* Puts a node down before its children; its buffers in the order validity, offsets, values. */
static void add_node(struct piece *piece, int64_t rows, int64_t nulls, struct span validity, struct span offsets,
                     struct span values) {
    uint64_t node[5] = {(uint64_t)rows, (uint64_t)nulls, validity.len, offsets.len, values.len};
    bytes_add(&piece->nodes, node, sizeof node);
    piece->buffers[piece->buffer_count++] = validity;
    piece->buffers[piece->buffer_count++] = offsets;
    piece->buffers[piece->buffer_count++] = values;
}

/* ---- Rows of one array ---- */

struct rows {
    const struct ArrowArray *array;
    int64_t first; /* from the array's offset */
    int64_t count;
    int64_t nulls;
    const uint8_t *validity; /* from bit 0; NULL where there are no nulls */
};

static struct rows rows_of(struct piece *piece, const struct ArrowArray *array, int64_t first, int64_t count) {
    struct rows rows = {array, first, count, array_nulls(array, first, count), NULL};
    if (rows.nulls > 0) {
        uint8_t *bits = copy_room(piece, bytes_for_bits(count));
        copy_bits(bits, array->buffers[0], array->offset + first, count);
        rows.validity = bits;
    }
    return rows;
}

static struct span validity_span(const struct rows *rows) {
    return (struct span){rows->validity, rows->validity ? bytes_for_bits(rows->count) : 0};
}

static bool row_is_valid(const struct rows *rows, int64_t row) {
    return !rows->validity || bit_at(rows->validity, row);
}

static struct span bits_span(struct piece *piece, const struct rows *rows) {
    size_t len = bytes_for_bits(rows->count);
    uint8_t *bits = copy_room(piece, len);
    if (len > 0)
        copy_bits(bits, rows->array->buffers[1], rows->array->offset + rows->first, rows->count);
    for (size_t i = 0; rows->validity && i < len; i++)
        bits[i] &= rows->validity[i];
    return (struct span){bits, len};
}

static struct span fixed_span(struct piece *piece, const struct rows *rows, size_t width) {
    size_t len = width * (size_t)rows->count;
    if (len == 0)
        return (struct span){NULL, 0};
    const uint8_t *from =
        (const uint8_t *)rows->array->buffers[1] + width * (size_t)(rows->array->offset + rows->first);
    if (rows->nulls == 0)
        return (struct span){from, len};
    uint8_t *values = copy_room(piece, len);
    memcpy(values, from, len);
    for (int64_t row = 0; row < rows->count; row++)
        if (!bit_at(rows->validity, row))
            memset(values + width * (size_t)row, 0, width);
    return (struct span){values, len};
}

/* ---- Offsets ---- */

static const int32_t no_rows_offsets[1];

static struct offsets offsets_from(const struct rows *rows, enum layout layout) {
    struct offsets offsets = offsets_of(rows->array, layout);
    if (offsets.base)
        offsets.base += rows->first * (offsets.is_long ? 8 : 4);
    return offsets;
}

static bool nulls_are_empty(const struct rows *rows, const struct offsets *offsets) {
    for (int64_t row = 0; rows->nulls > 0 && row < rows->count; row++)
        if (!bit_at(rows->validity, row) && offset_at(offsets, row) != offset_at(offsets, row + 1))
            return false;
    return true;
}

/* From 0, 32 bits: as they lie, or less the first. */
static struct span moved_offsets(struct piece *piece, const struct rows *rows, const struct offsets *offsets) {
    size_t len = 4 * ((size_t)rows->count + 1);
    int64_t first = offset_at(offsets, 0);
    if (first == 0 && !offsets->is_long)
        return (struct span){offsets->base, len};
    int32_t *moved = copy_room(piece, len);
    for (int64_t row = 0; row <= rows->count; row++)
        moved[row] = (int32_t)(offset_at(offsets, row) - first);
    return (struct span){moved, len};
}

/* Values gathered one by one, nulls without bytes: for dictionaries, and for nulls that have some. */
static void gather(struct piece *piece, struct rows *rows, struct span *offsets_out, struct span *values_out,
                   tfc_str (*value)(const struct rows *, int64_t)) {
    int32_t *offsets = copy_room(piece, 4 * ((size_t)rows->count + 1));
    size_t len = 0;
    offsets[0] = 0;
    for (int64_t row = 0; row < rows->count; row++) {
        len += row_is_valid(rows, row) ? value(rows, row).len : 0;
        offsets[row + 1] = (int32_t)len;
    }
    char *values = copy_room(piece, len);
    for (int64_t row = 0; row < rows->count; row++) {
        tfc_str text = row_is_valid(rows, row) ? value(rows, row) : (tfc_str){NULL, 0};
        if (text.len > 0)
            memcpy(values + offsets[row], text.ptr, text.len);
    }
    *offsets_out = (struct span){offsets, 4 * ((size_t)rows->count + 1)};
    *values_out = (struct span){values, len};
}

static tfc_str value_in(const struct ArrowArray *array, enum layout layout, int64_t row) {
    struct offsets offsets = offsets_of(array, layout);
    int64_t begin = offset_at(&offsets, row);
    return (tfc_str){(const char *)array->buffers[2] + begin, (uint64_t)(offset_at(&offsets, row + 1) - begin)};
}

static tfc_str short_value(const struct rows *rows, int64_t row) {
    return value_in(rows->array, LAYOUT_BYTES, rows->first + row);
}

static tfc_str long_value(const struct rows *rows, int64_t row) {
    return value_in(rows->array, LAYOUT_LONG_BYTES, rows->first + row);
}

static tfc_str dictionary_value(const struct rows *rows, int64_t row) {
    return value_in(rows->array->dictionary, LAYOUT_BYTES, dictionary_index(rows->array, rows->first + row));
}

/* ---- Columns ---- */

static void flatten(struct piece *piece, const struct column_type *type, const struct ArrowArray *array, int64_t first,
                    int64_t count);

static void flatten_bytes(struct piece *piece, const struct column_type *type, struct rows *rows) {
    struct span offsets_span = {no_rows_offsets, 4}, values = {NULL, 0};
    struct offsets offsets = offsets_from(rows, type->layout);
    if (rows->count > 0 && nulls_are_empty(rows, &offsets)) {
        int64_t begin = offset_at(&offsets, 0), end = offset_at(&offsets, rows->count);
        offsets_span = moved_offsets(piece, rows, &offsets);
        if (end > begin)
            values = (struct span){(const char *)rows->array->buffers[2] + begin, (size_t)(end - begin)};
    } else if (rows->count > 0) {
        gather(piece, rows, &offsets_span, &values, type->layout == LAYOUT_BYTES ? short_value : long_value);
    }
    add_node(piece, rows->count, rows->nulls, validity_span(rows), offsets_span, values);
}

/* A row is null if its index is, or the value that it points at. */
static void join_dictionary_nulls(struct piece *piece, struct rows *rows) {
    const struct ArrowArray *dictionary = rows->array->dictionary;
    if (array_nulls(dictionary, 0, dictionary->length) == 0)
        return;
    uint8_t *bits = copy_room(piece, bytes_for_bits(rows->count));
    memset(bits, 0, bytes_for_bits(rows->count));
    int64_t valid = 0;
    for (int64_t row = 0; row < rows->count; row++) {
        if (!row_is_valid(rows, row) || !array_is_valid(dictionary, dictionary_index(rows->array, rows->first + row)))
            continue;
        bits[row >> 3] |= (uint8_t)(1u << (row & 7));
        valid++;
    }
    rows->nulls = rows->count - valid;
    rows->validity = rows->nulls > 0 ? bits : NULL;
}

static void flatten_dictionary(struct piece *piece, struct rows *rows) {
    struct span offsets, values;
    join_dictionary_nulls(piece, rows);
    gather(piece, rows, &offsets, &values, dictionary_value);
    add_node(piece, rows->count, rows->nulls, validity_span(rows), offsets, values);
}

static void flatten_list(struct piece *piece, const struct column_type *type, struct rows *rows) {
    struct span offsets_span = {no_rows_offsets, 4};
    struct offsets offsets = offsets_from(rows, LAYOUT_LIST);
    int64_t begin = 0, end = 0;
    if (rows->count > 0) {
        begin = offset_at(&offsets, 0);
        end = offset_at(&offsets, rows->count);
        offsets_span = moved_offsets(piece, rows, &offsets);
    }
    add_node(piece, rows->count, rows->nulls, validity_span(rows), offsets_span, (struct span){NULL, 0});
    flatten(piece, &type->children[0], rows->array->children[0], begin, end - begin);
}

static void flatten_struct(struct piece *piece, const struct column_type *type, struct rows *rows) {
    struct span none = {NULL, 0};
    add_node(piece, rows->count, rows->nulls, validity_span(rows), none, none);
    for (size_t i = 0; i < type->child_count; i++)
        flatten(piece, &type->children[i], rows->array->children[i], rows->array->offset + rows->first, rows->count);
}

static void flatten(struct piece *piece, const struct column_type *type, const struct ArrowArray *array, int64_t first,
                    int64_t count) {
    struct rows rows = rows_of(piece, array, first, count);
    struct span none = {NULL, 0};
    if (type->is_dictionary) {
        flatten_dictionary(piece, &rows);
        return;
    }
    switch (type->layout) {
    case LAYOUT_BITS:
        add_node(piece, count, rows.nulls, validity_span(&rows), none, bits_span(piece, &rows));
        return;
    case LAYOUT_FIXED:
        add_node(piece, count, rows.nulls, validity_span(&rows), none, fixed_span(piece, &rows, type->width));
        return;
    case LAYOUT_BYTES:
    case LAYOUT_LONG_BYTES:
        flatten_bytes(piece, type, &rows);
        return;
    case LAYOUT_LIST:
        flatten_list(piece, type, &rows);
        return;
    case LAYOUT_STRUCT:
        flatten_struct(piece, type, &rows);
        return;
    }
}

/* ---- How large ---- */

static uint64_t size_of(const struct column_type *type, const struct ArrowArray *array, int64_t first, int64_t count);

static uint64_t size_of_dictionary(const struct ArrowArray *array, int64_t first, int64_t count) {
    struct rows rows = {array, first, count, 0, NULL};
    uint64_t size = 4 * (uint64_t)(count + 1);
    for (int64_t row = 0; row < count; row++)
        if (array_is_valid(array, first + row))
            size += dictionary_value(&rows, row).len;
    return size;
}

static uint64_t size_between(const struct column_type *type, const struct ArrowArray *array, int64_t first,
                             int64_t count) {
    if (count == 0)
        return 4;
    struct offsets offsets = offsets_of(array, type->layout);
    int64_t begin = offset_at(&offsets, first), end = offset_at(&offsets, first + count);
    uint64_t size = 4 * (uint64_t)(count + 1);
    if (type->layout == LAYOUT_LIST)
        return size + size_of(&type->children[0], array->children[0], begin, end - begin);
    return size + (uint64_t)(end - begin);
}

static uint64_t size_of(const struct column_type *type, const struct ArrowArray *array, int64_t first, int64_t count) {
    uint64_t size = bytes_for_bits(count) + BUFFERS_OF_NODE * ALIGNMENT + NODE_BYTES;
    if (type->is_dictionary)
        return size + size_of_dictionary(array, first, count);
    switch (type->layout) {
    case LAYOUT_BITS:
        return size + bytes_for_bits(count);
    case LAYOUT_FIXED:
        return size + type->width * (uint64_t)count;
    case LAYOUT_BYTES:
    case LAYOUT_LONG_BYTES:
    case LAYOUT_LIST:
        return size + size_between(type, array, first, count);
    case LAYOUT_STRUCT:
        for (size_t i = 0; i < type->child_count; i++)
            size += size_of(&type->children[i], array->children[i], array->offset + first, count);
        return size;
    }
    return size;
}

/* Values inside lists, at most: also of null lists, which are left out later. */
static uint64_t list_values_of(const struct column_type *type, const struct ArrowArray *array, int64_t first,
                               int64_t count, bool is_in_list) {
    uint64_t values = is_in_list ? (uint64_t)count : 0;
    if (type->is_dictionary || count == 0)
        return values;
    if (type->layout == LAYOUT_STRUCT)
        for (size_t i = 0; i < type->child_count; i++)
            values += list_values_of(&type->children[i], array->children[i], array->offset + first, count, is_in_list);
    if (type->layout == LAYOUT_LIST) {
        struct offsets offsets = offsets_of(array, type->layout);
        int64_t begin = offset_at(&offsets, first), end = offset_at(&offsets, first + count);
        values += list_values_of(&type->children[0], array->children[0], begin, end - begin, true);
    }
    return values;
}

/* ---- Sending ---- */

struct sending {
    const struct record_type *record;
    const struct ArrowArray *array;
    const char *slot;
    uint64_t call;
    struct failure *failure;
};

static uint64_t size_of_rows(const struct sending *sending, int64_t first, int64_t count) {
    uint64_t size = SLACK;
    for (size_t i = 0; i < sending->record->column_count; i++)
        size +=
            size_of(&sending->record->columns[i], sending->array->children[i], sending->array->offset + first, count);
    return size;
}

static uint64_t list_values_of_rows(const struct sending *sending, int64_t first, int64_t count) {
    uint64_t values = 0;
    for (size_t i = 0; i < sending->record->column_count; i++)
        values += list_values_of(&sending->record->columns[i], sending->array->children[i],
                                 sending->array->offset + first, count, false);
    return values;
}

static size_t padding(size_t len) {
    return (ALIGNMENT - len % ALIGNMENT) % ALIGNMENT;
}

static void add_padded(struct iovec *vectors, size_t *count, const void *ptr, size_t len, size_t pad) {
    if (len > 0)
        vectors[(*count)++] = (struct iovec){(void *)(uintptr_t)ptr, len};
    if (pad > 0)
        vectors[(*count)++] = (struct iovec){(void *)(uintptr_t)zeros, pad};
}

/* A token of NULL: more pieces of the batch follow. */
static void send_piece(const struct sending *sending, const struct piece *piece, int64_t rows, const tfc_str *after) {
    tfc_str token = after ? *after : (tfc_str){0};
    uint32_t flags = after ? 0 : BATCH_IS_PARTIAL;
    uint32_t head[4] = {(uint32_t)rows, (uint32_t)sending->record->node_count, (uint32_t)token.len, flags};
    struct iovec *vectors = need((4 + 2 * piece->buffer_count) * sizeof *vectors);
    size_t count = 0;
    add_padded(vectors, &count, head, sizeof head, 0);
    add_padded(vectors, &count, piece->nodes.ptr, piece->nodes.len, 0);
    add_padded(vectors, &count, token.ptr, token.len, padding(sizeof head + piece->nodes.len + token.len));
    for (size_t i = 0; i < piece->buffer_count; i++)
        add_padded(vectors, &count, piece->buffers[i].ptr, piece->buffers[i].len, padding(piece->buffers[i].len));
    data_send(FRAME_BATCH, sending->call, vectors, count);
    free(vectors);
}

static void send_rows(const struct sending *sending, int64_t first, int64_t count, const tfc_str *after) {
    struct piece piece = {.buffers = need(sending->record->node_count * BUFFERS_OF_NODE * sizeof(struct span))};
    for (size_t i = 0; i < sending->record->column_count; i++)
        flatten(&piece, &sending->record->columns[i], sending->array->children[i], sending->array->offset + first,
                count);
    send_piece(sending, &piece, count, after);
    free_piece(&piece);
}

/* Halves until a piece fits: rows may differ a lot in size. */
static bool send_fitting(const struct sending *sending, int64_t first, int64_t count, const tfc_str *after) {
    if (size_of_rows(sending, first, count) <= DATA_BODY_LIMIT &&
        list_values_of_rows(sending, first, count) <= LIST_VALUES_LIMIT) {
        send_rows(sending, first, count, after);
        return true;
    }
    if (count == 1)
        return fail(
            sending->failure, TFC_DATA, "row_too_large",
            "%s: row %lld of a batch has more than %d bytes or %d list values; the source holds a value that is "
            "too large",
            sending->slot, (long long)first, DATA_BODY_LIMIT, LIST_VALUES_LIMIT);
    return send_fitting(sending, first, count / 2, NULL) &&
           send_fitting(sending, first + count / 2, count - count / 2, after);
}

bool arrow_send(const struct record_type *record, const char *slot, const struct ArrowArray *array, tfc_str token,
                uint64_t call, struct failure *failure) {
    struct sending sending = {record, array, slot, call, failure};
    int64_t rows = array->length;
    int64_t pieces = (int64_t)(size_of_rows(&sending, 0, rows) / BODY_AIM) + 1;
    int64_t at_once = (rows + pieces - 1) / pieces;
    if (at_once > ROWS_LIMIT)
        at_once = ROWS_LIMIT;
    if (at_once > VALUES_LIMIT / (int64_t)sending.record->node_count)
        at_once = VALUES_LIMIT / (int64_t)sending.record->node_count;
    int64_t first = 0;
    do {
        int64_t count = rows - first < at_once ? rows - first : at_once;
        if (!send_fitting(&sending, first, count, first + count == rows ? &token : NULL))
            return false;
        first += count;
    } while (first < rows);
    return true;
}

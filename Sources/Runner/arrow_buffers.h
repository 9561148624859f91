/* Reading Arrow's buffers, whatever their alignment. Rows count from the array's own offset. */
#ifndef RUNNER_ARROW_BUFFERS_H
#define RUNNER_ARROW_BUFFERS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "arrow_types.h"

static inline bool bit_at(const uint8_t *bits, int64_t index) {
    return bits[index >> 3] >> (index & 7) & 1;
}

static inline bool array_is_valid(const struct ArrowArray *array, int64_t row) {
    return !array->buffers[0] || bit_at(array->buffers[0], array->offset + row);
}

static inline int32_t dictionary_index(const struct ArrowArray *array, int64_t row) {
    int32_t index;
    memcpy(&index, (const char *)array->buffers[1] + 4 * (array->offset + row), 4);
    return index;
}

/* Offsets of 32 or 64 bits, from the array's first row on. */
struct offsets {
    const char *base;
    bool is_long;
};

static inline struct offsets offsets_of(const struct ArrowArray *array, enum layout layout) {
    bool is_long = layout == LAYOUT_LONG_BYTES;
    const char *buffer = array->buffers[1];
    return (struct offsets){buffer ? buffer + array->offset * (is_long ? 8 : 4) : NULL, is_long};
}

static inline int64_t offset_at(const struct offsets *offsets, int64_t row) {
    if (offsets->is_long) {
        int64_t offset;
        memcpy(&offset, offsets->base + 8 * row, 8);
        return offset;
    }
    int32_t offset;
    memcpy(&offset, offsets->base + 4 * row, 4);
    return offset;
}

/* The first row whose end lies before its begin; -1: none. */
int64_t offsets_falling(const struct offsets *offsets, int64_t rows);
int64_t array_nulls(const struct ArrowArray *array, int64_t first, int64_t rows);
bool ascii_only(const char *bytes, size_t len);
/* `rows` bits from bit `first` on, to bit 0 of out; the rest of out's last byte is 0. */
void copy_bits(uint8_t *out, const uint8_t *bits, int64_t first, int64_t rows);

static inline size_t bytes_for_bits(int64_t bits) {
    return (size_t)((bits + 7) / 8);
}

#endif

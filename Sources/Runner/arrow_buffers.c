#include "arrow_buffers.h"

enum { STRETCH = 256 };

/* Without branches and of a fixed length, so that the compiler does several at a time. */
static bool stretch_falls(const char *base) {
    int32_t mask = 0;
    for (int row = 0; row < STRETCH; row++) {
        int32_t begin, end;
        memcpy(&begin, base + 4 * row, 4);
        memcpy(&end, base + 4 * row + 4, 4);
        mask |= -(int32_t)(end < begin);
    }
    return mask != 0;
}

static bool any_falls(const struct offsets *offsets, int64_t rows) {
    bool falls = false;
    if (offsets->is_long) {
        for (int64_t row = 0; row < rows; row++)
            falls |= offset_at(offsets, row + 1) < offset_at(offsets, row);
        return falls;
    }
    const char *base = offsets->base;
    int64_t row = 0;
    for (; row + STRETCH <= rows && !falls; row += STRETCH)
        falls = stretch_falls(base + 4 * row);
    for (; row < rows; row++)
        falls |= offset_at(offsets, row + 1) < offset_at(offsets, row);
    return falls;
}

int64_t offsets_falling(const struct offsets *offsets, int64_t rows) {
    if (!any_falls(offsets, rows))
        return -1;
    int64_t row = 0;
    while (offset_at(offsets, row + 1) >= offset_at(offsets, row))
        row++;
    return row;
}

static uint64_t word_at(const uint8_t *bits, int64_t byte) {
    uint64_t word;
    memcpy(&word, bits + byte, 8);
    return word;
}

int64_t array_nulls(const struct ArrowArray *array, int64_t first, int64_t rows) {
    const uint8_t *bits = array->buffers[0];
    if (!bits)
        return 0;
    int64_t at = array->offset + first, end = at + rows, set = 0;
    for (; at < end && (at & 7) != 0; at++)
        set += bit_at(bits, at);
    for (; at + 64 <= end; at += 64)
        set += __builtin_popcountll(word_at(bits, at >> 3));
    for (; at < end; at++)
        set += bit_at(bits, at);
    return rows - set;
}

bool ascii_only(const char *bytes, size_t len) {
    uint64_t seen = 0;
    size_t i = 0;
    for (; i + 8 <= len; i += 8)
        seen |= word_at((const uint8_t *)bytes, (int64_t)i);
    for (; i < len; i++)
        seen |= (uint64_t)(uint8_t)bytes[i];
    return (seen & 0x8080808080808080u) == 0;
}

void copy_bits(uint8_t *out, const uint8_t *bits, int64_t first, int64_t rows) {
    size_t len = bytes_for_bits(rows);
    if (len == 0)
        return;
    const uint8_t *from = bits + (first >> 3);
    unsigned shift = (unsigned)(first & 7);
    size_t last = (size_t)((first + rows - 1) >> 3) - (size_t)(first >> 3);
    for (size_t i = 0; i < len; i++) {
        unsigned low = from[i] >> shift;
        unsigned high = shift != 0 && i + 1 <= last ? (unsigned)from[i + 1] << (8 - shift) : 0;
        out[i] = (uint8_t)(low | high);
    }
    if ((rows & 7) != 0)
        out[len - 1] &= (uint8_t)((1u << (rows & 7)) - 1);
}

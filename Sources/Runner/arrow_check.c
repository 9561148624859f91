#include "arrow_flatten.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "arrow_buffers.h"

/*
 * Arrow's C structs say nothing about the size of a buffer, so an offset beyond its end can't be told from a good one
 * here; it ends this process at worst, or brings foreign bytes of this process, which knows one tenant's secrets only.
 */

struct check {
    const char *slot;
    struct failure *failure;
};

static bool refuse(struct check *check, const struct column_type *type, const char *what, int64_t number) {
    return fail_breach(check->failure, check->slot, "column \"%s\": %s (%" PRId64 ")", type->name, what, number);
}

static int64_t buffers_of(enum layout layout) {
    switch (layout) {
    case LAYOUT_BITS:
    case LAYOUT_FIXED:
    case LAYOUT_LIST:
        return 2;
    case LAYOUT_BYTES:
    case LAYOUT_LONG_BYTES:
        return 3;
    case LAYOUT_STRUCT:
        return 1;
    }
    return 0;
}

static bool check_shape(struct check *check, const struct column_type *type, const struct ArrowArray *array) {
    int64_t buffers = type->is_dictionary ? 2 : buffers_of(type->layout);
    if (array->length < 0 || array->length > INT32_MAX)
        return refuse(check, type, "length is negative, or too large", array->length);
    if (array->offset < 0 || array->offset > INT64_MAX / 64)
        return refuse(check, type, "offset is negative, or too large", array->offset);
    if (array->null_count < -1 || array->null_count > array->length)
        return refuse(check, type, "null_count is neither -1 nor from 0 to length", array->null_count);
    if (array->n_buffers != buffers)
        return refuse(check, type, "n_buffers is wrong for its type", array->n_buffers);
    if (array->n_children != (int64_t)type->child_count)
        return refuse(check, type, "n_children differs from the schema", array->n_children);
    if (!array->buffers)
        return refuse(check, type, "buffers is NULL, with n_buffers", array->n_buffers);
    if (type->child_count > 0 && !array->children)
        return refuse(check, type, "children is NULL, with n_children", array->n_children);
    if (type->is_dictionary && !array->dictionary)
        return refuse(check, type, "dictionary is NULL, with rows", array->length);
    return true;
}

static bool check_nulls(struct check *check, const struct column_type *type, const struct ArrowArray *array) {
    int64_t nulls = array_nulls(array, 0, array->length);
    if (array->null_count > 0 && !array->buffers[0])
        return refuse(check, type, "null_count says nulls, but the validity buffer is NULL", array->null_count);
    if (array->null_count >= 0 && array->null_count != nulls)
        return refuse(check, type, "null_count differs from the nulls in the validity buffer", array->null_count);
    if (!type->nullable && nulls > 0)
        return refuse(check, type, "the schema says that it has no nulls, but it has some", nulls);
    return true;
}

/* The offsets from the first row to behind the last never fall; *end is the last. */
static bool check_offsets(struct check *check, const struct column_type *type, const struct ArrowArray *array,
                          int64_t *end) {
    struct offsets offsets = offsets_of(array, type->layout);
    *end = 0;
    if (array->length == 0)
        return true;
    if (!offsets.base)
        return refuse(check, type, "the offsets buffer is NULL, with rows", array->length);
    int64_t first = offset_at(&offsets, 0);
    if (first < 0)
        return refuse(check, type, "the first offset is negative", first);
    int64_t falls = offsets_falling(&offsets, array->length);
    if (falls >= 0)
        return refuse(check, type, "an offset is smaller than the one before it; row", falls);
    *end = offset_at(&offsets, array->length);
    return true;
}

/* The bytes are UTF-8 as a whole, and no value begins inside a character: then each value is UTF-8. */
static int64_t row_that_is_not_utf8(const struct offsets *offsets, const char *bytes, int64_t rows) {
    int64_t first = offset_at(offsets, 0), last = offset_at(offsets, rows);
    size_t len = (size_t)(last - first);
    size_t good = utf8_valid_prefix(bytes + first, len);
    bool ascii = good == len && ascii_only(bytes + first, len);
    for (int64_t row = 0; row < rows && !(ascii && good == len); row++) {
        int64_t begin = offset_at(offsets, row), end = offset_at(offsets, row + 1);
        if (begin < end && ((uint8_t)bytes[begin] & 0xC0) == 0x80)
            return row > 0 ? row - 1 : row;
        if ((size_t)(end - first) > good)
            return row;
    }
    return -1;
}

static bool check_bytes(struct check *check, const struct column_type *type, const struct ArrowArray *array) {
    int64_t end;
    if (!check_offsets(check, type, array, &end))
        return false;
    if (end == 0 || array->length == 0)
        return true;
    const char *bytes = array->buffers[2];
    struct offsets offsets = offsets_of(array, type->layout);
    if (!bytes)
        return offset_at(&offsets, 0) == end || refuse(check, type, "the value buffer is NULL, with bytes", end);
    int64_t row = type->is_text ? row_that_is_not_utf8(&offsets, bytes, array->length) : -1;
    return row < 0 || refuse(check, type, "the text is not UTF-8; row", row);
}

static bool check_dictionary(struct check *check, const struct column_type *type, const struct ArrowArray *array) {
    struct column_type values = *type;
    values.is_dictionary = false;
    values.nullable = true;
    const struct ArrowArray *dictionary = array->dictionary;
    if (!check_shape(check, &values, dictionary) || !check_nulls(check, &values, dictionary) ||
        !check_bytes(check, &values, dictionary))
        return false;
    if (array->length > 0 && !array->buffers[1])
        return refuse(check, type, "the index buffer is NULL, with rows", array->length);
    for (int64_t row = 0; row < array->length; row++) {
        if (!array_is_valid(array, row))
            continue;
        int32_t index = dictionary_index(array, row);
        if (index < 0 || index >= dictionary->length)
            return refuse(check, type, "an index lies outside the dictionary", index);
    }
    return true;
}

static bool check_column(struct check *check, const struct column_type *type, const struct ArrowArray *array);

static bool check_child(struct check *check, const struct column_type *type, const struct ArrowArray *child,
                        int64_t rows) {
    if (!child)
        return refuse(check, type, "the array of a column is NULL, with rows", rows);
    if (!check_column(check, type, child))
        return false;
    return child->length >= rows || refuse(check, type, "has fewer rows than its parent needs", child->length);
}

static bool check_values(struct check *check, const struct column_type *type, const struct ArrowArray *array) {
    int64_t end;
    switch (type->layout) {
    case LAYOUT_BITS:
    case LAYOUT_FIXED:
        return array->length == 0 || array->buffers[1] ||
               refuse(check, type, "the value buffer is NULL, with rows", array->length);
    case LAYOUT_BYTES:
    case LAYOUT_LONG_BYTES:
        return check_bytes(check, type, array);
    case LAYOUT_LIST:
        return check_offsets(check, type, array, &end) &&
               check_child(check, &type->children[0], array->children[0], end);
    case LAYOUT_STRUCT:
        for (size_t i = 0; i < type->child_count; i++)
            if (!check_child(check, &type->children[i], array->children[i], array->offset + array->length))
                return false;
        return true;
    }
    return false;
}

static bool check_column(struct check *check, const struct column_type *type, const struct ArrowArray *array) {
    if (!check_shape(check, type, array) || !check_nulls(check, type, array))
        return false;
    return type->is_dictionary ? check_dictionary(check, type, array) : check_values(check, type, array);
}

static bool check_top_children(struct check *check, const struct record_type *record, const struct ArrowArray *array) {
    for (size_t i = 0; i < record->column_count; i++) {
        const struct column_type *type = &record->columns[i];
        const struct ArrowArray *child = array->children[i];
        if (!child)
            return refuse(check, type, "the array of a column is NULL, with rows", array->length);
        if (!check_column(check, type, child))
            return false;
        if (child->length < array->offset + array->length)
            return refuse(check, type, "has fewer rows than the batch", child->length);
    }
    return true;
}

bool arrow_check(const struct record_type *record, const char *slot, const struct ArrowArray *array,
                 struct failure *failure) {
    struct check check = {slot, failure};
    struct column_type row = {
        .name = (char *)(uintptr_t) "(the row)", .layout = LAYOUT_STRUCT, .child_count = record->column_count};
    return check_shape(&check, &row, array) && check_nulls(&check, &row, array) &&
           check_top_children(&check, record, array);
}

#include "arrow_build.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "arrow_buffers.h"
#include "frames.h"

/* ---- Who owns what ---- */

struct shared_body {
    atomic_size_t holders;
    uint8_t *bytes;
};

/* Behind one array. Children are moved out by bit copy, so nothing in here knows where an array lies. */
struct owner {
    struct shared_body *body;
    const void *buffers[3];
    struct ArrowArray *child_store;
    struct ArrowArray **children;
};

static void let_go(struct shared_body *body) {
    if (atomic_fetch_sub(&body->holders, 1) > 1)
        return;
    free(body->bytes);
    free(body);
}

static void release_array(struct ArrowArray *array) {
    struct owner *owner = array->private_data;
    for (int64_t i = 0; i < array->n_children; i++)
        if (array->children[i]->release)
            array->children[i]->release(array->children[i]);
    free(owner->child_store);
    free(owner->children);
    let_go(owner->body);
    free(owner);
    array->release = NULL;
}

/* An array that can be released from here on, whatever else fails. */
static struct owner *begin_array(struct ArrowArray *out, struct shared_body *body, size_t children) {
    struct owner *owner = need_zeroed(1, sizeof *owner);
    atomic_fetch_add(&body->holders, 1);
    owner->body = body;
    owner->child_store = need_zeroed(children, sizeof *owner->child_store);
    owner->children = need_zeroed(children, sizeof *owner->children);
    for (size_t i = 0; i < children; i++)
        owner->children[i] = &owner->child_store[i];
    *out = (struct ArrowArray){
        .n_children = (int64_t)children,
        .buffers = owner->buffers,
        .children = owner->children,
        .release = release_array,
        .private_data = owner,
    };
    return owner;
}

/* ---- Reading a body ---- */

struct building {
    struct shared_body *body;
    size_t len;
    size_t node_count;
    size_t node;   /* the next node's number */
    size_t buffer; /* where the next buffer begins */
    struct failure *failure;
};

struct node {
    uint64_t length, nulls, validity, offsets, values;
};

static bool refuse(struct building *building, const char *column, const char *what) {
    return fail(building->failure, TFC_INTERNAL, "host_breach", "the host's batch can't be read: column \"%s\": %s",
                column, what);
}

static size_t padded(size_t len) {
    return (len + 63) / 64 * 64;
}

static struct node next_node(struct building *building) {
    struct node node;
    memcpy(&node, building->body->bytes + 16 + sizeof node * building->node++, sizeof node);
    return node;
}

/* NULL for an empty one. The sizes were checked against what is left. */
static const uint8_t *next_buffer(struct building *building, uint64_t size) {
    const uint8_t *buffer = building->body->bytes + building->buffer;
    building->buffer += padded(size);
    return size == 0 ? NULL : buffer;
}

static bool sizes_fit(const struct building *building, const struct node *node) {
    size_t left = building->len - building->buffer;
    if (node->validity > left || node->offsets > left || node->values > left)
        return false;
    return padded(node->validity) + padded(node->offsets) + padded(node->values) <= left;
}

static bool has_offsets(enum layout layout) {
    return layout == LAYOUT_BYTES || layout == LAYOUT_LIST;
}

/* What can be said of the sizes before a buffer is looked at. */
static const char *check_sizes(const struct column_type *type, const struct node *node, uint64_t rows) {
    uint64_t bits = (node->length + 7) / 8;
    if (node->length != rows || node->length > INT32_MAX)
        return "wrong length";
    if (node->nulls > node->length || node->validity != (node->nulls > 0 ? bits : 0))
        return "wrong validity size";
    if (node->offsets != (has_offsets(type->layout) ? 4 * (node->length + 1) : 0))
        return "wrong offsets size";
    if (type->layout == LAYOUT_BITS && node->values != bits)
        return "wrong value size";
    if (type->layout == LAYOUT_FIXED && node->values != type->width * node->length)
        return "wrong value size";
    if ((type->layout == LAYOUT_STRUCT || type->layout == LAYOUT_LIST) && node->values != 0)
        return "wrong value size";
    return NULL;
}

static const char *check_offsets(const struct ArrowArray *array, const struct column_type *type,
                                 const struct node *node, int64_t *last) {
    struct offsets offsets = offsets_of(array, LAYOUT_BYTES);
    if (offset_at(&offsets, 0) != 0 || offsets_falling(&offsets, array->length) >= 0)
        return "offsets don't begin at 0, or fall";
    *last = offset_at(&offsets, array->length);
    if (type->layout == LAYOUT_BYTES && (uint64_t)*last != node->values)
        return "wrong value size";
    if (!type->is_text)
        return NULL;
    for (int64_t row = 0; row < array->length; row++) {
        int64_t begin = offset_at(&offsets, row), end = offset_at(&offsets, row + 1);
        if (begin < end && !utf8_valid((const char *)array->buffers[2] + begin, (size_t)(end - begin)))
            return "text that is not UTF-8";
    }
    return NULL;
}

static bool build_column(struct building *building, const struct column_type *type, uint64_t rows,
                         struct ArrowArray *out);

static bool build_children(struct building *building, const struct column_type *type, uint64_t rows,
                           struct ArrowArray *array) {
    for (size_t i = 0; i < type->child_count; i++)
        if (!build_column(building, &type->children[i], rows, array->children[i]))
            return false;
    return true;
}

static void set_buffers(struct building *building, const struct column_type *type, const struct node *node,
                        struct ArrowArray *array, struct owner *owner) {
    const uint8_t *validity = next_buffer(building, node->validity);
    const uint8_t *offsets = next_buffer(building, node->offsets);
    const uint8_t *values = next_buffer(building, node->values);
    owner->buffers[0] = validity;
    owner->buffers[1] = has_offsets(type->layout) ? offsets : values;
    owner->buffers[2] = values;
    array->length = (int64_t)node->length;
    array->null_count = (int64_t)node->nulls;
    array->n_buffers = type->layout == LAYOUT_STRUCT ? 1 : type->layout == LAYOUT_BYTES ? 3 : 2;
}

static bool build_column(struct building *building, const struct column_type *type, uint64_t rows,
                         struct ArrowArray *out) {
    if (building->node == building->node_count)
        return refuse(building, type->name, "a node is missing");
    struct node node = next_node(building);
    const char *why = check_sizes(type, &node, rows);
    if (!why && !sizes_fit(building, &node))
        why = "its buffers end behind the body";
    if (why)
        return refuse(building, type->name, why);
    set_buffers(building, type, &node, out, begin_array(out, building->body, type->child_count));
    if (array_nulls(out, 0, out->length) != out->null_count)
        return refuse(building, type->name, "the null count differs from the validity bits");
    int64_t child_rows = out->length;
    why = has_offsets(type->layout) ? check_offsets(out, type, &node, &child_rows) : NULL;
    if (why)
        return refuse(building, type->name, why);
    return build_children(building, type, (uint64_t)child_rows, out);
}

static bool build_row(struct building *building, const struct record_type *record, struct ArrowArray *out) {
    uint32_t head[4];
    if (building->len < sizeof head)
        return refuse(building, "(the row)", "the body is too short");
    memcpy(head, building->body->bytes, sizeof head);
    building->node_count = head[1];
    size_t nodes_end = sizeof head + sizeof(struct node) * building->node_count;
    if (head[1] != record->node_count || head[2] > TOKEN_LIMIT || head[3] != 0)
        return refuse(building, "(the row)", "wrong number of nodes, too long a token, or bytes 12 to 15 not 0");
    building->buffer = padded(nodes_end + head[2]);
    if (building->buffer > building->len)
        return refuse(building, "(the row)", "the body is too short");
    begin_array(out, building->body, record->column_count);
    out->length = head[0];
    out->n_buffers = 1;
    for (size_t i = 0; i < record->column_count; i++)
        if (!build_column(building, &record->columns[i], head[0], out->children[i]))
            return false;
    return building->buffer == building->len || refuse(building, "(the row)", "bytes are left at the end of the body");
}

bool arrow_build(const struct record_type *record, uint8_t *body, size_t len, struct ArrowArray *out,
                 struct failure *failure) {
    struct shared_body *shared = need_zeroed(1, sizeof *shared);
    atomic_store(&shared->holders, 1);
    shared->bytes = body;
    struct building building = {.body = shared, .len = len, .failure = failure};
    *out = (struct ArrowArray){0};
    bool built = build_row(&building, record, out);
    if (!built && out->release)
        out->release(out);
    let_go(shared);
    return built;
}

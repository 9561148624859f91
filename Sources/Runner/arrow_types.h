/* The types of columns, as Arrow schemas, as format strings, and as the wire's JSON. */
#ifndef RUNNER_ARROW_TYPES_H
#define RUNNER_ARROW_TYPES_H

#include "bytes.h"
#include "failure.h"

enum {
    NODE_LIMIT = 4096, /* columns of a batch, nested ones counted */
    DEPTH_LIMIT = 16,
    NAME_LIMIT = 1024,
};

enum layout { LAYOUT_BITS, LAYOUT_FIXED, LAYOUT_BYTES, LAYOUT_LONG_BYTES, LAYOUT_STRUCT, LAYOUT_LIST };

struct column_type {
    char *name;
    char format[64]; /* canonical: U is u, Z is z, a dictionary is what its values are */
    enum layout layout;
    uint32_t width; /* of LAYOUT_FIXED, bytes */
    bool is_text;   /* bytes that must be UTF-8 */
    bool is_dictionary;
    bool nullable;
    struct column_type *children;
    size_t child_count;
};

struct record_type {
    struct column_type *columns;
    size_t column_count;
    size_t node_count;
    struct bytes metadata; /* a JSON object of texts */
};

/* A stream's schema: a struct whose children are the columns. */
bool record_type_read(struct record_type *record, const char *slot, const struct ArrowSchema *schema,
                      struct failure *failure);
/* A `schema` frame's body. */
bool record_type_parse(struct record_type *record, tfc_str json, struct failure *failure);
/* The other way round. */
void record_type_json(const struct record_type *record, struct bytes *out);
/* As an Arrow schema of its own, with its own release; metadata is left out. */
void record_type_export(const struct record_type *record, struct ArrowSchema *out);
void record_type_free(struct record_type *record);

#endif

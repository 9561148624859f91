#include "arrow_types.h"

#include <stdlib.h>
#include <string.h>

#include "frames.h"
#include "json.h"

/* ---- Format strings ---- */

static const struct {
    const char *format;
    enum layout layout;
    uint32_t width;
    bool is_text;
    const char *canonical;
} simple_formats[] = {
    {"b", LAYOUT_BITS, 0, false, "b"},       {"c", LAYOUT_FIXED, 1, false, "c"},
    {"C", LAYOUT_FIXED, 1, false, "C"},      {"s", LAYOUT_FIXED, 2, false, "s"},
    {"S", LAYOUT_FIXED, 2, false, "S"},      {"i", LAYOUT_FIXED, 4, false, "i"},
    {"I", LAYOUT_FIXED, 4, false, "I"},      {"l", LAYOUT_FIXED, 8, false, "l"},
    {"L", LAYOUT_FIXED, 8, false, "L"},      {"f", LAYOUT_FIXED, 4, false, "f"},
    {"g", LAYOUT_FIXED, 8, false, "g"},      {"u", LAYOUT_BYTES, 0, true, "u"},
    {"U", LAYOUT_LONG_BYTES, 0, true, "u"},  {"z", LAYOUT_BYTES, 0, false, "z"},
    {"Z", LAYOUT_LONG_BYTES, 0, false, "z"}, {"tdD", LAYOUT_FIXED, 4, false, "tdD"},
    {"ttu", LAYOUT_FIXED, 8, false, "ttu"},  {"+s", LAYOUT_STRUCT, 0, false, "+s"},
    {"+l", LAYOUT_LIST, 0, false, "+l"},
};

static bool read_simple(struct column_type *type, const char *format) {
    for (size_t i = 0; i < sizeof simple_formats / sizeof simple_formats[0]; i++)
        if (strcmp(simple_formats[i].format, format) == 0) {
            type->layout = simple_formats[i].layout;
            type->width = simple_formats[i].width;
            type->is_text = simple_formats[i].is_text;
            strcpy(type->format, simple_formats[i].canonical);
            return true;
        }
    return false;
}

/* tss: tsm: tsu: tsn: and a time zone, which may be empty. */
static bool read_timestamp(struct column_type *type, const char *format) {
    size_t len = strlen(format);
    if (len < 4 || len >= sizeof type->format || format[0] != 't' || format[1] != 's' || format[3] != ':')
        return false;
    if (!strchr("smun", format[2]) || !utf8_valid(format, len))
        return false;
    type->layout = LAYOUT_FIXED;
    type->width = 8;
    strcpy(type->format, format);
    return true;
}

static bool read_digits(const char **at, long *out) {
    if (**at < '0' || **at > '9')
        return false;
    char *end;
    *out = strtol(*at, &end, 10);
    *at = end;
    return *out <= 1000;
}

/* d:precision,scale and perhaps ,128 */
static bool read_decimal(struct column_type *type, const char *format) {
    long precision, scale;
    if (strncmp(format, "d:", 2) != 0)
        return false;
    const char *at = format + 2;
    if (!read_digits(&at, &precision) || *at++ != ',' || !read_digits(&at, &scale))
        return false;
    if (precision < 1 || precision > 38 || scale > precision || (*at != '\0' && strcmp(at, ",128") != 0))
        return false;
    type->layout = LAYOUT_FIXED;
    type->width = 16;
    struct bytes canonical = {0};
    bytes_format(&canonical, "d:%ld,%ld", precision, scale);
    memcpy(type->format, canonical.ptr, canonical.len);
    bytes_free(&canonical);
    return true;
}

static bool read_format(struct column_type *type, const char *format) {
    return read_simple(type, format) || read_timestamp(type, format) || read_decimal(type, format);
}

static const char supported[] =
    "supported are b c C s S i I l L f g u U z Z tdD ttu tss: tsm: tsu: tsn: d:p,s +s +l, and "
    "dictionaries with index i of values u";

/* ---- From an Arrow schema ---- */

struct reading {
    struct record_type *record;
    const char *slot;
    struct failure *failure;
};

/* Names and formats come without a length: look no further than the limit. */
static bool short_text(const char *text, size_t limit) {
    return text && memchr(text, '\0', limit + 1) != NULL;
}

static char *copy_name(const char *name, size_t len) {
    char *copy = need(len + 1);
    memcpy(copy, name, len);
    copy[len] = '\0';
    return copy;
}

static bool read_name(struct reading *reading, struct column_type *type, const struct ArrowSchema *schema) {
    const char *name = schema->name ? schema->name : "";
    if (!short_text(name, NAME_LIMIT))
        return fail_breach(reading->failure, reading->slot, "a column's name has more than %d bytes", NAME_LIMIT);
    if (!utf8_valid(name, strlen(name)))
        return fail_breach(reading->failure, reading->slot, "a column's name is not UTF-8");
    type->name = copy_name(name, strlen(name));
    return true;
}

static bool read_dictionary(struct reading *reading, struct column_type *type, const struct ArrowSchema *schema) {
    const struct ArrowSchema *values = schema->dictionary;
    if (strcmp(schema->format, "i") != 0 || !short_text(values->format, 8) || strcmp(values->format, "u") != 0)
        return fail_breach(reading->failure, reading->slot, "column \"%s\" is a dictionary with index %s; %s",
                           type->name, schema->format, supported);
    type->is_dictionary = true;
    return read_format(type, "u");
}

static bool read_type(struct reading *reading, struct column_type *type, const struct ArrowSchema *schema) {
    if (!short_text(schema->format, sizeof type->format - 1))
        return fail_breach(reading->failure, reading->slot, "column \"%s\" has no format, or a very long one",
                           type->name);
    type->nullable = (schema->flags & ARROW_FLAG_NULLABLE) != 0;
    if (schema->dictionary)
        return read_dictionary(reading, type, schema);
    if (!read_format(type, schema->format))
        return fail_breach(reading->failure, reading->slot, "column \"%s\" has the type \"%s\"; %s", type->name,
                           utf8_valid(schema->format, strlen(schema->format)) ? schema->format : "?", supported);
    return true;
}

static bool check_child_count(struct reading *reading, const struct column_type *type, int64_t count) {
    int64_t wanted = type->layout == LAYOUT_LIST ? 1 : 0;
    if (count < 0 || count > NODE_LIMIT)
        return fail_breach(reading->failure, reading->slot,
                           "column \"%s\" has %lld children; at most %d columns in all", type->name, (long long)count,
                           NODE_LIMIT);
    if (type->layout == LAYOUT_STRUCT && count == 0)
        return fail_breach(reading->failure, reading->slot, "column \"%s\" is a struct without columns", type->name);
    if (type->layout != LAYOUT_STRUCT && count != wanted)
        return fail_breach(reading->failure, reading->slot, "column \"%s\" of type %s has %lld children, not %lld",
                           type->name, type->format, (long long)count, (long long)wanted);
    return true;
}

static bool read_columns(struct reading *reading, struct column_type **out, size_t *count,
                         const struct ArrowSchema *schema, int depth);

static bool read_column(struct reading *reading, struct column_type *type, const struct ArrowSchema *schema,
                        int depth) {
    if (++reading->record->node_count > NODE_LIMIT)
        return fail_breach(reading->failure, reading->slot, "the schema has more than %d columns", NODE_LIMIT);
    if (!schema)
        return fail_breach(reading->failure, reading->slot, "a column's schema is NULL");
    return read_name(reading, type, schema) && read_type(reading, type, schema) &&
           check_child_count(reading, type, schema->n_children) &&
           read_columns(reading, &type->children, &type->child_count, schema, depth + 1);
}

static bool read_columns(struct reading *reading, struct column_type **out, size_t *count,
                         const struct ArrowSchema *schema, int depth) {
    if (schema->n_children == 0)
        return true;
    if (depth > DEPTH_LIMIT)
        return fail_breach(reading->failure, reading->slot, "the schema is nested more than %d deep", DEPTH_LIMIT);
    if (!schema->children)
        return fail_breach(reading->failure, reading->slot, "n_children is %lld, but children is NULL",
                           (long long)schema->n_children);
    *count = (size_t)schema->n_children;
    *out = need_zeroed(*count, sizeof **out);
    for (size_t i = 0; i < *count; i++)
        if (!read_column(reading, &(*out)[i], schema->children[i], depth))
            return false;
    return true;
}

/* ---- Metadata: an int32 count, then pairs of int32 length and bytes ---- */

static bool take_metadata_text(const char **at, tfc_str *text) {
    int32_t len;
    memcpy(&len, *at, 4);
    *at += 4;
    if (len < 0 || len > 65536)
        return false;
    *text = (tfc_str){*at, (uint64_t)len};
    *at += len;
    return utf8_valid(text->ptr, text->len);
}

static bool read_metadata(struct reading *reading, const char *metadata) {
    struct bytes *json = &reading->record->metadata;
    bytes_text(json, "{");
    int32_t count = 0;
    if (metadata)
        memcpy(&count, metadata, 4);
    if (count < 0 || count > 64)
        return fail_breach(reading->failure, reading->slot, "the schema's metadata says %d entries; at most 64", count);
    const char *at = metadata ? metadata + 4 : NULL;
    for (int32_t i = 0; i < count; i++) {
        tfc_str key, value;
        if (!take_metadata_text(&at, &key) || !take_metadata_text(&at, &value))
            return fail_breach(reading->failure, reading->slot,
                               "entry %d of the schema's metadata is not UTF-8, or longer than 64 KiB", i);
        bytes_text(json, i > 0 ? "," : "");
        bytes_json(json, key);
        bytes_text(json, ":");
        bytes_json(json, value);
    }
    bytes_text(json, "}");
    return true;
}

/* ---- Names ---- */

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool check_siblings(const struct column_type *columns, size_t count, const char *slot, struct failure *failure) {
    const char **names = need(count * sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = columns[i].name;
    qsort(names, count, sizeof *names, compare_names);
    bool good = names[0][0] != '\0' || fail_breach(failure, slot, "a column has no name");
    for (size_t i = 1; good && i < count; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            good = fail_breach(failure, slot, "two columns beside each other are called \"%s\"", names[i]);
    free(names);
    return good;
}

static bool check_names(const struct column_type *columns, size_t count, const char *slot, struct failure *failure) {
    if (count > 0 && !check_siblings(columns, count, slot, failure))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct column_type *type = &columns[i];
        const struct column_type *inside = type->layout == LAYOUT_LIST ? &type->children[0] : type; /* needs no name */
        if (!check_names(inside->children, inside->child_count, slot, failure))
            return false;
    }
    return true;
}

static const char *reserved_format(const char *name) {
    static const char *const reserved[][2] = {{TFC_COLUMN_AT, "l"},
                                              {TFC_COLUMN_ERROR, "u"},
                                              {TFC_COLUMN_RAW, "z"},
                                              {TFC_COLUMN_OP, "c"},
                                              {TFC_COLUMN_ABSENT, "z"}};
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (strcmp(name, reserved[i][0]) == 0)
            return reserved[i][1];
    return NULL;
}

static bool has_column(const struct record_type *record, const char *name) {
    for (size_t i = 0; i < record->column_count; i++)
        if (strcmp(record->columns[i].name, name) == 0)
            return true;
    return false;
}

static bool check_reserved(const struct record_type *record, const char *slot, struct failure *failure) {
    tfc_str locator;
    for (size_t i = 0; i < record->column_count; i++) {
        const struct column_type *type = &record->columns[i];
        if (strncmp(type->name, "_tf_", 4) != 0)
            continue;
        const char *format = reserved_format(type->name);
        if (!format)
            return fail_breach(failure, slot, "a column is called \"%s\"; names with _tf_ are reserved", type->name);
        if (strcmp(type->format, format) != 0)
            return fail_breach(failure, slot, "the reserved column %s has type %s; it must be %s", type->name,
                               type->format, format);
    }
    if (has_column(record, TFC_COLUMN_RAW) && !has_column(record, TFC_COLUMN_ERROR))
        return fail_breach(failure, slot, "there is a column _tf_raw without _tf_error");
    if (has_column(record, TFC_COLUMN_AT) && !json_member(bytes_str(&record->metadata), "trainflow.locator", &locator))
        return fail_breach(failure, slot, "the schema's metadata lacks trainflow.locator: what _tf_at counts");
    return true;
}

bool record_type_read(struct record_type *record, const char *slot, const struct ArrowSchema *schema,
                      struct failure *failure) {
    *record = (struct record_type){0};
    struct reading reading = {record, slot, failure};
    struct column_type root = {.name = (char *)(uintptr_t) "(the row)"};
    if (!schema->release)
        return fail_breach(failure, slot, "returned 0 but no schema");
    if (!short_text(schema->format, 8) || strcmp(schema->format, "+s") != 0 || schema->dictionary)
        return fail_breach(failure, slot, "the stream's schema is not a struct (+s) of columns");
    root.layout = LAYOUT_STRUCT;
    return check_child_count(&reading, &root, schema->n_children) &&
           read_columns(&reading, &record->columns, &record->column_count, schema, 1) &&
           read_metadata(&reading, schema->metadata) &&
           check_names(record->columns, record->column_count, slot, failure) && check_reserved(record, slot, failure);
}

/* ---- JSON ---- */

static void column_json(const struct column_type *type, struct bytes *out) {
    bytes_text(out, "{\"name\":");
    bytes_json_text(out, type->name);
    bytes_text(out, ",\"format\":");
    bytes_json_text(out, type->format);
    bytes_format(out, ",\"nullable\":%s,\"children\":[", type->nullable ? "true" : "false");
    for (size_t i = 0; i < type->child_count; i++) {
        bytes_text(out, i > 0 ? "," : "");
        column_json(&type->children[i], out);
    }
    bytes_text(out, "]}");
}

void record_type_json(const struct record_type *record, struct bytes *out) {
    bytes_text(out, "{\"fields\":[");
    for (size_t i = 0; i < record->column_count; i++) {
        bytes_text(out, i > 0 ? "," : "");
        column_json(&record->columns[i], out);
    }
    bytes_text(out, "],\"metadata\":");
    bytes_add(out, record->metadata.ptr, record->metadata.len);
    bytes_text(out, "}");
}

static bool host_breach(struct failure *failure, const char *what) {
    return fail(failure, TFC_INTERNAL, "host_breach", "the host's schema can't be read: %s", what);
}

static char *parse_text(tfc_str object, const char *member, size_t limit) {
    tfc_str value;
    if (!json_member(object, member, &value) || !json_is_string(value))
        return NULL;
    char *text = need(value.len);
    size_t len;
    if (json_string(value, text, &len) && len <= limit && memchr(text, '\0', len) == NULL) {
        text[len] = '\0'; /* the quotes left room */
        return text;
    }
    free(text);
    return NULL;
}

static bool parse_columns(struct record_type *record, struct column_type **out, size_t *count, tfc_str array, int depth,
                          struct failure *failure);

static bool parse_column(struct record_type *record, struct column_type *type, tfc_str json, int depth,
                         struct failure *failure) {
    tfc_str value;
    if (++record->node_count > NODE_LIMIT)
        return host_breach(failure, "too many columns");
    type->name = parse_text(json, "name", NAME_LIMIT);
    char *format = parse_text(json, "format", sizeof type->format - 1);
    bool known = type->name && format && read_format(type, format);
    free(format);
    if (!known)
        return host_breach(failure, "a column without name or known format");
    if (!json_member(json, "nullable", &value) || !json_bool(value, &type->nullable))
        return host_breach(failure, "nullable is true or false");
    if (json_member(json, "children", &value) &&
        !parse_columns(record, &type->children, &type->child_count, value, depth + 1, failure))
        return false;
    size_t wanted = type->layout == LAYOUT_LIST ? 1 : 0;
    if (type->layout != LAYOUT_STRUCT && type->child_count != wanted)
        return host_breach(failure, "a column with a wrong number of children");
    return true;
}

static bool parse_columns(struct record_type *record, struct column_type **out, size_t *count, tfc_str array, int depth,
                          struct failure *failure) {
    tfc_str key, element;
    if (!json_is_array(array))
        return host_breach(failure, "columns are an array");
    size_t room = 0;
    for (struct json_walk walk = json_walk(array); json_step(&walk, &key, &element);)
        room++;
    if (room > NODE_LIMIT)
        return host_breach(failure, "too many columns");
    if (room > 0 && depth > DEPTH_LIMIT)
        return host_breach(failure, "nested too deep");
    *out = need_zeroed(room, sizeof **out);
    for (struct json_walk walk = json_walk(array); json_step(&walk, &key, &element);)
        if (!parse_column(record, &(*out)[(*count)++], element, depth, failure))
            return false;
    return true;
}

bool record_type_parse(struct record_type *record, tfc_str json, struct failure *failure) {
    size_t where;
    tfc_str fields;
    *record = (struct record_type){0};
    bytes_text(&record->metadata, "{}");
    if (!json_valid_object(json, &where) || !json_member(json, "fields", &fields))
        return host_breach(failure, "no object with fields");
    return parse_columns(record, &record->columns, &record->column_count, fields, 1, failure);
}

static void free_columns(struct column_type *columns, size_t count) {
    for (size_t i = 0; i < count; i++) {
        free_columns(columns[i].children, columns[i].child_count);
        free(columns[i].name);
    }
    free(columns);
}

void record_type_free(struct record_type *record) {
    free_columns(record->columns, record->column_count);
    bytes_free(&record->metadata);
    *record = (struct record_type){0};
}

/* ---- As an Arrow schema ---- */

static void release_schema(struct ArrowSchema *schema) {
    for (int64_t i = 0; i < schema->n_children; i++) {
        if (schema->children[i]->release)
            schema->children[i]->release(schema->children[i]);
        free(schema->children[i]);
    }
    free(schema->children);
    free((void *)(uintptr_t)schema->name);
    free((void *)(uintptr_t)schema->format);
    schema->release = NULL;
}

static void export_columns(const struct column_type *columns, size_t count, struct ArrowSchema *parent);

static void export_node(const char *name, const char *format, bool nullable, struct ArrowSchema *out) {
    *out = (struct ArrowSchema){
        .format = copy_name(format, strlen(format)),
        .name = copy_name(name, strlen(name)),
        .flags = nullable ? ARROW_FLAG_NULLABLE : 0,
        .release = release_schema,
    };
}

static void export_columns(const struct column_type *columns, size_t count, struct ArrowSchema *parent) {
    parent->n_children = (int64_t)count;
    parent->children = need_zeroed(count, sizeof *parent->children);
    for (size_t i = 0; i < count; i++) {
        parent->children[i] = need_zeroed(1, sizeof **parent->children);
        export_node(columns[i].name, columns[i].format, columns[i].nullable, parent->children[i]);
        export_columns(columns[i].children, columns[i].child_count, parent->children[i]);
    }
}

void record_type_export(const struct record_type *record, struct ArrowSchema *out) {
    export_node("", "+s", false, out);
    export_columns(record->columns, record->column_count, out);
}

/* What the test connectors share: looking into settings, giving texts and errors, building schemas and batches. */
#ifndef TEST_CONNECTOR_SUPPORT_H
#define TEST_CONNECTOR_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trainflow_plugin.h"

/* The manifest that this connector was built with. */
tfc_str manifest(void);

/* Members of flat JSON objects, found by their quoted name. The text is NUL-terminated in a static room, or
 * `otherwise`. */
const char *json_text(tfc_str json, const char *name, const char *otherwise);
int64_t json_number(tfc_str json, const char *name, int64_t otherwise);

tfc_str text(const char *text);
void give_text(tfc_blob *out, const char *text);
tfc_status give_error(tfc_error *error, tfc_status status, const char *code, const char *message);
void say(const tfc_host *host, tfc_ctx *ctx, int32_t level, const char *message);

/* How many texts, errors, schemas and batches made here have not been released. */
long alive(void);

/* Blocks of memory that go together, and the release callback of an array that owns them (private_data). */
struct blocks;
struct blocks *new_blocks(void);
void *block(struct blocks *blocks, size_t size);
void free_blocks(struct blocks *blocks);
void release_blocks_array(struct ArrowArray *array);

/* A schema node with room for children; releases itself and them. metadata may be NULL, else in Arrow's own form. */
void make_schema(struct ArrowSchema *out, const char *name, const char *format, int64_t flags, size_t children);
void set_metadata(struct ArrowSchema *schema, const char *key, const char *value);
void make_text_schema(struct ArrowSchema *out, size_t columns, const char *const *names);
/* All columns utf8; cells row by row, NULL for null. */
void make_text_batch(struct ArrowArray *out, size_t columns, size_t rows, const char *const *cells);

/* The number in a request's token, which is base64 of it in decimal; 0 for none. */
int64_t read_token(tfc_str request);

/* What every one of them answers where it has nothing better to do. */
tfc_status plain_open(tfc_ctx *, tfc_str settings, tfc_connector **out, tfc_error *);
void plain_close(tfc_connector *); /* frees it */
tfc_status plain_validate(tfc_ctx *, tfc_str settings, tfc_blob *findings, tfc_error *);
tfc_status plain_test(tfc_connector *, tfc_ctx *, tfc_blob *report, tfc_error *);
tfc_status plain_discover(tfc_connector *, tfc_ctx *, tfc_blob *streams, tfc_error *);
tfc_status plain_op_state(tfc_op *, tfc_blob *token, tfc_error *); /* "1" */
tfc_status plain_op_error(tfc_op *, tfc_error *);
tfc_status plain_op_summary(tfc_op *, tfc_blob *json, tfc_error *); /* complete, 1 row */
void plain_op_cancel(tfc_op *);
void plain_op_close(tfc_op *); /* frees it */
const char *plain_last_error(struct ArrowArrayStream *);
void plain_release_stream(struct ArrowArrayStream *);

/* The host, as it was given to a TEST_CONNECTOR. */
extern const tfc_host *host;

/* The table with the given slots, and the entry that answers it. */
#define TEST_CONNECTOR(...)                                                                                            \
    static const tfc_plugin plugin = {.struct_size = sizeof plugin, .describe = manifest, __VA_ARGS__};                \
    const tfc_plugin *tfc_plugin_v0(const tfc_host *given) {                                                           \
        host = given;                                                                                                  \
        return &plugin;                                                                                                \
    }                                                                                                                  \
    _Static_assert(true, "takes the semicolon")

#endif

/* Growing runs of bytes, UTF-8, base64. */
#ifndef RUNNER_BYTES_H
#define RUNNER_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trainflow_plugin.h"

struct bytes {
    char *ptr;
    size_t len;
    size_t room;
};

/* Memory, or the end of the process with a `stop` frame that says so: under RLIMIT_AS an allocation may well fail. */
void *need(size_t size);
void *need_zeroed(size_t count, size_t size);

void bytes_add(struct bytes *bytes, const void *ptr, size_t len);
void bytes_text(struct bytes *bytes, const char *text);
void bytes_format(struct bytes *bytes, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As a JSON string, with its quotes. The text must be UTF-8. */
void bytes_json(struct bytes *bytes, tfc_str text);
void bytes_json_text(struct bytes *bytes, const char *text);
void bytes_base64(struct bytes *bytes, tfc_str data);
void bytes_free(struct bytes *bytes);
tfc_str bytes_str(const struct bytes *bytes);

tfc_str str(const char *text);
bool str_is(tfc_str a, const char *text);
bool str_equal(tfc_str a, tfc_str b);

/* The place of the first byte that is not UTF-8, or len. */
size_t utf8_valid_prefix(const void *ptr, size_t len);
bool utf8_valid(const void *ptr, size_t len);

/* Room for ⌊len/4⌋×3 bytes is needed. False: not base64 (RFC 4648 section 4, padded). */
bool base64_decode(tfc_str text, uint8_t *out, size_t *out_len);

#endif

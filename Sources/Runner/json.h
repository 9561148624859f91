/* A strict JSON reader for control bodies and what connectors return: checks a text once, then walks it in place. */
#ifndef RUNNER_JSON_H
#define RUNNER_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

enum { JSON_DEPTH = 64 };

/* RFC 8259 to the letter, UTF-8, at most JSON_DEPTH levels. *where: the byte at which it breaks. */
bool json_valid(tfc_str text, size_t *where);
bool json_valid_object(tfc_str text, size_t *where);

/* What follows takes texts that json_valid accepted. */

struct json_walk {
    const char *at;
    const char *end;
};
/* The members of an object or the elements of an array, one a step; key is empty in an array, and still escaped. */
struct json_walk json_walk(tfc_str value);
bool json_step(struct json_walk *walk, tfc_str *key, tfc_str *value);

/* The value of a member, as it stands; false: not an object, or no such member. The first of two equal names counts. */
bool json_member(tfc_str object, const char *name, tfc_str *value);
bool json_is_object(tfc_str value);
bool json_is_array(tfc_str value);
bool json_is_string(tfc_str value);
bool json_is_null(tfc_str value);
/* An integer without fraction or exponent that fits. */
bool json_integer(tfc_str value, int64_t *out);
bool json_bool(tfc_str value, bool *out);
/* A string's text, unescaped, into a room of at least value.len bytes. False: no string, or a lone surrogate. */
bool json_string(tfc_str value, char *out, size_t *len);

#endif

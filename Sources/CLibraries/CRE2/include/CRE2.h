#ifndef CRE2_H
#define CRE2_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A compiled pattern of RE2 (linear time). Used by any number of threads at once.
typedef struct cre2_pattern cre2_pattern;

// Compiles UTF-8. NULL where the pattern is none: `message` then says why (NUL-terminated, cut to `capacity`).
cre2_pattern *_Nullable cre2_compile(const uint8_t *_Nullable text, size_t length, char *_Nonnull message,
                                     size_t capacity);

void cre2_free(cre2_pattern *_Nullable pattern);

// Groups in parentheses; the whole match is not counted.
int cre2_groups(const cre2_pattern *_Nonnull pattern);

// Finds the first match from `start` on. `ranges` gets begin and end of the whole and of each of `groups` groups, -1
// for those that took no part. Returns whether there is one.
int cre2_find(const cre2_pattern *_Nonnull pattern, const uint8_t *_Nullable text, size_t length, size_t start,
              ptrdiff_t *_Nonnull ranges, int groups);

#ifdef __cplusplus
}
#endif

#endif

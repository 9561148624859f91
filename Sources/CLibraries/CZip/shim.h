#include <zip.h>

/* What a source of libzip's that can only be read offers: a mask of macros. */
static inline zip_int64_t czip_readable_commands(void) {
    return ZIP_SOURCE_SUPPORTS_SEEKABLE;
}

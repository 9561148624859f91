#include <stdlib.h>
#include <zlib.h>

/* A stream that compresses without any header (RFC 1951), as ZIP archives have it; NULL without memory. deflateInit2 is
   a macro. */
static inline z_stream *_Nullable czlib_deflater(void) {
    z_stream *stream = (z_stream *)calloc(1, sizeof *stream);
    if (stream && deflateInit2(stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(stream);
        return NULL;
    }
    return stream;
}

static inline void czlib_end(z_stream *_Nonnull stream) {
    deflateEnd(stream);
    free(stream);
}

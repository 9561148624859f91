#include "stop.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "frames.h"

const char *volatile current_slot;

_Noreturn void leave(int code) {
    _exit(code);
}

/* JSON text into a fixed room, since memory may be what is missing. Cuts at a whole character. */
static size_t escape(char *out, size_t room, const char *text) {
    static const char hex[] = "0123456789abcdef";
    size_t len = 0, text_len = utf8_valid_prefix(text, strlen(text));
    for (size_t i = 0; i < text_len && len + 6 < room; i++) {
        unsigned char character = (unsigned char)text[i];
        if (character == '"' || character == '\\') {
            out[len++] = '\\';
            out[len++] = (char)character;
        } else if (character < 0x20) {
            const char escaped[] = {'\\', 'u', '0', '0', hex[character >> 4], hex[character & 15]};
            memcpy(out + len, escaped, sizeof escaped);
            len += sizeof escaped;
        } else {
            out[len++] = (char)character;
        }
    }
    return utf8_valid_prefix(out, len);
}

_Noreturn void stop(const char *stage, const char *format, ...) {
    char message[1500], body[4096];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    size_t len = (size_t)snprintf(body, sizeof body, "{\"stage\":\"%s\",\"message\":\"", stage);
    len += escape(body + len, sizeof body - len - 3, message);
    memcpy(body + len, "\"}", 2);
    control_send_last(FRAME_STOP, body, len + 2);
    leave(EXIT_STOPPED);
}

static void connector_called_exit(void) {
    const char *slot = current_slot;
    if (slot)
        stop("exit", "the connector ended its process (it called exit) in %s; a connector must return instead", slot);
    stop("exit", "the connector ended its process (it called exit) between two calls; a connector must return instead");
}

void stop_watch_exit(void) {
    atexit(connector_called_exit);
}

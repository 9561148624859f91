#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stop.h"

void *need(size_t size) {
    void *ptr = malloc(size ? size : 1);
    if (!ptr)
        stop("memory", "no memory for %zu bytes: the connector's memory limit is used up", size);
    return ptr;
}

void *need_zeroed(size_t count, size_t size) {
    void *ptr = calloc(count ? count : 1, size ? size : 1);
    if (!ptr)
        stop("memory", "no memory for %zu bytes: the connector's memory limit is used up", count * size);
    return ptr;
}

static void bytes_make_room(struct bytes *bytes, size_t more) {
    if (bytes->room - bytes->len >= more)
        return;
    size_t room = bytes->room * 2 + more + 64;
    char *ptr = realloc(bytes->ptr, room);
    if (!ptr)
        stop("memory", "no memory for %zu bytes: the connector's memory limit is used up", room);
    bytes->ptr = ptr;
    bytes->room = room;
}

void bytes_add(struct bytes *bytes, const void *ptr, size_t len) {
    if (len == 0)
        return;
    bytes_make_room(bytes, len);
    memcpy(bytes->ptr + bytes->len, ptr, len);
    bytes->len += len;
}

void bytes_text(struct bytes *bytes, const char *text) {
    bytes_add(bytes, text, strlen(text));
}

void bytes_format(struct bytes *bytes, const char *format, ...) {
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int len = vsnprintf(NULL, 0, format, list);
    va_end(list);
    if (len > 0) {
        bytes_make_room(bytes, (size_t)len + 1);
        vsnprintf(bytes->ptr + bytes->len, (size_t)len + 1, format, again);
        bytes->len += (size_t)len;
    }
    va_end(again);
}

static void bytes_json_character(struct bytes *bytes, unsigned char character) {
    switch (character) {
    case '"':
        bytes_text(bytes, "\\\"");
        return;
    case '\\':
        bytes_text(bytes, "\\\\");
        return;
    case '\n':
        bytes_text(bytes, "\\n");
        return;
    case '\r':
        bytes_text(bytes, "\\r");
        return;
    case '\t':
        bytes_text(bytes, "\\t");
        return;
    default:
        bytes_format(bytes, "\\u%04x", character);
    }
}

static bool json_stands_for_itself(unsigned char character) {
    return character >= 0x20 && character != '"' && character != '\\';
}

void bytes_json(struct bytes *bytes, tfc_str text) {
    bytes_text(bytes, "\"");
    size_t begin = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char character = (unsigned char)text.ptr[i];
        if (json_stands_for_itself(character))
            continue;
        bytes_add(bytes, text.ptr + begin, i - begin);
        bytes_json_character(bytes, character);
        begin = i + 1;
    }
    if (text.len > begin)
        bytes_add(bytes, text.ptr + begin, text.len - begin);
    bytes_text(bytes, "\"");
}

void bytes_json_text(struct bytes *bytes, const char *text) {
    bytes_json(bytes, str(text));
}

static const char base64_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void bytes_base64(struct bytes *bytes, tfc_str data) {
    for (size_t i = 0; i < data.len; i += 3) {
        size_t left = data.len - i;
        uint32_t group = (uint32_t)(uint8_t)data.ptr[i] << 16;
        if (left > 1)
            group |= (uint32_t)(uint8_t)data.ptr[i + 1] << 8;
        if (left > 2)
            group |= (uint32_t)(uint8_t)data.ptr[i + 2];
        char four[4] = {base64_alphabet[group >> 18], base64_alphabet[group >> 12 & 63],
                        left > 1 ? base64_alphabet[group >> 6 & 63] : '=',
                        left > 2 ? base64_alphabet[group & 63] : '='};
        bytes_add(bytes, four, 4);
    }
}

static int base64_value(char character) {
    if (character >= 'A' && character <= 'Z')
        return character - 'A';
    if (character >= 'a' && character <= 'z')
        return character - 'a' + 26;
    if (character >= '0' && character <= '9')
        return character - '0' + 52;
    return character == '+' ? 62 : character == '/' ? 63 : -1;
}

/* How many bytes four characters stand for; 0: none. */
static size_t base64_group(const char *four, bool last, uint32_t *group) {
    size_t bytes = 3;
    if (last && four[3] == '=')
        bytes = four[2] == '=' ? 1 : 2;
    *group = 0;
    for (size_t i = 0; i <= bytes; i++) {
        int value = base64_value(four[i]);
        if (value < 0)
            return 0;
        *group |= (uint32_t)value << (18 - 6 * i);
    }
    uint32_t unused = bytes == 1 ? 0xFFFF : bytes == 2 ? 0xFF : 0;
    return *group & unused ? 0 : bytes;
}

bool base64_decode(tfc_str text, uint8_t *out, size_t *out_len) {
    *out_len = 0;
    if (text.len % 4 != 0)
        return false;
    for (size_t i = 0; i < text.len; i += 4) {
        uint32_t group;
        size_t bytes = base64_group(text.ptr + i, i + 4 == text.len, &group);
        if (bytes == 0)
            return false;
        for (size_t k = 0; k < bytes; k++)
            out[(*out_len)++] = (uint8_t)(group >> (16 - 8 * k));
    }
    return true;
}

void bytes_free(struct bytes *bytes) {
    free(bytes->ptr);
    *bytes = (struct bytes){0};
}

tfc_str bytes_str(const struct bytes *bytes) {
    return (tfc_str){bytes->ptr, bytes->len};
}

tfc_str str(const char *text) {
    return (tfc_str){text, strlen(text)};
}

bool str_is(tfc_str a, const char *text) {
    return str_equal(a, str(text));
}

bool str_equal(tfc_str a, tfc_str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* ---- UTF-8, as the Unicode Standard's table 3-7 has it ---- */

static size_t ascii_prefix(const uint8_t *ptr, size_t len) {
    size_t i = 0;
    for (; i + 32 <= len; i += 32) {
        uint64_t words[4];
        memcpy(words, ptr + i, 32);
        if ((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080u)
            break;
    }
    while (i < len && ptr[i] < 0x80)
        i++;
    return i;
}

static bool continues(uint8_t byte) {
    return (byte & 0xC0) == 0x80;
}

/* The length of the well-formed sequence of more than one byte that begins here; 0: there is none. */
static size_t sequence_length(const uint8_t *at, size_t left) {
    uint8_t first = at[0];
    if (first < 0xC2 || first > 0xF4 || left < 2)
        return 0;
    uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (at[1] < low || at[1] > high)
        return 0;
    size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (left < length)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (!continues(at[i]))
            return 0;
    return length;
}

size_t utf8_valid_prefix(const void *ptr, size_t len) {
    const uint8_t *bytes = ptr;
    size_t i = 0;
    while (i < len) {
        i += ascii_prefix(bytes + i, len - i);
        if (i == len)
            break;
        size_t length = sequence_length(bytes + i, len - i);
        if (length == 0)
            return i;
        i += length;
    }
    return len;
}

bool utf8_valid(const void *ptr, size_t len) {
    return utf8_valid_prefix(ptr, len) == len;
}

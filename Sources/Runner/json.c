#include "json.h"

#include <string.h>

/* ---- Checking ---- */

struct reader {
    const char *begin;
    const char *at;
    const char *end;
};

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static int hex_value(char c) {
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void skip_space(struct reader *r) {
    while (r->at < r->end && is_space(*r->at))
        r->at++;
}

static bool take(struct reader *r, char c) {
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

static bool take_word(struct reader *r, const char *word) {
    size_t len = strlen(word);
    if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
        return false;
    r->at += len;
    return true;
}

static bool take_digits(struct reader *r) {
    const char *begin = r->at;
    while (r->at < r->end && is_digit(*r->at))
        r->at++;
    return r->at > begin;
}

static bool take_number(struct reader *r) {
    take(r, '-');
    if (!take(r, '0') && !take_digits(r))
        return false;
    if (take(r, '.') && !take_digits(r))
        return false;
    if (take(r, 'e') || take(r, 'E')) {
        if (!take(r, '+'))
            take(r, '-');
        return take_digits(r);
    }
    return true;
}

static bool take_escape(struct reader *r) {
    if (r->at == r->end)
        return false;
    char c = *r->at++;
    if (c != 'u')
        return c != '\0' && strchr("\"\\/bfnrt", c) != NULL;
    for (int i = 0; i < 4; i++, r->at++)
        if (r->at == r->end || hex_value(*r->at) < 0)
            return false;
    return true;
}

static bool take_string(struct reader *r) {
    if (!take(r, '"'))
        return false;
    while (r->at < r->end) {
        unsigned char c = (unsigned char)*r->at;
        if (c < 0x20)
            return false;
        r->at++;
        if (c == '"')
            return true;
        if (c == '\\' && !take_escape(r))
            return false;
    }
    return false;
}

static bool take_value(struct reader *r, int depth);

static bool take_list(struct reader *r, int depth, char close, bool keys) {
    r->at++;
    skip_space(r);
    if (take(r, close))
        return true;
    do {
        skip_space(r);
        if (keys) {
            if (!take_string(r))
                return false;
            skip_space(r);
            if (!take(r, ':'))
                return false;
        }
        if (!take_value(r, depth - 1))
            return false;
        skip_space(r);
    } while (take(r, ','));
    return take(r, close);
}

static bool take_value(struct reader *r, int depth) {
    skip_space(r);
    if (depth == 0 || r->at == r->end)
        return false;
    switch (*r->at) {
    case '{':
        return take_list(r, depth, '}', true);
    case '[':
        return take_list(r, depth, ']', false);
    case '"':
        return take_string(r);
    case 't':
        return take_word(r, "true");
    case 'f':
        return take_word(r, "false");
    case 'n':
        return take_word(r, "null");
    default:
        return take_number(r);
    }
}

bool json_valid(tfc_str text, size_t *where) {
    if (text.len == 0 || text.ptr == NULL) {
        *where = 0;
        return false;
    }
    size_t utf8 = utf8_valid_prefix(text.ptr, text.len);
    struct reader r = {text.ptr, text.ptr, text.ptr + utf8};
    bool valid = take_value(&r, JSON_DEPTH);
    if (valid)
        skip_space(&r);
    *where = (size_t)(r.at - text.ptr);
    return valid && *where == text.len;
}

bool json_valid_object(tfc_str text, size_t *where) {
    if (!json_valid(text, where))
        return false;
    *where = 0;
    return json_is_object(text);
}

/* ---- Walking ---- */

static tfc_str trimmed(tfc_str value) {
    while (value.len > 0 && is_space(value.ptr[0])) {
        value.ptr++;
        value.len--;
    }
    while (value.len > 0 && is_space(value.ptr[value.len - 1]))
        value.len--;
    return value;
}

static bool begins(tfc_str value, char c) {
    value = trimmed(value);
    return value.len > 0 && value.ptr[0] == c;
}

bool json_is_object(tfc_str value) {
    return begins(value, '{');
}

bool json_is_array(tfc_str value) {
    return begins(value, '[');
}

bool json_is_string(tfc_str value) {
    return begins(value, '"');
}

bool json_is_null(tfc_str value) {
    return str_is(trimmed(value), "null");
}

struct json_walk json_walk(tfc_str value) {
    value = trimmed(value);
    if (!json_is_object(value) && !json_is_array(value))
        return (struct json_walk){NULL, NULL};
    return (struct json_walk){value.ptr + 1, value.ptr + value.len - 1};
}

/* Past one value of a text that is known to be well formed: only strings and brackets matter. */
static const char *past_value(const char *at, const char *end) {
    int depth = 0;
    while (at < end) {
        char c = *at;
        if (c == '"') {
            for (at++; at < end && *at != '"'; at++)
                if (*at == '\\')
                    at++;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            depth--;
        } else if (depth == 0 && (c == ',' || c == ':')) {
            return at;
        }
        at++;
    }
    return end;
}

bool json_step(struct json_walk *walk, tfc_str *key, tfc_str *value) {
    *key = (tfc_str){NULL, 0};
    const char *begin = walk->at;
    if (begin == NULL || begin >= walk->end)
        return false;
    const char *stop = past_value(begin, walk->end);
    if (stop < walk->end && *stop == ':') {
        *key = trimmed((tfc_str){begin, (uint64_t)(stop - begin)});
        *key = (tfc_str){key->ptr + 1, key->len - 2};
        begin = stop + 1;
        stop = past_value(begin, walk->end);
    }
    *value = trimmed((tfc_str){begin, (uint64_t)(stop - begin)});
    walk->at = stop + 1;
    return value->len > 0;
}

bool json_member(tfc_str object, const char *name, tfc_str *value) {
    if (!json_is_object(object))
        return false;
    struct json_walk walk = json_walk(object);
    tfc_str key;
    while (json_step(&walk, &key, value))
        if (str_is(key, name))
            return true;
    return false;
}

bool json_integer(tfc_str value, int64_t *out) {
    value = trimmed(value);
    size_t i = value.len > 0 && value.ptr[0] == '-';
    if (i == value.len)
        return false;
    int64_t number = 0;
    for (; i < value.len; i++) {
        if (!is_digit(value.ptr[i]))
            return false;
        int digit = value.ptr[i] - '0';
        if (__builtin_mul_overflow(number, 10, &number) || __builtin_sub_overflow(number, digit, &number))
            return false;
    }
    if (value.ptr[0] != '-' && __builtin_sub_overflow((int64_t)0, number, &number))
        return false;
    *out = number;
    return true;
}

bool json_bool(tfc_str value, bool *out) {
    value = trimmed(value);
    *out = str_is(value, "true");
    return *out || str_is(value, "false");
}

static uint32_t four_hex(const char *at) {
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++)
        unit = unit << 4 | (uint32_t)hex_value(at[i]);
    return unit;
}

static size_t put_scalar(char *out, uint32_t scalar) {
    if (scalar < 0x80) {
        out[0] = (char)scalar;
        return 1;
    }
    if (scalar < 0x800) {
        out[0] = (char)(0xC0 | scalar >> 6);
        out[1] = (char)(0x80 | (scalar & 63));
        return 2;
    }
    if (scalar < 0x10000) {
        out[0] = (char)(0xE0 | scalar >> 12);
        out[1] = (char)(0x80 | (scalar >> 6 & 63));
        out[2] = (char)(0x80 | (scalar & 63));
        return 3;
    }
    out[0] = (char)(0xF0 | scalar >> 18);
    out[1] = (char)(0x80 | (scalar >> 12 & 63));
    out[2] = (char)(0x80 | (scalar >> 6 & 63));
    out[3] = (char)(0x80 | (scalar & 63));
    return 4;
}

/* *at stands behind "\u"; moves past the escape, both halves of a pair. False: a surrogate without its other half. */
static bool unescape_unicode(const char **at, const char *end, char *out, size_t *len) {
    uint32_t scalar = four_hex(*at);
    *at += 4;
    if (scalar >= 0xDC00 && scalar <= 0xDFFF)
        return false;
    if (scalar >= 0xD800 && scalar <= 0xDBFF) {
        if (end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
            return false;
        uint32_t low = four_hex(*at + 2);
        if (low < 0xDC00 || low > 0xDFFF)
            return false;
        *at += 6;
        scalar = 0x10000 + ((scalar - 0xD800) << 10) + (low - 0xDC00);
    }
    *len += put_scalar(out + *len, scalar);
    return true;
}

static char unescape_simple(char c) {
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c;
    }
}

bool json_string(tfc_str value, char *out, size_t *len) {
    *len = 0;
    value = trimmed(value);
    if (!json_is_string(value))
        return false;
    const char *at = value.ptr + 1, *end = value.ptr + value.len - 1;
    while (at < end) {
        if (*at != '\\') {
            out[(*len)++] = *at++;
        } else if (at[1] == 'u') {
            at += 2;
            if (!unescape_unicode(&at, end, out, len))
                return false;
        } else {
            out[(*len)++] = unescape_simple(at[1]);
            at += 2;
        }
    }
    return true;
}

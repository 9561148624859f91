#include "CRE2.h"

#include <algorithm>
#include <cstring>
#include <re2/re2.h>
#include <vector>

// RE2 throws nothing; without memory the process ends, as in the rest of the host.

struct cre2_pattern {
    re2::RE2 regex;
};

namespace {

// Of one pattern's program and its states. Where they need more, RE2 goes on more slowly.
constexpr int64_t most_memory = 1 << 20;

re2::StringPiece piece(const uint8_t *text, size_t length) {
    return re2::StringPiece(reinterpret_cast<const char *>(text), length);
}

} // namespace

extern "C" cre2_pattern *cre2_compile(const uint8_t *text, size_t length, char *message, size_t capacity) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(most_memory);
    auto *pattern = new cre2_pattern{re2::RE2(piece(text, length), options)};
    if (pattern->regex.ok())
        return pattern;
    const std::string &error = pattern->regex.error();
    size_t count = std::min(error.size(), capacity - 1);
    std::memcpy(message, error.data(), count);
    message[count] = 0;
    delete pattern;
    return nullptr;
}

extern "C" void cre2_free(cre2_pattern *pattern) {
    delete pattern;
}

extern "C" int cre2_groups(const cre2_pattern *pattern) {
    return pattern->regex.NumberOfCapturingGroups();
}

extern "C" int cre2_find(const cre2_pattern *pattern, const uint8_t *text, size_t length, size_t start,
                         ptrdiff_t *ranges, int groups) {
    re2::StringPiece whole = piece(text, length);
    std::vector<re2::StringPiece> found(static_cast<size_t>(groups) + 1);
    if (!pattern->regex.Match(whole, start, length, re2::RE2::UNANCHORED, found.data(), groups + 1))
        return 0;
    for (size_t index = 0; index < found.size(); index++) {
        bool took_part = found[index].data() != nullptr;
        ptrdiff_t begin = took_part ? found[index].data() - whole.data() : -1;
        ranges[2 * index] = begin;
        ranges[2 * index + 1] = took_part ? begin + static_cast<ptrdiff_t>(found[index].size()) : -1;
    }
    return 1;
}

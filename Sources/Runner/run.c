#include "run.h"

#include "json.h"
#include "stop.h"

tfc_error fresh_error(void) {
    return (tfc_error){.struct_size = sizeof(tfc_error)};
}

void enter(const char *slot) {
    current_slot = slot;
}

void leave_slot(void) {
    current_slot = NULL;
}

bool take_blob(struct run *run, const char *slot, tfc_blob *blob, size_t limit, struct bytes *out) {
    bool good = true;
    if (!blob->ptr && blob->len > 0)
        good = fail_breach(&run->failure, slot, "returned NULL with a length of %llu", (unsigned long long)blob->len);
    else if (blob->len > limit)
        good = fail_breach(&run->failure, slot, "returned %llu bytes; at most %zu are allowed",
                           (unsigned long long)blob->len, limit);
    else
        bytes_add(out, blob->ptr, blob->len);
    if (blob->release)
        blob->release(blob);
    return good;
}

void take_json(struct run *run, const char *slot, tfc_status status, tfc_blob *blob, tfc_error *error) {
    size_t where;
    if (status != TFC_OK) {
        fail_with_error(&run->failure, slot, status, error);
        return;
    }
    if (!take_blob(run, slot, blob, RESULT_LIMIT, &run->value))
        return;
    if (!json_valid_object(bytes_str(&run->value), &where))
        fail_breach(&run->failure, slot, "returned something that is not a JSON object (byte %zu)", where);
}

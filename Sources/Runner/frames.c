#include "frames.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "stop.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the wire is little-endian, and so are Arrow's buffers here");

static pthread_mutex_t control_write_lock = PTHREAD_MUTEX_INITIALIZER;

void frame_header_encode(uint8_t out[FRAME_HEADER_BYTES], struct frame_header header) {
    memset(out, 0, FRAME_HEADER_BYTES);
    memcpy(out, &header.length, 4);
    memcpy(out + 4, &header.type, 2);
    memcpy(out + 8, &header.call, 8);
}

bool frame_header_decode(const uint8_t in[FRAME_HEADER_BYTES], struct frame_header *header) {
    memcpy(&header->length, in, 4);
    memcpy(&header->type, in + 4, 2);
    memcpy(&header->call, in + 8, 8);
    return in[6] == 0 && in[7] == 0;
}

enum read_outcome read_exactly(int descriptor, void *out, size_t len) {
    size_t done = 0;
    while (done < len) {
        ssize_t got = read(descriptor, (char *)out + done, len - done);
        if (got > 0)
            done += (size_t)got;
        else if (got == 0 || errno != EINTR)
            return done == 0 ? READ_ENDED : READ_TORN;
    }
    return READ_WHOLE;
}

/* Takes n written bytes off the front; returns how many vectors are used up. */
static size_t advance(struct iovec *vectors, size_t count, size_t written) {
    size_t i = 0;
    while (i < count && written >= vectors[i].iov_len)
        written -= vectors[i++].iov_len;
    if (i < count) {
        vectors[i].iov_base = (char *)vectors[i].iov_base + written;
        vectors[i].iov_len -= written;
    }
    return i;
}

bool write_vectors(int descriptor, struct iovec *vectors, size_t count, bool (*make_room)(void)) {
    enum { AT_ONCE = 1024 }; /* IOV_MAX of Linux */
    while (count > 0) {
        ssize_t written = writev(descriptor, vectors, (int)(count < AT_ONCE ? count : AT_ONCE));
        if (written >= 0) {
            size_t used = advance(vectors, count, (size_t)written);
            vectors += used;
            count -= used;
        } else if (errno == EAGAIN && make_room) {
            if (!make_room())
                return false;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

static bool control_write(uint16_t type, uint64_t call, const char *body, size_t len) {
    uint8_t header[FRAME_HEADER_BYTES];
    frame_header_encode(header, (struct frame_header){.length = (uint32_t)len, .type = type, .call = call});
    struct iovec vectors[] = {{header, sizeof header}, {(void *)(uintptr_t)body, len}};
    return write_vectors(CONTROL_DESCRIPTOR, vectors, 2, NULL);
}

void control_send(uint16_t type, uint64_t call, tfc_str body) {
    pthread_mutex_lock(&control_write_lock);
    bool sent = control_write(type, call, body.ptr, body.len);
    pthread_mutex_unlock(&control_write_lock);
    if (!sent)
        leave(EXIT_PEER_GONE);
}

void control_send_last(uint16_t type, const char *body, size_t len) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 1;
    if (pthread_mutex_timedlock(&control_write_lock, &until) == 0)
        control_write(type, 0, body, len); /* The lock is kept: nothing may follow the last frame. */
}

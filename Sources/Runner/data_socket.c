#include "data_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes.h"
#include "stop.h"

/* Bytes that were taken in early; `at` of them are used up. */
static struct bytes inbox;
static size_t inbox_at;

enum { INBOX_LIMIT = 2 * DATA_BODY_LIMIT, READ_AT_ONCE = 256 << 10, SOCKET_BUFFER = 4 << 20 };

/* Room for two batches: the connector makes the next one while the host is at the one before. */
void data_socket_prepare(void) {
    int size = SOCKET_BUFFER;
    /* The first needs CAP_NET_ADMIN, the second stops at net.core.wmem_max: either is fine. */
    if (setsockopt(DATA_DESCRIPTOR, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0)
        setsockopt(DATA_DESCRIPTOR, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    int flags = fcntl(DATA_DESCRIPTOR, F_GETFL);
    if (flags < 0 || fcntl(DATA_DESCRIPTOR, F_SETFL, flags | O_NONBLOCK) != 0)
        stop("sandbox", "the data socket (descriptor 5): %s", strerror(errno));
}

/* ---- Reading ---- */

static size_t inbox_size(void) {
    return inbox.len - inbox_at;
}

static void drop_used(void) {
    if (inbox_at == 0)
        return;
    memmove(inbox.ptr, inbox.ptr + inbox_at, inbox_size());
    inbox.len -= inbox_at;
    inbox_at = 0;
}

/* Whatever waits, without waiting. False: the host closed its end. */
static bool take_in(void) {
    char part[READ_AT_ONCE];
    ssize_t got = read(DATA_DESCRIPTOR, part, sizeof part);
    if (got > 0) {
        if (inbox_at == inbox.len)
            inbox.len = inbox_at = 0;
        else if (inbox_at > INBOX_LIMIT / 2)
            drop_used();
        bytes_add(&inbox, part, (size_t)got);
        return true;
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR);
}

static bool wait_for(short events, short *happened) {
    struct pollfd poll_one = {.fd = DATA_DESCRIPTOR, .events = events};
    if (poll(&poll_one, 1, -1) < 0 && errno != EINTR)
        return false;
    *happened = poll_one.revents;
    return true;
}

static void receive_exactly(void *out, size_t len) {
    short happened;
    while (inbox_size() < len)
        if (!wait_for(POLLIN, &happened) || !take_in())
            leave(EXIT_PEER_GONE);
    memcpy(out, inbox.ptr + inbox_at, len);
    inbox_at += len;
}

static const char *check_header(const uint8_t raw[FRAME_HEADER_BYTES], struct frame_header *header) {
    if (!frame_header_decode(raw, header))
        return "bytes 6 and 7 of a frame are not 0";
    if (header->type != FRAME_SCHEMA && header->type != FRAME_BATCH && header->type != FRAME_END)
        return "a frame's type is not schema, batch or end";
    uint32_t limit = header->type == FRAME_BATCH    ? DATA_BODY_LIMIT
                     : header->type == FRAME_SCHEMA ? SCHEMA_BODY_LIMIT
                                                    : 0;
    return header->length > limit ? "a frame's body is too long" : NULL;
}

static uint8_t *need_aligned(size_t size) {
    size_t whole = (size + 63) / 64 * 64;
    uint8_t *ptr = aligned_alloc(64, whole ? whole : 64);
    if (!ptr)
        stop("memory", "no memory for %zu bytes: the connector's memory limit is used up", whole);
    return ptr;
}

enum data_outcome data_receive(uint64_t call, struct frame_header *header, uint8_t **body, const char **why) {
    for (;;) {
        uint8_t raw[FRAME_HEADER_BYTES];
        receive_exactly(raw, sizeof raw);
        *why = check_header(raw, header);
        if (!*why && header->call > call)
            *why = "a frame belongs to a call that has not begun";
        if (*why)
            return DATA_BROKEN;
        *body = need_aligned(header->length);
        receive_exactly(*body, header->length);
        if (header->call == call)
            return DATA_FRAME;
        free(*body);
    }
}

/* ---- Writing ---- */

/* Until there is room to write; takes in what comes meanwhile, as far as the inbox goes. */
static bool make_room(void) {
    short happened = 0;
    short events = inbox_size() < INBOX_LIMIT ? POLLIN | POLLOUT : POLLOUT;
    if (!wait_for(events, &happened))
        return false;
    if (happened & POLLIN)
        return take_in();
    return (happened & (POLLERR | POLLHUP)) == 0;
}

void data_send(uint16_t type, uint64_t call, struct iovec *body, size_t count) {
    uint8_t raw[FRAME_HEADER_BYTES];
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += body[i].iov_len;
    frame_header_encode(raw, (struct frame_header){.length = (uint32_t)length, .type = type, .call = call});
    struct iovec header = {raw, sizeof raw};
    if (!write_vectors(DATA_DESCRIPTOR, &header, 1, make_room) ||
        !write_vectors(DATA_DESCRIPTOR, body, count, make_room))
        leave(EXIT_PEER_GONE);
}

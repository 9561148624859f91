/*
 * The data socket, used by the main thread alone. While it writes it also takes in what waits to be read, since a push
 * sends both ways: two sides that only write would wait for each other for ever.
 */
#ifndef RUNNER_DATA_SOCKET_H
#define RUNNER_DATA_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "frames.h"

/* Once, before the sandbox: buffers as large as they may be, and no blocking. */
void data_socket_prepare(void);

/* One frame: its header, then the vectors, which are changed. Ends the process if the host is gone. */
void data_send(uint16_t type, uint64_t call, struct iovec *body, size_t count);

/* The next frame of this call; frames of earlier calls are passed over. *body is the caller's to free, aligned to 64
 * bytes. */
enum data_outcome { DATA_FRAME, DATA_BROKEN };
enum data_outcome data_receive(uint64_t call, struct frame_header *header, uint8_t **body, const char **why);

#endif

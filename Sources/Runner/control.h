/*
 * The watchdog thread: the only reader of the control socket. It hands calls to the main thread, raises the cancel
 * flag, wakes callers of host services, and ends the process the moment the host is gone. It never runs connector code.
 */
#ifndef RUNNER_CONTROL_H
#define RUNNER_CONTROL_H

#include <stdbool.h>

#include "call.h"

void control_start(size_t input_descriptors);

/* Waits for the next call. The host ending the socket ends the process instead. */
struct call *control_next_call(void);
/* The call is answered; a cancel that comes late means nothing any more. */
void control_call_done(void);

bool control_cancelled(void);
/* Readable once control_cancelled() is true. */
int control_cancel_descriptor(void);

/* The operation whose op_cancel a cancel calls, from a thread of its own. Cancelled already: calls it here and now. */
void control_operation_began(tfc_op *operation, void (*op_cancel)(tfc_op *));
/* Waits for a running op_cancel; afterwards none begins. */
void control_operation_ends(void);

/* Sends a service frame and waits for its answer. Any thread. body: the frame's members behind "id". */
struct answer control_ask(tfc_str members);
/* The number of the running call, for frames; 0 between calls. */
uint64_t control_call_number(void);

#endif

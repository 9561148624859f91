/* The end of the runner, with its reason. */
#ifndef RUNNER_STOP_H
#define RUNNER_STOP_H

/* Exit codes; docs/wire.md lists them. */
enum {
    EXIT_IDLE_END = 0,   /* the control socket ended between calls */
    EXIT_USAGE = 64,     /* wrong arguments or descriptors: a line on stderr */
    EXIT_STOPPED = 70,   /* a `stop` frame says why */
    EXIT_PEER_GONE = 71, /* the host closed a socket during a call: nobody is left to tell */
};

/* Sends a `stop` frame and ends the process at once; needs no memory and works from any thread. */
_Noreturn void stop(const char *stage, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* From here on, whoever calls exit is the connector: makes that a `stop` frame of stage "exit". */
void stop_watch_exit(void);
/* Ends the process without running anybody's exit handlers. */
_Noreturn void leave(int code);

/* The ABI slot that runs now, for messages; NULL between calls into the connector. */
extern const char *volatile current_slot;

#endif

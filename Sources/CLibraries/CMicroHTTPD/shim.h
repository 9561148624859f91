#include <microhttpd.h>

/* What libmicrohttpd offers through variable arguments and unions only. */

static inline struct MHD_Daemon *_Nullable cmhd_start(unsigned int flags, MHD_AccessHandlerCallback _Nonnull handler,
                                                      void *_Nonnull closure, struct MHD_OptionItem *_Nonnull options) {
    return MHD_start_daemon(flags, 0, NULL, NULL, handler, closure, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

/* The epoll descriptor to wait on, -1 if there is none. */
static inline int cmhd_poll_descriptor(struct MHD_Daemon *_Nonnull daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info != NULL ? info->epoll_fd : -1;
}

static inline unsigned int cmhd_connections(struct MHD_Daemon *_Nonnull daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info != NULL ? info->num_connections : 0;
}

static inline int cmhd_socket(struct MHD_Connection *_Nonnull connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info != NULL ? info->connect_fd : -1;
}

/* No chunks; the connection is closed after the answer. */
static inline void cmhd_forbid_chunks(struct MHD_Response *_Nonnull response) {
    MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
}

/* What the connection's "started" notification has stored in its socket context. */
static inline void *_Nullable cmhd_socket_context(struct MHD_Connection *_Nonnull connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

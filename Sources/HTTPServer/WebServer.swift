internal import CSystem
internal import Glibc
internal import Platform

/// An HTTP/1.1 server on a thread of its own: libmicrohttpd driven by the actor's event loop.
///
/// Handlers run on Swift's pool; the thread only moves bytes. TLS and HTTP/2 belong to a proxy in front, which also
/// refuses what libmicrohttpd reads too generously and doesn't show: folded headers, NUL, bare line feeds, and a header
/// line that begins with its colon, which ends the head. So the absence of a header must never grant anything.
package actor WebServer {
    nonisolated let loop: EventLoop
    nonisolated let settings: ServerSettings
    nonisolated let router: Router
    nonisolated let hooks: ServerHooks

    var daemon: Daemon?
    var address: BoundAddress?
    var connections: [UInt64: Connection] = [:]
    var conversations: [UInt64: Conversation] = [:]
    var lastID: UInt64 = 0
    let idPrefix: String
    var isDraining = false
    /// Handlers that have not returned. One whose client is gone is cancelled, and may still have to clean up.
    var handlers = 0
    /// Until when shutdown waits for exchanges and handlers, and who waits.
    var drain: (deadline: ContinuousClock.Instant, waiter: CheckedContinuation<Void, Never>)?
    var lastSweep: ContinuousClock.Instant
    var valve: LogValve

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    package init(
        router: Router,
        settings: ServerSettings = ServerSettings(),
        hooks: ServerHooks
    ) throws(ServerError) {
        do throws(SystemError) {
            loop = try EventLoop(name: "http")
        } catch {
            throw ServerError(.start, "the server's thread could not be started: \(error)")
        }
        self.settings = settings
        self.router = router
        self.hooks = hooks
        idPrefix = String(UInt64.random(in: .min ... .max), radix: 16)
        lastSweep = .now
        valve = LogValve(limit: 20, now: .now)
    }

    /// Starts to answer. Ignores SIGPIPE in the whole process and raises its limit of open files.
    package func listen(on address: ListenAddress) throws(ServerError) -> BoundAddress {
        guard daemon == nil, !isDraining else {
            throw ServerError(.alreadyListening, "a server listens once")
        }
        signal(SIGPIPE, SIG_IGN)
        raiseFileLimit()
        let listener = try Listener(address)
        let bound = listener.address
        let daemon = try Daemon(listening: listener.socket.rawValue, settings, for: self)
        listener.handOver()
        do throws(SystemError) {
            try loop.watch(daemon.pollDescriptor, for: UInt32(CSYSTEM_READABLE), tag: .max)
        } catch {
            daemon.stop()
            throw ServerError(.start, "the server could not be started: \(error)")
        }
        self.daemon = consume daemon
        self.address = bound
        loop.attach(self)
        return bound
    }

    /// Ends well: takes no more connections, lets the requests at hand be answered within the grace, then cuts. Handlers whose
    /// clients have gone clean up in the same time.
    /// Event streams end at once. A handler that ignores its cancellation may still be running when this returns.
    package func shutdown(within grace: Duration) async {
        guard daemon != nil, !isDraining else { return }
        isDraining = true
        closeListener()
        for conversation in Array(conversations.values) where conversation.sendsEvents { abandon(conversation) }
        if !isIdle {
            await withCheckedContinuation { drain = (.now + grace, $0) }
        }
        stop()
    }

    private func closeListener() {
        guard let socket = daemon?.quiesce(), socket >= 0 else { return }
        _ = close(socket)
        if case .unix(let path) = address { _ = unsafe unlink(path) }
    }

    /// All in one job: between the resumptions and the stop nothing may be suspended again.
    private func stop() {
        for conversation in Array(conversations.values) { abandon(conversation) }
        guard let daemon = daemon.take() else { return }
        loop.forget(daemon.pollDescriptor)
        daemon.stop()
        loop.detach()
    }

    /// Waiters of `shutdown` go on when nothing is left to wait for.
    func drainIfDue(_ now: ContinuousClock.Instant) {
        guard let drain, isIdle || now >= drain.deadline else { return }
        self.drain = nil
        drain.waiter.resume()
    }

    private var isIdle: Bool { conversations.isEmpty && handlers == 0 }

    private func raiseFileLimit() {
        var limit = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        // Each connection is one descriptor; files that are being sent and the rest of the process need theirs.
        let wanted = rlim_t(settings.connections * 2 + 512)
        guard unsafe getrlimit(kind, &limit) == 0, limit.rlim_cur < wanted else { return }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        _ = unsafe setrlimit(kind, &limit)
    }

    /// Connections that are open now.
    package var connectionCount: Int { connections.count }

    func newID() -> UInt64 {
        lastID += 1
        return lastID
    }
}

// MARK: - The loop's turns

extension WebServer: EventLoopClient {
    nonisolated func turn() -> Int32 {
        assumeIsolated { $0.runDaemon() }
    }

    nonisolated func ready(_ tag: UInt64, _ events: UInt32) {
        // The daemon's own descriptor: the next turn runs it.
        guard tag != .max else { return }
        assumeIsolated { $0.socketReady(tag) }
    }

    private func runDaemon() -> Int32 {
        let now = ContinuousClock.now
        if now - lastSweep >= settings.sweepInterval { sweep(now) }
        let before = daemon?.connections ?? 0
        daemon?.run()
        // At its limit libmicrohttpd stops listening, and takes it up again at the start of a later run only.
        if before >= settings.connections { daemon?.run() }
        let untilSweep = connections.isEmpty && drain == nil ? nil : milliseconds(settings.sweepInterval)
        return [daemon?.timeout, untilSweep].compactMap(\.self).min() ?? -1
    }

    private func milliseconds(_ duration: Duration) -> Int32 {
        Int32(clamping: max(1, Int64(duration / .milliseconds(1))))
    }
}

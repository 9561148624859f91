internal import CSystem
internal import Glibc
internal import Platform

// MARK: - Connections: opened, watched, closed

extension WebServer {
    func connectionOpened(_ handle: ConnectionHandle) -> UInt64 {
        let id = newID()
        let socket = handle.socket
        connections[id] = Connection(
            handle: handle,
            socket: socket,
            remoteAddress: Listener.remoteAddress(of: socket),
            quiet: Quiet(now: .now)
        )
        return id
    }

    /// The socket is still open, and will be closed by libmicrohttpd at once.
    func connectionClosed(_ link: UInt64) {
        guard let connection = connections.removeValue(forKey: link), connection.isWatched else { return }
        loop.forget(connection.socket)
    }

    func lineRead(on link: UInt64, _ target: String?) {
        connections[link]?.target = target
        connections[link]?.quiet.lineRead(now: .now)
    }

    func libraryLogged(_ line: String) {
        for line in valve.lines(for: line, now: .now) {
            hooks.noticed("libmicrohttpd: \(String(line[...].trimmingBlanks().prefix { $0 != "\n" }))")
        }
    }

    /// A suspended connection is out of libmicrohttpd's sight: without this nobody notices that its client leaves.
    func watch(_ conversation: Conversation, for events: UInt32) {
        do throws(SystemError) {
            // A connection that was watched before may have fired: it is armed anew.
            try loop.watch(
                conversation.socket,
                for: events | UInt32(CSYSTEM_ONCE),
                tag: conversation.link
            )
            connections[conversation.link]?.isWatched = true
            connections[conversation.link]?.isArmed = true
        } catch {
            hooks.noticed("a client can't be watched, so it is cut: \(error)")
            abandon(conversation)
        }
    }

    func watchForLeaving(_ conversation: Conversation) {
        guard connections[conversation.link]?.isArmed == false else { return }
        watch(conversation, for: UInt32(CSYSTEM_PEER_CLOSED))
    }

    func socketReady(_ link: UInt64) {
        connections[link]?.isArmed = false
        guard let exchange = connections[link]?.exchange, let conversation = conversations[exchange] else { return }
        if conversation.farewell != nil {
            advanceFarewell(conversation)
        } else {
            abandon(conversation)
        }
    }
}

// MARK: - Deadlines

extension WebServer {
    func sweep(_ now: ContinuousClock.Instant) {
        let elapsed = now - lastSweep
        lastSweep = now
        for connection in connections.values where connection.exchange == nil {
            if connection.quiet.isTooLong(now: now, settings) {
                _ = Glibc.shutdown(connection.socket, Int32(SHUT_RDWR))
            }
        }
        for conversation in Array(conversations.values) { check(conversation, now, elapsed) }
        drainIfDue(now)
    }

    private func check(_ conversation: Conversation, _ now: ContinuousClock.Instant, _ elapsed: Duration) {
        if let farewell = conversation.farewell {
            if now >= farewell.deadline { endFarewell(conversation) }
            return
        }
        if conversation.exchange.isUnwatched { watchIfPatient(conversation, now) }
        if conversation.sendsEvents {
            if now - conversation.lastWrite >= settings.heartbeat { beat(conversation, now) }
            return
        }
        if let deadline = conversation.deadline(settings), now >= deadline {
            return deadlinePassed(conversation)
        }
        if conversation.exchange.awaitsContent,
            conversation.pace.isTooSlow(after: elapsed, received: conversation.exchange.received, settings)
        {
            refuse(conversation, .contentTooSlow)
        }
    }

    /// One system call for each request would be wasted on the many that are answered at once.
    private func watchIfPatient(_ conversation: Conversation, _ now: ContinuousClock.Instant) {
        guard let since = conversation.suspendedSince else {
            conversation.suspendedSince = now
            return
        }
        if now > since { watchForLeaving(conversation) }
    }

    private func deadlinePassed(_ conversation: Conversation) {
        if conversation.exchange.isUndecided {
            refuse(conversation, conversation.exchange.isComplete ? .handlerTooSlow : .requestTooSlow)
        } else if conversation.exchange.isStreaming {
            abandon(conversation)
        }
    }

    private func beat(_ conversation: Conversation, _ now: ContinuousClock.Instant) {
        conversation.lastWrite = now
        if conversation.exchange.written(Array(":\n\n".utf8)) != .gone { resumeIfDue(conversation) }
    }
}

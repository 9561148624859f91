internal import CSystem
internal import Glibc

extension WebServer {
    /// The exchange ends now: its handler is cancelled, its connection closed.
    func abandon(_ conversation: Conversation) {
        guard !conversation.exchange.isAbandoned else { return }
        conversation.task?.cancel()
        conversation.exchange.abandon()
        wakeReader(conversation)
        wakeWriters(conversation)
        _ = Glibc.shutdown(conversation.socket, Int32(SHUT_RDWR))
        resumeIfDue(conversation)
    }

    /// Answers past libmicrohttpd, which takes no answer while content comes in.
    func cut(_ conversation: Conversation) {
        guard let response = conversation.response, case .bytes(let bytes) = response.body else {
            return abandon(conversation)
        }
        if !conversation.exchange.isSuspended {
            conversation.handle.suspend()
            conversation.exchange.suspendedForCut()
        }
        let wire = Farewell.wire(
            response.status,
            response.headers,
            bytes,
            isHead: conversation.method == .head,
            date: httpDate()
        )
        conversation.farewell = Farewell(wire, now: .now)
        advanceFarewell(conversation)
    }

    func advanceFarewell(_ conversation: Conversation) {
        guard let step = conversation.farewell?.advance(conversation.socket, now: .now) else { return }
        switch step {
        case .done: endFarewell(conversation)
        case .wait(let events): watch(conversation, for: events)
        }
    }

    func endFarewell(_ conversation: Conversation) {
        abandon(conversation)
    }
}

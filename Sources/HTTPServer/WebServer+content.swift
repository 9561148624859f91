extension WebServer {
    /// The next piece of a streamed request's content; nil at its end.
    func content(_ id: UInt64) async throws -> [UInt8]? {
        try Task.checkCancellation()
        guard let conversation = conversations[id] else { throw ClientGone() }
        var content = conversation.exchange.contentWanted()
        if content == .wait {
            // One task reads: a later one takes over from one that was given up.
            conversation.reader.take()?.continuation.resume(returning: .gone)
            let ticket = newID()
            content = await withTaskCancellationHandler {
                await withCheckedContinuation {
                    conversation.reader = Conversation.Waiter(ticket: ticket, continuation: $0)
                    resumeIfDue(conversation)
                    // The thread may have been at other work since the decision to wait.
                    wakeReader(conversation)
                }
            } onCancel: {
                Task { await self.stopReading(id, ticket) }
            }
        }
        switch content {
        case .bytes(let bytes):
            resumeIfDue(conversation)
            return bytes
        case .end: return nil
        case .gone, .wait:
            try Task.checkCancellation()
            throw ClientGone()
        }
    }

    private func stopReading(_ id: UInt64, _ ticket: UInt64) {
        guard let conversation = conversations[id], conversation.reader?.ticket == ticket else { return }
        conversation.reader.take()?.continuation.resume(returning: .gone)
    }

    func wakeReader(_ conversation: Conversation) {
        guard conversation.reader != nil else { return }
        let content = conversation.exchange.contentWanted()
        if content != .wait { conversation.reader.take()?.continuation.resume(returning: content) }
    }

    /// Appends to a streamed answer, and waits while too much is on its way.
    func write(_ id: UInt64, _ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        guard !bytes.isEmpty else { return }
        guard let conversation = conversations[id] else { throw ClientGone() }
        conversation.lastWrite = .now
        var room = conversation.exchange.written(bytes)
        resumeIfDue(conversation)
        if room == .wait {
            let ticket = newID()
            room = await withTaskCancellationHandler {
                await withCheckedContinuation {
                    conversation.writers.append(Conversation.Waiter(ticket: ticket, continuation: $0))
                    // The thread may have been at other work since the decision to wait.
                    wakeWriters(conversation)
                }
            } onCancel: {
                Task { await self.stopWriting(id, ticket) }
            }
        }
        guard room != .more else { return }
        try Task.checkCancellation()
        throw ClientGone()
    }

    private func stopWriting(_ id: UInt64, _ ticket: UInt64) {
        guard let conversation = conversations[id],
            let index = conversation.writers.firstIndex(where: { $0.ticket == ticket })
        else { return }
        conversation.writers.remove(at: index).continuation.resume(returning: .gone)
    }

    func wakeWriters(_ conversation: Conversation) {
        guard !conversation.writers.isEmpty, conversation.exchange.writerMayGo else { return }
        let writers = conversation.writers
        conversation.writers = []
        for writer in writers {
            writer.continuation.resume(returning: conversation.exchange.isStreaming ? .more : .gone)
        }
    }

    func outputEnded(_ id: UInt64) {
        guard let conversation = conversations[id] else { return }
        conversation.exchange.outputEnded()
        resumeIfDue(conversation)
    }

    func outputFailed(_ id: UInt64) {
        guard let conversation = conversations[id] else { return }
        conversation.exchange.outputFailed()
        resumeIfDue(conversation)
    }

    func resumeIfDue(_ conversation: Conversation) {
        guard conversation.exchange.takeResumption() else { return }
        conversation.suspendedSince = nil
        conversation.handle.resume()
    }
}

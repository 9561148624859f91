extension WebServer {
    /// A head is there. Returns the id by which the exchange is known from now on.
    func began(on link: UInt64, _ raw: RawHead) -> (UInt64, AccessAction) {
        guard let connection = connections[link] else { return (0, .close) }
        var raw = raw
        raw.hasForeignBytes = raw.hasForeignBytes || connection.target == nil
        raw.target = connection.target ?? ""
        let conversation = opened(raw, link, connection)
        conversations[conversation.id] = conversation
        connections[link]?.exchange = conversation.id
        if conversation.exchange.isCutting { cut(conversation) }
        return (conversation.id, called(conversation.id))
    }

    private func opened(_ raw: RawHead, _ link: UInt64, _ connection: Connection) -> Conversation {
        let id = newID()
        var head: RequestHead?
        var requestID = "\(idPrefix)-\(String(id, radix: 16))"
        do throws(Refusal) {
            let checked = try RequestHead(checking: raw, limits: settings)
            head = checked
            if let own = checked.headers["X-Request-Id"], Self.isPlain(own) { requestID = own }
            guard !isDraining else { throw .shuttingDown }
            let match = try router.match(checked.method, checked.target)
            let limit = match.route.options.contentLimit
            if case .known(let length) = checked.content, limit >= 0, length > limit {
                throw .contentTooLarge(limit)
            }
            let intake: Exchange.Intake =
                checked.content == .none ? .bodyless : match.route.options.streamsContent ? .streamed : .collected
            return Conversation(
                id: id,
                link: link,
                on: connection,
                checked.method,
                Conversation.Inquiry(head: checked, match: match),
                Exchange(intake: intake, limit: limit),
                requestID: requestID,
                now: .now
            )
        } catch {
            return refused(error, raw, head, id: id, link: link, connection, requestID: requestID)
        }
    }

    /// A request whose end is certain, and near, keeps its connection; after any other the connection is closed.
    private func refused(
        _ refusal: Refusal,
        _ raw: RawHead,
        _ head: RequestHead?,
        id: UInt64,
        link: UInt64,
        _ connection: Connection,
        requestID: String
    ) -> Conversation {
        let isCertain = !isDraining && refusal.status != .badRequest
        let intake: Exchange.Intake? =
            switch head?.content {
            case .none? where isCertain: .bodyless
            case .known(..<(64 << 10)) where isCertain && head?.expectsContinue == false: .discarded
            default: nil
            }
        var exchange = Exchange(intake: intake ?? .bodyless, limit: -1)
        if intake == nil { exchange.cut() } else { _ = exchange.answered(.whole) }
        let conversation = Conversation(
            id: id,
            link: link,
            on: connection,
            Method(raw.method),
            nil,
            exchange,
            requestID: requestID,
            now: .now
        )
        conversation.response = finished(answer(to: refusal, requestID), conversation)
        return conversation
    }

    /// An id that may stand in logs and headers as it is.
    private static func isPlain(_ id: String) -> Bool {
        (1...64).contains(id.utf8.count)
            && id.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || [0x2D, 0x2E, 0x5F].contains($0)
            }
    }

    /// The access handler was called without content.
    func called(_ id: UInt64) -> AccessAction {
        guard let conversation = conversations[id] else { return .close }
        let call = conversation.exchange.called()
        // The handler may wait for the end of the content.
        wakeReader(conversation)
        switch call {
        case .proceed: return .proceed
        case .suspend: return .suspend
        case .close: return .close
        case .reply: return reply(conversation)
        case .start: return start(conversation)
        }
    }

    func received(_ id: UInt64, _ bytes: [UInt8]) -> AccessAction {
        guard let conversation = conversations[id] else { return .close }
        let piece = conversation.exchange.received(bytes)
        wakeReader(conversation)
        switch piece {
        case .proceed: return .proceed
        case .suspend: return .suspend
        case .close: return .close
        case .tooLarge:
            refuse(conversation, .contentTooLarge(conversation.inquiry?.route.options.contentLimit ?? 0))
            return .proceed
        }
    }

    func chunkWanted(_ id: UInt64, upTo limit: Int) -> Exchange.Chunk {
        guard let conversation = conversations[id] else { return .fail }
        let chunk = conversation.exchange.chunkWanted(upTo: limit)
        switch chunk {
        case .bytes: wakeWriters(conversation)
        case .suspend where conversation.sendsEvents: watchForLeaving(conversation)
        default: break
        }
        return chunk
    }

    func suspendConnection(_ id: UInt64) {
        conversations[id]?.handle.suspend()
    }

    /// The exchange is over, well or not.
    func completed(_ id: UInt64, isWhole: Bool) {
        guard let conversation = conversations.removeValue(forKey: id) else { return }
        let now = ContinuousClock.now
        if connections[conversation.link]?.exchange == id { connections[conversation.link]?.exchange = nil }
        connections[conversation.link]?.quiet.answered(now: now)
        record(conversation, isWhole: isWhole, now)
        conversation.task?.cancel()
        conversation.exchange.abandon()
        wakeReader(conversation)
        wakeWriters(conversation)
        drainIfDue(now)
    }

    private func record(_ conversation: Conversation, isWhole: Bool, _ now: ContinuousClock.Instant) {
        let isHead = conversation.method == .head
        let bytes: Int64 =
            switch conversation.response?.body {
            case .bytes(let bytes): isHead ? 0 : Int64(bytes.count)
            case .file(let file): isHead || conversation.response?.status == .notModified ? 0 : file.size
            case .stream, .events: conversation.exchange.sent
            case nil: 0
            }
        var record = AccessRecord(
            method: conversation.method,
            route: conversation.inquiry?.route.pattern ?? "",
            status: conversation.response?.status.code ?? 0,
            bytes: bytes,
            duration: now - conversation.began,
            requestID: conversation.requestID,
            remoteAddress: conversation.remoteAddress,
            isComplete: conversation.farewell?.isComplete ?? isWhole
        )
        record.notes = conversation.response?.notes ?? [:]
        hooks.accessed(record)
    }
}

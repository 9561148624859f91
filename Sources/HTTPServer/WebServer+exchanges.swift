internal import CSystem
internal import Glibc

// MARK: - What libmicrohttpd reports of a request

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
        hooks.accessed(
            AccessRecord(
                method: conversation.method,
                route: conversation.inquiry?.route.pattern ?? "",
                status: conversation.response?.status.code ?? 0,
                bytes: bytes,
                duration: now - conversation.began,
                requestID: conversation.requestID,
                remoteAddress: conversation.remoteAddress,
                isComplete: conversation.farewell?.isComplete ?? isWhole
            )
        )
    }
}

// MARK: - Handlers and answers

extension WebServer {
    private func start(_ conversation: Conversation) -> AccessAction {
        guard let inquiry = conversation.inquiry else { return .close }
        let id = conversation.id
        switch inquiry.route.work {
        case .immediate(let respond):
            _ = decide(conversation, immediateAnswer(conversation, inquiry, respond))
            return called(id)
        case .handler(let handler):
            let request = conversation.request(body(of: conversation, inquiry), inquiry)
            conversation.task = Task { @concurrent in await self.serve(request, handler, id) }
            guard conversation.exchange.takeSuspension() else { return .proceed }
            return .suspend
        }
    }

    private func immediateAnswer(
        _ conversation: Conversation,
        _ inquiry: Conversation.Inquiry,
        _ respond: @Sendable (Request) throws(Refusal) -> Response
    ) -> Response {
        do throws(Refusal) {
            return try respond(conversation.request(.empty, inquiry))
        } catch {
            return answer(to: error, conversation.requestID)
        }
    }

    private func body(of conversation: Conversation, _ inquiry: Conversation.Inquiry) -> RequestBody {
        let announced: Int64? =
            switch inquiry.head.content {
            case .none: 0
            case .known(let length): length
            case .chunked: nil
            }
        guard inquiry.head.content != .none else { return .empty }
        guard !inquiry.route.options.streamsContent else {
            return RequestBody(source: .stream(self, conversation.id), announced: announced)
        }
        return RequestBody(source: .bytes(conversation.exchange.takeCollected()), announced: announced)
    }

    /// The handler's whole way, on the pool.
    @concurrent private nonisolated func serve(_ request: Request, _ handler: Handler, _ id: UInt64) async {
        let response: Response
        do {
            response = try await handler(request)
        } catch let error as any RefusalConvertible {
            response = answer(to: error.refusal, request.id)
        } catch {
            // After a cancellation the exchange is decided, and whatever was thrown is its echo.
            if Task.isCancelled { return }
            response = hooks.failure(error, request)
        }
        guard await answer(id, response) else { return }
        do {
            let writer = BodyWriter(server: self, id: id)
            switch response.body {
            case .stream(let produce): try await produce(writer)
            case .events(let send): try await send(EventStream(writer))
            case .bytes, .file: return
            }
            await outputEnded(id)
        } catch {
            if !Task.isCancelled, !(error is ClientGone) {
                hooks.noticed("request \(request.id): the answer broke off: \(error)")
            }
            await outputFailed(id)
        }
    }

    /// True if what produces the content must run.
    private func answer(_ id: UInt64, _ response: Response) -> Bool {
        guard let conversation = conversations[id], decide(conversation, response) else { return false }
        return conversation.method != .head
    }

    nonisolated func answer(to refusal: Refusal, _ requestID: String) -> Response {
        var refusal = refusal
        refusal.requestID = requestID
        var response = hooks.refusal(refusal)
        if !refusal.allowed.isEmpty {
            response.headers["Allow"] = refusal.allowed.map(\.name).joined(separator: ", ")
        }
        return response
    }

    /// Answers in the handler's place, which is cancelled.
    func refuse(_ conversation: Conversation, _ refusal: Refusal) {
        guard decide(conversation, answer(to: refusal, conversation.requestID)) else { return }
        conversation.task?.cancel()
    }

    /// False if it comes too late.
    private func decide(_ conversation: Conversation, _ response: Response) -> Bool {
        let response = finished(response, conversation)
        let kind: Exchange.Answer =
            switch response.body {
            case .bytes: .whole
            case .file: .file
            // Nobody will ask for the content: it is never produced.
            case .stream, .events: conversation.method == .head ? .file : .streamed
            }
        let decision = conversation.exchange.answered(kind)
        guard decision != .ignored else { return false }
        conversation.response = response
        wakeReader(conversation)
        if decision == .cut { cut(conversation) } else { resumeIfDue(conversation) }
        return true
    }

    /// The response with the server's own headers, without what the server decides itself.
    private func finished(_ response: Response, _ conversation: Conversation) -> Response {
        var response = response
        let good = response.headers.fields.allSatisfy { Headers.isName($0.name) && Headers.isValue($0.value) }
        if !good {
            hooks.noticed("request \(conversation.requestID): the answer has a header that can't be sent")
            response = answer(
                to: Refusal(.internalError, "internal_error", "The answer could not be sent."),
                conversation.requestID
            )
        }
        let ownNames: Set = ["connection", "content-length", "date", "keep-alive", "transfer-encoding", "x-request-id"]
        response.headers = Headers(
            response.headers.fields.filter { !$0.value.isEmpty && !ownNames.contains($0.name.lowercased()) }
        )
        response.headers.add("X-Request-Id", conversation.requestID)
        if isDraining { response.headers.add("Connection", "close") }
        return response
    }

    private func reply(_ conversation: Conversation) -> AccessAction {
        guard let response = conversation.response else { return .close }
        let reply =
            switch response.body {
            case .bytes(let bytes): Reply.whole(bytes, response.status, response.headers)
            case .file(let file): Reply.file(file, response.status, response.headers)
            case .stream where conversation.method == .head, .events where conversation.method == .head:
                Reply.streamedHead(response.status, response.headers)
            case .stream, .events: Reply.streamed(by: self, conversation.id, response.status, response.headers)
            }
        guard let reply else {
            hooks.noticed("request \(conversation.requestID): there is no memory or descriptor to answer it")
            return .close
        }
        return .reply(reply)
    }
}

// MARK: - Content in and out

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

    private func wakeReader(_ conversation: Conversation) {
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

    private func wakeWriters(_ conversation: Conversation) {
        guard !conversation.writers.isEmpty, conversation.exchange.writerMayGo else { return }
        let writers = conversation.writers
        conversation.writers = []
        for writer in writers {
            writer.continuation.resume(returning: conversation.exchange.isStreaming ? .more : .gone)
        }
    }

    private func outputEnded(_ id: UInt64) {
        guard let conversation = conversations[id] else { return }
        conversation.exchange.outputEnded()
        resumeIfDue(conversation)
    }

    private func outputFailed(_ id: UInt64) {
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

// MARK: - Ends before the end

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
    private func cut(_ conversation: Conversation) {
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

extension WebServer {
    func start(_ conversation: Conversation) -> AccessAction {
        guard let inquiry = conversation.inquiry else { return .close }
        let id = conversation.id
        switch inquiry.route.work {
        case .immediate(let respond):
            _ = decide(conversation, immediateAnswer(conversation, inquiry, respond))
            return called(id)
        case .handler(let handler):
            let request = conversation.request(body(of: conversation, inquiry), inquiry)
            handlers += 1
            conversation.task = Task { @concurrent in
                await self.serve(request, handler, id)
                await self.handlerEnded()
            }
            guard conversation.exchange.takeSuspension() else { return .proceed }
            return .suspend
        }
    }

    private func handlerEnded() {
        handlers -= 1
        drainIfDue(.now)
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

    func body(of conversation: Conversation, _ inquiry: Conversation.Inquiry) -> RequestBody {
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
    func answer(_ id: UInt64, _ response: Response) -> Bool {
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
    func finished(_ response: Response, _ conversation: Conversation) -> Response {
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
        for field in settings.commonHeaders.fields where !response.headers.contains(field.name) {
            response.headers.add(field.name, field.value)
        }
        if isDraining { response.headers.add("Connection", "close") }
        return response
    }

    func reply(_ conversation: Conversation) -> AccessAction {
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

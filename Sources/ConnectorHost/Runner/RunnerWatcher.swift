internal import CSystem
internal import Glibc
internal import JSON
internal import Log
internal import Platform

/// Does what `Conversation` decides: reads and writes the control socket, drains what is printed, keeps the time, and sees
/// the process end. Never blocks but in poll(2).
struct RunnerWatcher: ~Copyable {
    private let process: RunnerProcess
    private let plan: RunnerSession.Plan
    private let mailbox: Mailbox
    private let started: Promise<Result<SharedDescriptor, ConnectorError>>
    private var conversation: Conversation
    private var log: Logger
    private var incoming: ControlInput
    private var outgoing: [UInt8] = []
    private var output: OutputLines
    private var errors: OutputLines
    private var logBudget: OutputBudget
    private var isControlOpen = true
    private var endsControlWhenSent = false
    private var isOutputOpen = true
    private var areErrorsOpen = true
    private var servicesWaiting = 0
    private var secretUpdates = 0
    private var secretUpdateBytes = 0
    private var room = [UInt8](repeating: 0, count: 64 << 10)

    /// Bytes for a runner that does not read its answers.
    private static let mostOutgoing = 4 << 20
    /// Threads of a connector that wait for the host at once.
    private static let mostServicesWaiting = 64
    /// Credentials that a call may replace, and their bytes: each is masked in all that is printed from then on.
    private static let mostSecretUpdates = 32
    private static let mostSecretUpdateBytes = 256 << 10
    /// Bytes still read from a dead runner's sockets and pipes; a stranger who holds the other end can't send for ever.
    private static let mostAfterEnd = 4 << 20

    init(
        _ process: consuming RunnerProcess,
        plan: RunnerSession.Plan,
        mailbox: Mailbox,
        started: Promise<Result<SharedDescriptor, ConnectorError>>
    ) {
        let now = ContinuousClock.now
        self.process = process
        self.plan = plan
        self.mailbox = mailbox
        self.started = started
        conversation = Conversation(plan.terms, now: now)
        log = plan.log.masking(plan.secrets)
        incoming = ControlInput(call: plan.terms.number)
        output = OutputLines(masking: plan.secrets, budget: OutputBudget(now: now))
        errors = OutputLines(masking: plan.secrets, budget: OutputBudget(now: now))
        logBudget = OutputBudget(now: now)
    }

    /// Returns when the process has ended; it is still to be reaped.
    mutating func watch() {
        while true {
            let happened = waitForSomething()
            if happened.mail { takeMail() }
            if happened.control { readControl() }
            if happened.room { flush() }
            if happened.output { readOutput() }
            if happened.errors { readErrors() }
            if happened.end { return }
            let now = ContinuousClock.now
            conversation.hostIs(servicesWaiting > 0 ? .resting : plan.reader.now, now: now)
            perform(conversation.timePassed(now: now))
        }
    }

    /// Reads what the process left behind, reaps it, and says how the call ended.
    consuming func finish() throws(SystemError) -> Result<JSONValue, ConnectorError> {
        var budget = Self.mostAfterEnd
        while isControlOpen, budget > 0 {
            let count = readControl()
            if count == 0 { break }
            budget -= count
        }
        while isOutputOpen, budget > 0 {
            let count = readOutput()
            if count == 0 { break }
            budget -= count
        }
        while areErrorsOpen, budget > 0 {
            let count = readErrors()
            if count == 0 { break }
            budget -= count
        }
        logLines(output.finish(), from: "stdout")
        logLines(errors.finish(), from: "stderr")
        logOmitted(logBudget.takeOmitted(), from: "log")
        // Were the other end held by a process that outlived the runner, the reader of the batches would wait for ever.
        process.data.shutDown()
        let exit = try process.reap()
        log.debug("runner ended", [("how", .string(exit.description))])
        return conversation.exited(exit).masked(by: Masker(plan.secrets))
    }

    // MARK: - Waiting

    private struct Happened {
        var mail = false
        var end = false
        var control = false
        var room = false
        var output = false
        var errors = false
    }

    private func waitForSomething() -> Happened {
        let wantsRoom = !outgoing.isEmpty && isControlOpen
        // poll(2) passes over negative descriptors.
        var watched = [
            pollfd(fd: mailbox.descriptor.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: process.handle.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: isControlOpen ? process.control.rawValue : -1,
                events: Int16(POLLIN | (wantsRoom ? POLLOUT : 0)),
                revents: 0
            ),
            pollfd(fd: isOutputOpen ? process.output.rawValue : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: areErrorsOpen ? process.errors.rawValue : -1, events: Int16(POLLIN), revents: 0),
        ]
        let count = unsafe poll(&watched, nfds_t(watched.count), conversation.pollTimeout(now: .now))
        guard count > 0 else { return Happened() }
        let ends = Int16(POLLIN | POLLHUP | POLLERR)
        return Happened(
            mail: watched[0].revents & ends != 0,
            end: watched[1].revents & ends != 0,
            control: watched[2].revents & ends != 0,
            room: watched[2].revents & Int16(POLLOUT) != 0,
            output: watched[3].revents & ends != 0,
            errors: watched[4].revents & ends != 0
        )
    }

    // MARK: - Reading

    private mutating func takeMail() {
        for message in mailbox.takeAll() {
            switch message {
            case .cancel: perform(conversation.cancelled(now: .now))
            case .abandon: perform(conversation.abandoned())
            case .broke(let error): perform(conversation.broke(error))
            case .dataEnded: perform(conversation.dataEnded(now: .now))
            case .answer(let id, let result):
                conversation.hostIs(.resting, now: .now)
                servicesWaiting -= 1
                perform([.send(HostFrame.answer(id, result, call: plan.terms.number))])
            }
        }
    }

    @discardableResult
    private mutating func readControl() -> Int {
        let count = unsafe recv(process.control.rawValue, &room, room.count, CInt(MSG_DONTWAIT))
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EINTR { return 0 }
            isControlOpen = false
            perform(conversation.controlEnded(now: .now))
            return 0
        }
        incoming.append(room[..<count])
        do throws(ConnectorError) {
            while let frame = try incoming.next() { perform(conversation.received(frame, now: .now)) }
        } catch {
            // Nothing behind it can be found again.
            isControlOpen = false
            perform(conversation.broke(error))
        }
        return count
    }

    @discardableResult
    private mutating func readOutput() -> Int {
        guard let chunk = readPipe(process.output.rawValue) else { return 0 }
        if chunk.isEmpty { isOutputOpen = false }
        logLines(output.take(chunk, now: .now), from: "stdout")
        return chunk.count
    }

    @discardableResult
    private mutating func readErrors() -> Int {
        guard let chunk = readPipe(process.errors.rawValue) else { return 0 }
        if chunk.isEmpty { areErrorsOpen = false }
        logLines(errors.take(chunk, now: .now), from: "stderr")
        return chunk.count
    }

    /// What is there; empty at the end; nil where there is nothing now.
    private mutating func readPipe(_ descriptor: CInt) -> [UInt8]? {
        let count = unsafe read(descriptor, &room, room.count)
        if count < 0 { return errno == EAGAIN || errno == EINTR ? nil : [] }
        return Array(room[..<count])
    }

    // MARK: - Doing

    private mutating func perform(_ actions: [Conversation.Action]) {
        for action in actions {
            switch action {
            case .send(let bytes):
                outgoing += bytes
                flush()
            case .started: started.keep(.success(process.data))
            case .log(let level, let message, let fields): logFrame(level, message, fields)
            case .serve(let request): serve(request)
            case .endControl:
                endsControlWhenSent = true
                flush()
            case .dropData: process.data.shutDown()
            case .kill: process.kill()
            case .weakSandbox(let missing):
                log.warning(
                    "this kernel lacks layers of the sandbox",
                    [("missing", .array(missing.map(JSONValue.string)))]
                )
            }
        }
    }

    private mutating func flush() {
        while !outgoing.isEmpty, isControlOpen {
            let flags = CInt(MSG_DONTWAIT | MSG_NOSIGNAL)
            let count = unsafe send(process.control.rawValue, outgoing, outgoing.count, flags)
            guard count > 0 else {
                // Its end is seen where it is read.
                if errno != EAGAIN, errno != EINTR { outgoing = [] }
                break
            }
            outgoing.removeFirst(count)
        }
        if outgoing.count > Self.mostOutgoing {
            outgoing = []
            perform(conversation.broke(.brokenProtocol("it does not read what it asked for")))
        }
        if outgoing.isEmpty, endsControlWhenSent { shutdown(process.control.rawValue, CInt(SHUT_WR)) }
    }

    private mutating func serve(_ request: ServiceRequest) {
        guard servicesWaiting < Self.mostServicesWaiting else {
            return perform(conversation.broke(.brokenProtocol("it asks for more than 64 services at once")))
        }
        servicesWaiting += 1
        if request.service == "secret_update" {
            secretUpdates += 1
            secretUpdateBytes += request.value.count
            guard secretUpdates <= Self.mostSecretUpdates, secretUpdateBytes <= Self.mostSecretUpdateBytes else {
                servicesWaiting -= 1
                let limit = "more than 32 credentials, or more than 256 KiB of them, in one call"
                return perform(conversation.broke(.brokenProtocol("it replaces \(limit)")))
            }
        }
        // From now on the new credential must not be seen either.
        if request.service == "secret_update", request.value.count <= ServiceRequest.largestSecret {
            let secret = String(decoding: request.value, as: UTF8.self)
            log = log.masking([secret])
            output.mask(secret)
            errors.mask(secret)
        }
        let (services, owner, mailbox) = (plan.services, plan.owner, mailbox)
        Task {
            let result = await request.answer(from: services, for: owner)
            mailbox.post(.answer(id: request.id, result))
        }
    }

    // MARK: - Logging

    private mutating func logFrame(_ level: LogLevel, _ message: String, _ fields: JSONObject?) {
        let size = message.utf8.count + 128
        guard logBudget.allows(size, now: .now) else { return }
        logOmitted(logBudget.takeOmitted(), from: "log")
        let text = message.utf8.count > OutputLines.longestLine ? "\(message.prefix(2_000)) … (cut)" : message
        log.log(level, text, fields.map { [("fields", .object($0))] } ?? [])
    }

    private func logLines(_ result: (lines: [String], omitted: Int), from origin: String) {
        logOmitted(result.omitted, from: origin)
        for line in result.lines {
            log.log(origin == "stderr" ? .info : .debug, line, [("output", .string(origin))])
        }
    }

    private func logOmitted(_ bytes: Int, from origin: String) {
        guard bytes > 0 else { return }
        log.warning(
            "the connector printed more than is kept",
            [("output", .string(origin)), ("left_out", .integer(Int64(bytes)))]
        )
    }
}

extension Result<JSONValue, ConnectorError> {
    /// The same with secrets masked in every text. Numbers and members' names stay, so that the form stays what it is.
    fileprivate func masked(by masker: Masker) -> Self {
        guard !masker.isEmpty else { return self }
        switch self {
        case .success(let value): return .success(Self.masked(value, by: masker))
        case .failure(var error):
            error.message = masker.masked(error.message)
            // A code stays a code.
            if masker.masked(error.code) != error.code { error.code = "unnamed" }
            error.detail = Self.masked(error.detail, by: masker)
            return .failure(error)
        }
    }

    private static func masked(_ value: JSONValue, by masker: Masker) -> JSONValue {
        switch value {
        case .null, .bool, .integer, .number: return value
        case .string(let text): return .string(masker.masked(text))
        case .array(let items): return .array(items.map { masked($0, by: masker) })
        case .object(var object):
            for member in object.members { object[member.name] = masked(member.value, by: masker) }
            return .object(object)
        }
    }
}

package import JSON
package import Log

/// What host and runner say to each other about one call, decided without doing any of it.
///
///     starting ── ready ──► calling ── result, error ──► ending ──► (exited)
///         │                    └── cancel, deadline ─────►│
///         └── stop, deadline, a lie, a broken frame ──────►│
///
/// The first reason to end is the one that counts; what the runner says afterwards changes nothing.
package struct Conversation: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// What the call is, and how patient the host is.
    package struct Terms: Sendable {
        /// The frame to send once the runner is ready.
        package var call: [UInt8]
        package var number: UInt64
        /// The manifest as it stands in the file.
        package var manifest: [UInt8]
        package var profile: String
        package var connector: String
        package var file: String
        /// `reading people.csv`
        package var doing: String
        package var startDeadline: Duration
        package var deadline: Duration?
        package var cancelGrace: Duration
        /// How long nothing may come while the host waits; nil is without end.
        package var idleDeadline: Duration?

        package init(
            call: [UInt8],
            number: UInt64,
            manifest: [UInt8],
            profile: String,
            connector: String,
            file: String,
            doing: String,
            startDeadline: Duration,
            deadline: Duration?,
            cancelGrace: Duration,
            idleDeadline: Duration? = nil
        ) {
            self.call = call
            self.number = number
            self.manifest = manifest
            self.profile = profile
            self.connector = connector
            self.file = file
            self.doing = doing
            self.startDeadline = startDeadline
            self.deadline = deadline
            self.cancelGrace = cancelGrace
            self.idleDeadline = idleDeadline
        }
    }

    /// What the host does with the runner's batches.
    package enum Reading: Sendable, Equatable {
        /// It has enough, or owes the runner something itself: that nothing comes means nothing.
        case resting
        /// It waits for the next frame, or for the outcome.
        case waiting(since: Instant)
    }

    package enum Action: Sendable, Equatable {
        /// Bytes for the control socket.
        case send([UInt8])
        /// The call is under way.
        case started
        case log(level: LogLevel, message: String, fields: JSONObject?)
        case serve(ServiceRequest)
        /// Nothing more is said: the control socket's end is the runner's order to go.
        case endControl
        /// Nothing more is read: whoever waits to write data is set free.
        case dropData
        case kill
        /// Layers of the sandbox that this kernel lacks.
        case weakSandbox([String])
    }

    private enum Phase {
        case starting, calling, ending
    }

    /// A connector can't put a run off for longer, whatever its service says.
    private static let longestRetryAfter = Duration.seconds(86_400)
    /// What the runner calls a breach of trainflow_plugin.h.
    private static let breachCode = "connector_breach"

    private let terms: Terms
    private var phase = Phase.starting
    private var outcome: Result<JSONValue, ConnectorError>?
    private var startsUntil: Instant?
    private var callEndsAt: Instant?
    private var killAt: Instant?
    /// When the runner last gave a sign, or could not be expected to.
    private var lastSign: Instant
    private var isKilled = false
    private var isControlGone = false
    private var isDataGone = false

    package init(_ terms: Terms, now: Instant) {
        self.terms = terms
        startsUntil = now + terms.startDeadline
        lastSign = now
    }

    /// When `timePassed` must be called next, if nothing else happens.
    package var wakeAt: Instant? {
        isKilled ? nil : [startsUntil, callEndsAt, killAt, idleUntil].compactMap { $0 }.min()
    }

    private var idleUntil: Instant? {
        phase == .calling ? terms.idleDeadline.map { lastSign + $0 } : nil
    }

    /// Say so before each `timePassed`, and before the host stops owing the runner an answer.
    package mutating func hostIs(_ reading: Reading, now: Instant) {
        switch reading {
        case .resting: lastSign = max(lastSign, now)
        case .waiting(let since): lastSign = max(lastSign, since)
        }
    }

    /// `wakeAt` as poll(2) wants it: milliseconds, rounded up; 0 if it has passed; -1, which waits for ever, only without.
    package func pollTimeout(now: Instant) -> Int32 {
        guard let wakeAt else { return -1 }
        guard wakeAt > now else { return 0 }
        let (seconds, attoseconds) = (wakeAt - now).components
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        return overflow ? .max : Int32(clamping: milliseconds + attoseconds / 1_000_000_000_000_000 + 1)
    }

    /// A frame came.
    package mutating func received(_ frame: RunnerFrame, now: Instant) -> [Action] {
        lastSign = max(lastSign, now)
        switch (phase, frame) {
        case (_, .log(let level, let message, let fields)):
            return [.log(level: level, message: message, fields: fields)]
        case (.ending, .result), (.ending, .failure):
            // It answered after it was told to stop: it may go.
            return [.endControl]
        case (.ending, _):
            return []
        case (_, .stop(let stage, let message)):
            end(.failure(stopError(stage: stage, message: message)))
            killAt = now + terms.cancelGrace
            return [.endControl]
        case (.starting, .ready(let ready)):
            return started(ready, now: now)
        case (.calling, .result(let value)):
            return answered(.success(value), now: now)
        case (.calling, .failure(let failure)):
            return answered(.failure(error(failure)), now: now)
        case (.calling, .service(let request)):
            return [.serve(request)]
        case (.starting, _):
            return broke(.brokenProtocol("it spoke before it was ready"))
        case (.calling, .ready):
            return broke(.brokenProtocol("it said twice that it is ready"))
        }
    }

    /// A frame, on either socket, can't be read; or the host itself can't go on.
    package mutating func broke(_ error: ConnectorError) -> [Action] {
        guard !isKilled else { return [] }
        end(.failure(error))
        return killed()
    }

    /// The user, or the host's shutdown, wants the operation to end.
    package mutating func cancelled(now: Instant) -> [Action] {
        let error = ConnectorError(
            .cancelled,
            code: "cancelled",
            message: "It was cancelled while \(terms.doing). What was committed stays."
        )
        switch phase {
        case .starting:
            end(.failure(error))
            return killed()
        case .calling: return askedToStop(error, now: now)
        case .ending: return []
        }
    }

    /// Nobody waits for the outcome any more.
    package mutating func abandoned() -> [Action] {
        guard !isKilled else { return [] }
        end(.failure(ConnectorError(.cancelled, code: "abandoned", message: "Nobody waited for it any more.")))
        return killed()
    }

    /// The data socket ended before its end, though the process may still be there for a moment, or for ever.
    package mutating func dataEnded(now: Instant) -> [Action] {
        guard phase != .ending else { return [] }
        isDataGone = true
        killAt = min(killAt ?? now + terms.cancelGrace, now + terms.cancelGrace)
        return []
    }

    /// The control socket ended, though the process may still be there for a moment.
    package mutating func controlEnded(now: Instant) -> [Action] {
        isControlGone = true
        killAt = min(killAt ?? now + terms.cancelGrace, now + terms.cancelGrace)
        return []
    }

    package mutating func timePassed(now: Instant) -> [Action] {
        guard !isKilled else { return [] }
        if let killAt, killAt <= now {
            if isDataGone {
                end(.failure(.cutOff(connector: terms.connector, file: terms.file, doing: terms.doing)))
            }
            if isControlGone { end(.failure(.brokenProtocol("it closed its control socket without an answer"))) }
            return killed()
        }
        if let startsUntil, startsUntil <= now {
            end(
                .failure(
                    ConnectorError(
                        .timeout,
                        code: "start_timeout",
                        message: "The connector \(terms.connector) (\(terms.file)) was not ready after "
                            + "\(terms.startDeadline). It was stopped; the machine may be overloaded."
                    )
                )
            )
            return killed()
        }
        if let callEndsAt, callEndsAt <= now {
            let time = terms.deadline.map { "\($0)" } ?? ""
            return askedToStop(
                ConnectorError(
                    .timeout,
                    code: "deadline",
                    message: "The connector \(terms.connector) (\(terms.file)) was still \(terms.doing) after \(time), "
                        + "and was stopped. What was committed stays."
                ),
                now: now
            )
        }
        if let idleUntil, idleUntil <= now {
            let time = terms.idleDeadline.map { "\($0)" } ?? ""
            return askedToStop(
                ConnectorError(
                    .timeout,
                    code: "idle",
                    message: "The connector \(terms.connector) (\(terms.file)) gave no sign for \(time) while "
                        + "\(terms.doing), and was stopped. What was committed stays."
                ),
                now: now
            )
        }
        return []
    }

    /// The process is gone: how the call ended.
    package mutating func exited(_ exit: RunnerExit) -> Result<JSONValue, ConnectorError> {
        end(.failure(exit.error(connector: terms.connector, file: terms.file, doing: terms.doing)))
        return outcome ?? .failure(.brokenProtocol("it ended"))
    }

    // MARK: - Steps

    private mutating func started(_ ready: RunnerFrame.Ready, now: Instant) -> [Action] {
        guard Manifest.knownABIs.contains(Int(clamping: ready.abi)) else {
            return broke(.brokenProtocol("it speaks version \(ready.abi) of the connector ABI"))
        }
        guard Array(ready.describe.utf8) == terms.manifest else {
            return broke(
                ConnectorError(
                    .protocol,
                    code: "lying_manifest",
                    message: "The connector \(terms.connector) (\(terms.file)) describes itself otherwise than the "
                        + "manifest in its file does. It was not used; take the file away and report it."
                )
            )
        }
        guard ready.profile == terms.profile else {
            return broke(.brokenProtocol("its sandbox is \(ready.profile) instead of \(terms.profile)"))
        }
        phase = .calling
        startsUntil = nil
        callEndsAt = terms.deadline.map { now + $0 }
        let weak: [Action] = ready.missing.isEmpty ? [] : [.weakSandbox(ready.missing)]
        return weak + [.send(terms.call), .started]
    }

    private mutating func answered(_ result: Result<JSONValue, ConnectorError>, now: Instant) -> [Action] {
        end(result)
        killAt = now + terms.cancelGrace
        return [.endControl]
    }

    private mutating func askedToStop(_ error: ConnectorError, now: Instant) -> [Action] {
        end(.failure(error))
        killAt = now + terms.cancelGrace
        return [.send(HostFrame.cancel(call: terms.number)), .dropData]
    }

    private mutating func killed() -> [Action] {
        isKilled = true
        // What it sent before a good end may still wait to be read.
        if case .success = outcome { return [.kill] }
        return [.kill, .dropData]
    }

    private mutating func end(_ result: Result<JSONValue, ConnectorError>) {
        if outcome == nil { outcome = result }
        phase = .ending
        startsUntil = nil
        callEndsAt = nil
    }

    // MARK: - Errors

    private func error(_ failure: RunnerFrame.Failure) -> ConnectorError {
        var errorClass = ConnectorError.ErrorClass(status: failure.status)
        var message = String(failure.message.prefix(2_000))
        // Only the host cancels; a connector that does so by itself has a fault.
        if errorClass == .cancelled {
            errorClass = .internal
            message = "The connector says that it was cancelled, which nobody asked for. \(message)"
        }
        if message.isEmpty {
            message = "The connector \(terms.connector) failed while \(terms.doing) and says no more."
        }
        if errorClass == .protocol, failure.code == Self.breachCode {
            message =
                "The connector \(terms.connector) (\(terms.file)) broke its contract while \(terms.doing): \(message). "
                + "What was committed stays. Report it to the connector's publisher."
        }
        let isCode =
            (1...64).contains(failure.code.utf8.count)
            && failure.code.utf8.allSatisfy { $0.isDigit || $0 == UInt8(ascii: "_") || ($0 >= 97 && $0 <= 122) }
        return ConnectorError(
            errorClass,
            code: isCode ? failure.code : "unnamed",
            message: message,
            retryAfter: failure.retryAfter > 0
                ? min(.milliseconds(failure.retryAfter), Self.longestRetryAfter) : nil,
            vendorCode: failure.vendorCode,
            detail: failure.detail
        )
    }

    private func stopError(stage: String, message: String) -> ConnectorError {
        let file = "The connector \(terms.connector) (\(terms.file))"
        let text = String(message.prefix(2_000))
        switch stage {
        case "sandbox":
            return ConnectorError(
                .internal,
                code: "sandbox_failed",
                message: "\(file) was not started, because its sandbox can't be set up: \(text)"
            )
        case "load":
            return ConnectorError(
                .unsupported,
                code: "load_failed",
                message: "\(file) can't be loaded: \(text)"
            )
        case "symbol":
            return ConnectorError(
                .unsupported,
                code: "symbol_missing",
                message: "\(file) is no connector that this host can run: \(text)"
            )
        case "describe":
            return ConnectorError(
                .protocol,
                code: "describe_failed",
                message: "\(file) can't describe itself: \(text)"
            )
        case "exit":
            return ConnectorError(
                .crash,
                code: "runner_exited",
                message: "\(file) ended its own process while \(terms.doing): \(text). What was committed stays."
            )
        case "memory":
            return ConnectorError(
                .crash,
                code: "out_of_memory",
                message: "\(file) used up its memory while \(terms.doing): \(text)"
            )
        default:
            return ConnectorError(
                .internal,
                code: "runner_stopped",
                message: "\(file) stopped while \(terms.doing) (\(stage)): \(text)"
            )
        }
    }
}

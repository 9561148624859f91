/// One request and its answer: told what happens, it decides what to do; it never acts.
///
/// It alone says when libmicrohttpd's connection is suspended and resumed, each suspension exactly once.
package struct Exchange: Sendable {
    /// How the request's content is taken.
    package enum Intake: Sendable {
        /// There is none.
        case bodyless
        /// The handler starts when all of it is there.
        case collected
        /// The handler starts at once; nothing is read, and no `100 Continue` sent, before it asks.
        case streamed
        /// It is read and forgotten, for an answer that is known already.
        case discarded
    }

    /// How an answer's content comes.
    package enum Answer: Sendable {
        /// All of it is there, in memory.
        case whole
        /// All of it is there, in a file.
        case file
        /// A producer writes it piece by piece.
        case streamed
    }

    private enum Incoming {
        case announced, bodyless, held, flowing, complete
    }

    private enum Outgoing {
        case undecided, whole, streamed, replying, streaming, ended, failed, cutting, abandoned
    }

    /// Above it a stream waits; below half of it, it goes on.
    package static let highWater = 256 << 10

    private let intake: Intake
    private let limit: Int64
    private var incoming = Incoming.announced
    private var outgoing = Outgoing.undecided
    private var input = ByteQueue()
    private var output = ByteQueue()
    private var handlerStarted = false
    private var contentAsked = false
    private var endOfOutput = false

    /// Whether libmicrohttpd holds the connection back.
    package private(set) var isSuspended = false
    /// Bytes of the request's content so far.
    package private(set) var received: Int64 = 0
    /// Bytes that a streamed answer has given out so far.
    package private(set) var sent: Int64 = 0

    /// `limit`: the most bytes of content; -1 for any number.
    package init(intake: Intake, limit: Int64) {
        self.intake = intake
        self.limit = limit
    }

    package var isUndecided: Bool { outgoing == .undecided }
    package var isStreaming: Bool { [.streamed, .streaming, .ended].contains(outgoing) }
    package var isCutting: Bool { outgoing == .cutting }
    /// Whether all content is there.
    package var isComplete: Bool { incoming == .complete }
    package var isAbandoned: Bool { outgoing == .abandoned }
    /// Whether the client is expected to send content right now.
    package var awaitsContent: Bool { incoming == .flowing && !isSuspended }
    /// Whether nobody would notice the client leaving.
    package var isUnwatched: Bool { isSuspended && outgoing != .cutting }

    // MARK: - From libmicrohttpd, in its callbacks

    package enum Call: Equatable {
        case proceed, suspend, start, reply, close
    }

    /// The access handler was called without content: for the head, after a resumption, or after the last content.
    package mutating func called() -> Call {
        switch outgoing {
        case .abandoned, .failed: return .close
        case .cutting: return suspend()
        default: break
        }
        switch incoming {
        case .announced:
            switch intake {
            case .bodyless: incoming = .bodyless
            case .collected, .discarded: incoming = .flowing
            case .streamed:
                incoming = .held
                handlerStarted = true
                return .start
            }
            return .proceed
        case .held:
            guard contentAsked || outgoing != .undecided else { return suspend() }
            incoming = .flowing
            return .proceed
        case .bodyless, .flowing, .complete:
            incoming = .complete
            return completed()
        }
    }

    private mutating func completed() -> Call {
        switch outgoing {
        case .whole:
            outgoing = .replying
            return .reply
        case .streamed:
            outgoing = endOfOutput ? .ended : .streaming
            return .reply
        default:
            guard handlerStarted else {
                handlerStarted = true
                return .start
            }
            return suspend()
        }
    }

    /// libmicrohttpd must never be told twice: its lists break.
    private mutating func suspend() -> Call {
        guard !isSuspended else { return .proceed }
        isSuspended = true
        return .suspend
    }

    package enum Piece: Equatable {
        case proceed, suspend, tooLarge, close
    }

    /// A piece of the request's content has come in; all of it is taken.
    package mutating func received(_ bytes: [UInt8]) -> Piece {
        guard outgoing != .abandoned else { return .close }
        received += Int64(bytes.count)
        guard outgoing == .undecided, intake != .discarded else { return .proceed }
        guard limit < 0 || received <= limit else { return .tooLarge }
        input.append(bytes)
        return takeSuspension() ? .suspend : .proceed
    }

    package enum Chunk: Equatable {
        case bytes([UInt8]), suspend, end, fail
        /// It is suspended already.
        case nothing
    }

    /// A streamed answer can be sent on.
    package mutating func chunkWanted(upTo limit: Int) -> Chunk {
        switch outgoing {
        case .streaming where output.isEmpty:
            return takeSuspension() ? .suspend : .nothing
        case .ended where output.isEmpty:
            return .end
        case .streaming, .ended:
            let bytes = output.take(upTo: limit)
            sent += Int64(bytes.count)
            return .bytes(bytes)
        default:
            return .fail
        }
    }

    // MARK: - From the handler

    /// All content of a request that was collected.
    package mutating func takeCollected() -> [UInt8] {
        input.takeAll()
    }

    package enum Content: Equatable {
        case bytes([UInt8]), end, wait, gone
    }

    /// The handler wants content.
    package mutating func contentWanted() -> Content {
        guard outgoing == .undecided else { return .gone }
        guard input.isEmpty else { return .bytes(input.takeAll()) }
        switch incoming {
        case .complete, .bodyless: return .end
        case .announced, .held, .flowing:
            contentAsked = true
            return .wait
        }
    }

    package enum Decision: Equatable {
        /// It goes out when libmicrohttpd asks for it.
        case queued
        /// It is to be written to the socket at once, because the request hasn't ended: `cut`.
        case cut
        /// Too late: the exchange is decided.
        case ignored
    }

    /// The answer is known.
    package mutating func answered(_ answer: Answer) -> Decision {
        guard outgoing == .undecided else { return .ignored }
        input.removeAll()
        switch (incoming, answer) {
        case (.held, .whole), (.flowing, .whole):
            guard intake != .discarded else { break }
            outgoing = .cutting
            return .cut
        default: break
        }
        outgoing = answer == .streamed ? .streamed : .whole
        return .queued
    }

    package enum Room: Equatable {
        case more, wait, gone
    }

    /// The producer has written.
    package mutating func written(_ bytes: [UInt8]) -> Room {
        guard outgoing == .streamed || outgoing == .streaming else { return .gone }
        output.append(bytes)
        return output.count > Self.highWater ? .wait : .more
    }

    /// Whether a producer that waits may write again, or must hear that it can't.
    package var writerMayGo: Bool {
        guard outgoing == .streamed || outgoing == .streaming else { return true }
        return output.count < Self.highWater / 2
    }

    /// The producer has written all.
    package mutating func outputEnded() {
        switch outgoing {
        case .streaming: outgoing = .ended
        case .streamed: endOfOutput = true
        default: break
        }
    }

    /// The producer has failed: the client sees the connection break, never a whole answer.
    package mutating func outputFailed() {
        switch outgoing {
        case .streamed, .streaming: outgoing = .failed
        default: break
        }
    }

    // MARK: - From the server

    /// The server answers past libmicrohttpd and closes; the connection stays suspended until `abandon`.
    package mutating func cut() {
        input.removeAll()
        outgoing = .cutting
    }

    /// The connection was suspended outside the callbacks, for `cut`.
    package mutating func suspendedForCut() {
        isSuspended = true
    }

    /// Nobody wants the answer any more.
    package mutating func abandon() {
        input.removeAll()
        output.removeAll()
        outgoing = .abandoned
    }

    /// True if the connection must be suspended now; it then counts as suspended.
    package mutating func takeSuspension() -> Bool {
        guard !isSuspended, mustWait else { return false }
        isSuspended = true
        return true
    }

    /// True if the connection must be resumed now; it then counts as resumed.
    package mutating func takeResumption() -> Bool {
        guard isSuspended, !mustWait else { return false }
        isSuspended = false
        return true
    }

    private var mustWait: Bool {
        switch outgoing {
        case .whole, .streamed, .replying, .ended, .failed, .abandoned: false
        case .cutting: true
        case .streaming: output.isEmpty
        case .undecided:
            switch incoming {
            case .announced, .bodyless: false
            case .held: !contentAsked
            case .flowing: intake == .streamed && input.count > (isSuspended ? Self.highWater / 2 : Self.highWater)
            case .complete: true
            }
        }
    }
}

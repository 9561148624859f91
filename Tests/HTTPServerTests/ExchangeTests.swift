import HTTPServer
import Testing

@Suite struct `An exchange` {
    private let piece = [UInt8](repeating: 1, count: 100 << 10)

    @Test func `without content starts its handler at the last call, and replies when it is resumed`() {
        var exchange = Exchange(intake: .bodyless, limit: 0)
        #expect(exchange.called() == .proceed)
        #expect(exchange.called() == .start)
        #expect(exchange.takeSuspension() == true)
        #expect(exchange.takeSuspension() == false)
        #expect(exchange.takeResumption() == false)
        #expect(exchange.answered(.whole) == .queued)
        #expect(exchange.takeResumption() == true)
        #expect(exchange.takeResumption() == false)
        #expect(exchange.called() == .reply)
        #expect(exchange.answered(.whole) == .ignored)
    }

    @Test func `that is collected starts its handler with all content`() {
        var exchange = Exchange(intake: .collected, limit: 300 << 10)
        #expect(exchange.called() == .proceed)
        #expect(exchange.received(piece) == .proceed)
        #expect(exchange.received(piece) == .proceed)
        #expect(exchange.called() == .start)
        #expect(exchange.takeCollected() == [UInt8](repeating: 1, count: 200 << 10))
    }

    @Test func `that is too large is cut`() {
        var exchange = Exchange(intake: .collected, limit: 150 << 10)
        _ = exchange.called()
        #expect(exchange.received(piece) == .proceed)
        #expect(exchange.received(piece) == .tooLarge)
        #expect(exchange.answered(.whole) == .cut)
        #expect(exchange.received(piece) == .proceed)
        #expect(exchange.takeSuspension() == true)
        #expect(exchange.takeResumption() == false)
        exchange.abandon()
        #expect(exchange.takeResumption() == true)
        #expect(exchange.called() == .close)
    }

    @Test func `that is streamed reads nothing before it is asked`() {
        var exchange = Exchange(intake: .streamed, limit: -1)
        #expect(exchange.called() == .start)
        #expect(exchange.takeSuspension() == true)
        #expect(exchange.contentWanted() == .wait)
        #expect(exchange.takeResumption() == true)
        #expect(exchange.called() == .proceed)
        #expect(exchange.received(piece) == .proceed)
        #expect(exchange.contentWanted() == .bytes(piece))
        #expect(exchange.contentWanted() == .wait)
        #expect(exchange.called() == .suspend)
        #expect(exchange.contentWanted() == .end)
    }

    @Test func `that is streamed holds the client between the marks`() {
        var exchange = Exchange(intake: .streamed, limit: -1)
        _ = exchange.called()
        _ = exchange.takeSuspension()
        _ = exchange.contentWanted()
        _ = exchange.takeResumption()
        _ = exchange.called()
        #expect(exchange.received(piece) == .proceed)
        #expect(exchange.received(piece) == .proceed)
        #expect(exchange.received(piece) == .suspend)
        // Several chunks in one buffer: libmicrohttpd goes on although it is suspended.
        #expect(exchange.received(piece) == .proceed)
        #expect(exchange.takeResumption() == false)
        let all = [UInt8](repeating: 1, count: 400 << 10)
        #expect(exchange.contentWanted() == .bytes(all))
        #expect(exchange.takeResumption() == true)
    }

    @Test func `that is refused unread is cut`() {
        var exchange = Exchange(intake: .streamed, limit: -1)
        _ = exchange.called()
        _ = exchange.takeSuspension()
        #expect(exchange.answered(.whole) == .cut)
        #expect(exchange.takeResumption() == false)
        #expect(exchange.contentWanted() == .gone)
    }

    @Test(arguments: [Exchange.Answer.file, .streamed])
    func `answered by more than memory reads its content to the end first`(answer: Exchange.Answer) {
        var exchange = Exchange(intake: .streamed, limit: 1)
        _ = exchange.called()
        _ = exchange.takeSuspension()
        #expect(exchange.answered(answer) == .queued)
        #expect(exchange.takeResumption() == true)
        #expect(exchange.called() == .proceed)
        #expect(exchange.received(piece) == .proceed)
        #expect(exchange.called() == .reply)
    }

    @Test func `with a streamed answer waits for the producer, and the producer for it`() {
        var exchange = Exchange(intake: .bodyless, limit: 0)
        _ = exchange.called()
        _ = exchange.called()
        #expect(exchange.written(piece) == .gone)
        _ = exchange.answered(.streamed)
        #expect(exchange.called() == .reply)
        #expect(exchange.chunkWanted(upTo: 10) == .suspend)
        #expect(exchange.written(piece) == .more)
        #expect(exchange.takeResumption() == true)
        #expect(exchange.written(piece) == .more)
        #expect(exchange.written(piece) == .wait)
        #expect(!exchange.writerMayGo)
        #expect(exchange.chunkWanted(upTo: 180 << 10) == .bytes([UInt8](repeating: 1, count: 180 << 10)))
        #expect(exchange.writerMayGo)
        #expect(exchange.sent == 180 << 10)
        exchange.outputEnded()
        #expect(exchange.written(piece) == .gone)
        #expect(exchange.chunkWanted(upTo: 1 << 20) == .bytes([UInt8](repeating: 1, count: 120 << 10)))
        #expect(exchange.chunkWanted(upTo: 1 << 20) == .end)
    }

    @Test func `whose producer is done before the answer goes out ends all the same`() {
        var exchange = Exchange(intake: .bodyless, limit: 0)
        _ = exchange.called()
        _ = exchange.called()
        _ = exchange.answered(.streamed)
        exchange.outputEnded()
        #expect(exchange.called() == .reply)
        #expect(exchange.chunkWanted(upTo: 10) == .end)
    }

    @Test func `whose producer fails breaks, early or late`() {
        for isLate in [false, true] {
            var exchange = Exchange(intake: .bodyless, limit: 0)
            _ = exchange.called()
            _ = exchange.called()
            _ = exchange.answered(.streamed)
            if isLate {
                _ = exchange.called()
                _ = exchange.chunkWanted(upTo: 10)
            }
            exchange.outputFailed()
            #expect(exchange.takeResumption() == isLate)
            if isLate { #expect(exchange.chunkWanted(upTo: 10) == .fail) } else { #expect(exchange.called() == .close) }
        }
    }

    /// Whatever happens in whatever order: suspensions and resumptions alternate, and an abandoned one is resumed.
    @Test(arguments: 0..<200) func `never suspends or resumes twice`(seed: UInt64) {
        var random = Seeded(state: seed)
        let intakes: [Exchange.Intake] = [.bodyless, .collected, .streamed, .discarded]
        var exchange = Exchange(intake: intakes[Int(seed % 4)], limit: 500_000)
        var isSuspended = false
        func suspend() {
            #expect(!isSuspended)
            isSuspended = true
        }
        for _ in 0..<60 {
            switch random.next() % 11 {
            case 0, 1: if exchange.called() == .suspend { suspend() }
            case 2, 3: if exchange.received(piece) == .suspend { suspend() }
            case 4: if exchange.chunkWanted(upTo: 1000) == .suspend { suspend() }
            case 5: _ = exchange.contentWanted()
            case 6: _ = exchange.answered([.whole, .file, .streamed][Int(random.next() % 3)])
            case 7: _ = exchange.written(piece)
            case 8: if exchange.takeSuspension() { suspend() }
            case 9: if random.next() % 8 == 0 { exchange.outputEnded() }
            default: if random.next() % 16 == 0 { exchange.cut() }
            }
            if exchange.takeResumption() {
                #expect(isSuspended)
                isSuspended = false
            }
            #expect(exchange.isSuspended == isSuspended)
        }
        exchange.abandon()
        if exchange.takeResumption() { isSuspended = false }
        #expect(!isSuspended)
    }
}

/// A random sequence that a seed repeats: splitmix64.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

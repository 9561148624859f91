import Changes
import Sync
import Synchronization
import Testing

@Suite struct `A line of batches` {
    private struct Refused: Error {}

    private static func counts(_ read: Int64) -> Counts {
        var counts = Counts()
        counts.read = read
        return counts
    }

    @Test(arguments: 1...3)
    func `is committed one by one in its order, at most so many under way`(most: Int) async throws {
        let begun = Mutex<[Int]>([])
        var committed: [Int64] = []
        try await withThrowingTaskGroup(of: Void.self) { group in
            let running = Mutex(0)
            var line = CommitLine<Int>(in: &group) { batch in
                #expect(
                    running.withLock {
                        $0 += 1; return $0
                    } == 1
                )
                begun.withLock { $0.append(batch) }
                await Task.yield()
                running.withLock { $0 -= 1 }
                return Self.counts(Int64(batch))
            }
            for batch in 1...50 {
                try await line.add(batch, most: most) { committed.append($0.read) }
                #expect(committed.count >= batch - most)
            }
            try await line.end { committed.append($0.read) }
        }
        #expect(begun.withLock { $0 } == Array(1...50))
        #expect(committed == Array(1...50))
    }

    @Test func `tells why one was not committed, and begins none after it`() async throws {
        let begun = Mutex<[Int]>([])
        var committed: [Int64] = []
        await #expect(throws: Refused.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                var line = CommitLine<Int>(in: &group) { batch in
                    begun.withLock { $0.append(batch) }
                    if batch == 3 { throw Refused() }
                    return Self.counts(Int64(batch))
                }
                for batch in 1...5 { try await line.add(batch, most: 5) { committed.append($0.read) } }
                try await line.end { committed.append($0.read) }
            }
        }
        #expect(begun.withLock { $0 } == [1, 2, 3])
        #expect(committed == [1, 2])
    }

    @Test func `tells the same again to whoever ends it after that`() async throws {
        await #expect(throws: Refused.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                var line = CommitLine<Int>(in: &group) { _ in throw Refused() }
                try await line.add(1, most: 1) { _ in }
                do {
                    try await line.add(2, most: 1) { _ in }
                    Issue.record("the second was taken")
                } catch {
                    try await line.end { _ in }
                }
            }
        }
    }

    @Test func `ends with nothing in it`() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var line = CommitLine<Int>(in: &group) { _ in Counts() }
            try await line.end { _ in Issue.record("nothing was handed on") }
        }
    }
}

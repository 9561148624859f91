package import Changes

/// Batches on their way into the store: one is committed after the other, in the order in which they came, beside whoever
/// prepares the next.
package struct CommitLine<Batch: Sendable> {
    private let queue: AsyncStream<Batch>.Continuation
    private var results: AsyncThrowingStream<Counts, any Error>.Iterator
    /// Handed on, and not yet told as committed.
    private var underWay = 0
    /// Why nothing is committed any more.
    private var failure: (any Error)?

    /// The commits run in a task of the group. A cancelled one leaves what it has not begun.
    package init(
        in group: inout ThrowingTaskGroup<Void, any Error>,
        commit: @escaping @Sendable (Batch) async throws -> Counts
    ) {
        let (batches, queue) = AsyncStream.makeStream(of: Batch.self)
        let (results, told) = AsyncThrowingStream.makeStream(of: Counts.self)
        self.queue = queue
        self.results = results.makeAsyncIterator()
        group.addTask {
            do {
                for await batch in batches { told.yield(try await commit(batch)) }
                told.finish()
            } catch {
                told.finish(throwing: error)
            }
        }
    }

    /// Hands a batch on, once fewer than `most` are under way.
    package mutating func add(_ batch: Batch, most: Int, committed: (Counts) -> Void) async throws {
        try await wait(untilFewerThan: most, committed)
        queue.yield(batch)
        underWay += 1
    }

    /// Waits until all that was handed on is committed; nothing can be added afterwards.
    package mutating func end(committed: (Counts) -> Void) async throws {
        queue.finish()
        try await wait(untilFewerThan: 1, committed)
    }

    private mutating func wait(untilFewerThan most: Int, _ committed: (Counts) -> Void) async throws {
        if let failure { throw failure }
        while underWay >= most {
            do {
                guard let counts = try await results.next(isolation: #isolation) else { throw CancellationError() }
                underWay -= 1
                committed(counts)
            } catch {
                failure = error
                throw error
            }
        }
    }
}

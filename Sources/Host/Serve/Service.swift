/// Something that works as long as the host serves.
protocol Service: Sendable {
    var name: String { get }
    /// Works until its task is cancelled, then ends what it has begun and returns. Returning earlier, or an error, ends the
    /// host.
    func run() async throws
}

/// The host's services in the order in which they need each other, the needed ones first.
struct ServiceList: Sendable {
    private let services: [any Service]

    init(_ services: [any Service]) {
        self.services = services
    }

    /// Runs all of them until one ends or `stop` returns, then ends them one after the other, from the last to the first:
    /// what needs another ends before it. Throws the first error.
    func run(until stop: @escaping @Sendable () async -> Void) async throws {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let tasks = services.map { service in
            Task { @concurrent in
                defer { end.yield() }
                try await service.run()
            }
        }
        let stopper = Task { @concurrent in
            await stop()
            end.yield()
        }
        for await _ in ends { break }
        stopper.cancel()
        var failure: (any Error)?
        for task in tasks.reversed() {
            task.cancel()
            do {
                try await task.value
            } catch is CancellationError {
                // It was told to.
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }
}

/// Returns when the task is cancelled.
func untilCancelled() async {
    let (never, continuation) = AsyncStream.makeStream(of: Never.self)
    for await _ in never {}
    continuation.finish()
}

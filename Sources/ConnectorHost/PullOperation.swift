internal import JSON
internal import Platform
internal import Synchronization

/// A pull under way: its batches in order, read one ahead.
///
/// One reader: `schema` (if wanted), `next` until nil, `summary`. Released before its end, the runner is killed. The
/// connector's log lines go to the host's log meanwhile.
package final class PullOperation: Sendable {
    private let session: RunnerSession
    private let reader: BatchReader
    private let ahead = Mutex<Task<Result<SourceBatch?, DataFailure>, Never>?>(nil)
    private let isCancelled = Mutex(false)

    init(_ session: RunnerSession, data: SharedDescriptor, call: UInt64, activity: ReaderActivity) {
        self.session = session
        reader = BatchReader(data, call: call, activity: activity)
    }

    deinit {
        session.abandon()
    }

    /// The stream's columns; waits for them.
    package func schema() async throws(ConnectorError) -> SourceSchema {
        try await stoppable { () -> Result<SourceSchema, ConnectorError> in
            switch await self.reader.schema() {
            case .success(let schema): .success(schema)
            case .failure(let failure): .failure(await self.explain(failure))
            }
        }.get()
    }

    /// The next batch; nil once all were read and the connector ended well. Waits until the runner is gone before it
    /// throws or answers nil.
    package func next() async throws(ConnectorError) -> SourceBatch? {
        try await stoppable { await self.nextBatch() }.get()
    }

    private func nextBatch() async -> Result<SourceBatch?, ConnectorError> {
        let task = ahead.withLock { $0.take() } ?? readAhead()
        let result = await task.value
        if isCancelled.withLock({ $0 }) { return .failure(await explain(.ended)) }
        switch result {
        case .success(let batch?):
            let task = readAhead()
            ahead.withLock { $0 = task }
            return .success(batch)
        case .success(nil): return await session.outcome.map { _ in nil }
        case .failure(let failure): return .failure(await explain(failure))
        }
    }

    /// What the connector says at the end; ask for it after `next` answered nil.
    package func summary() async throws(ConnectorError) -> PullSummary {
        try PullSummary(try await session.outcome.get())
    }

    /// Ends the pull: the connector is asked to stop, and killed if it does not. `next` throws `cancelled` when it is gone.
    package func cancel() {
        isCancelled.withLock { $0 = true }
        session.cancel()
    }

    private func readAhead() -> Task<Result<SourceBatch?, DataFailure>, Never> {
        let reader = reader
        return Task { await reader.next() }
    }

    /// Cancelled at any moment until its end, the waiting for the connector's last words included.
    private func stoppable<Value: Sendable>(
        _ body: sending () async -> Value
    ) async -> Value {
        await withTaskCancellationHandler(operation: body) { cancel() }
    }

    /// Why there is no further frame, once the runner is gone.
    private func explain(_ failure: DataFailure) async -> ConnectorError {
        switch failure {
        case .failed(let error): session.breakOff(error)
        case .ended: session.dataEnded()
        }
        if case .failure(let error) = await session.outcome { return error }
        if case .failed(let error) = failure { return error }
        return .brokenProtocol("the batches end before their end, though it says that all is well")
    }
}

/// Reads batches on a thread of its own, where reading may block.
private actor BatchReader {
    private let executor = ThreadExecutor(name: "batches")
    private var stream: DataStream<SocketInput>
    private let activity: ReaderActivity

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    init(_ socket: SharedDescriptor, call: UInt64, activity: ReaderActivity) {
        self.activity = activity
        stream = DataStream(SocketInput(socket), call: call)
    }

    func schema() -> Result<SourceSchema, DataFailure> {
        activity.waits()
        do throws(DataFailure) {
            let schema = try stream.readSchema()
            activity.rests()
            return .success(schema)
        } catch {
            return .failure(error)
        }
    }

    /// After the last one the runner still owes the outcome: the host waits on.
    func next() -> Result<SourceBatch?, DataFailure> {
        activity.waits()
        do throws(DataFailure) {
            guard let batch = try stream.readBatch() else { return .success(nil) }
            activity.rests()
            return .success(batch)
        } catch {
            return .failure(error)
        }
    }
}

extension PullSummary {
    /// Reads `op_summary` of trainflow_plugin.h.
    init(_ json: JSONValue) throws(ConnectorError) {
        do throws(JSONFieldError) {
            var fields = try JSONFields(json)
            isComplete = try fields.bool("complete")
            isFiltered = try fields.optionalBool("filtered") ?? false
            declaredTotal = try fields.optionalInteger("declared_total")
            read = try fields.integer("read")
            warnings = try (fields.optionalArray("warnings") ?? []).map { $0.stringValue ?? $0.text }
        } catch {
            throw .unusable("summary of the pull", error, code: "bad_summary")
        }
        self.json = json
    }
}

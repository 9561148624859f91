internal import Glibc
internal import PluginABI

/// One pull: what `tfc_op` and the record stream's private_data stand for, each holding it alive by itself.
///
/// Its members are used by one thread at a time ([op]), but for `cancel`.
final class Operation {
    private let reader: any RecordReader
    private let context: OperationContext
    private(set) var failure: ConnectorFailure?
    /// `failure`'s message with a zero at its end, for `get_last_error`.
    private var lastError: GivenBytes?
    private var hasEnded = false

    init(reader: any RecordReader, context: OperationContext) {
        self.reader = reader
        self.context = context
    }

    /// From any thread.
    func cancel() {
        context.cancel()
    }

    func token() throws(ConnectorFailure) -> [UInt8] {
        let token = try reader.token()
        guard token.count <= 65536 else {
            throw ConnectorFailure(
                .internalError,
                code: "token_too_long",
                message:
                    "The connector's token has \(token.count) bytes instead of 65,536 at most; report this to its author."
            )
        }
        return token
    }

    func summary() -> PullSummary {
        reader.summary()
    }

    /// What `get_schema` and `get_next` return: 0, or an errno.
    private func outcome(_ body: () throws(ConnectorFailure) -> Void) -> Int32 {
        do throws(ConnectorFailure) {
            // What failed stays failed.
            if let failure { throw failure }
            try body()
            return 0
        } catch {
            failure = error
            lastError = GivenBytes(Array(error.message.utf8) + [0])
            return error.failureClass == .cancelled ? ECANCELED : EIO
        }
    }

    fileprivate func schema(_ out: UnsafeMutablePointer<ArrowSchema>) -> Int32 {
        outcome { () throws(ConnectorFailure) in unsafe out.initialize(to: reader.schema.exported()) }
    }

    fileprivate func next(_ out: UnsafeMutablePointer<ArrowArray>) -> Int32 {
        unsafe out.initialize(to: ArrowArray())
        return outcome { () throws(ConnectorFailure) in
            guard !hasEnded else { return }
            try context.checkCancelled()
            guard let batch = try reader.next() else {
                hasEnded = true
                return
            }
            unsafe out.initialize(to: try batch.exported(reader.schema))
        }
    }

    fileprivate var lastErrorText: UnsafePointer<CChar>? {
        unsafe lastError.map { unsafe UnsafeRawPointer($0.start).assumingMemoryBound(to: CChar.self) }
    }

    /// A stream over the batches, for the receiver to release.
    func stream() -> ArrowArrayStream {
        unsafe ArrowArrayStream(
            get_schema: { stream, out in
                guard let operation = unsafe Operation.behind(stream) else { return EINVAL }
                return unsafe operation.schema(out)
            },
            get_next: { stream, out in
                guard let operation = unsafe Operation.behind(stream) else { return EINVAL }
                return unsafe operation.next(out)
            },
            get_last_error: { stream in
                unsafe Operation.behind(stream)?.lastErrorText
            },
            release: { stream in
                guard let owner = unsafe stream.pointee.private_data else { return }
                unsafe stream.pointee.release = nil
                unsafe Unmanaged<Operation>.fromOpaque(owner).release()
            },
            private_data: Unmanaged.passRetained(self).toOpaque()
        )
    }

    private static func behind(_ stream: UnsafeMutablePointer<ArrowArrayStream>) -> Operation? {
        // private_data is the operation that `stream()` retained, until release.
        unsafe stream.pointee.private_data.map { unsafe Unmanaged<Operation>.fromOpaque($0).takeUnretainedValue() }
    }
}

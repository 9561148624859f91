internal import JSON
package import PluginABI
internal import Synchronization

/// What the host gives to one operation: files, credentials, the log, and the word to stop.
///
/// Valid until the call it was given to returns; the one of a pull until its reader goes away. Every member may be used
/// from any thread.
@safe
public final class OperationContext: @unchecked Sendable {
    // Sendable: both pointers are constant, the host's functions may be called from any thread ([any] in
    // trainflow_plugin.h), and the flag is atomic. The host keeps the context alive until the operation is closed.
    private let host: UnsafePointer<tfc_host>
    private let context: OpaquePointer
    private let isStopped = Atomic<Bool>(false)

    /// For tests; the kit makes a connector's contexts.
    package init(host: UnsafePointer<tfc_host>, context: OpaquePointer) {
        unsafe self.host = unsafe host
        unsafe self.context = unsafe context
    }

    // MARK: - Files

    /// The names of the files handed in. `test` and `discover` find theirs here; a pull's request names its own.
    public var inputs: [String] {
        get throws(ConnectorFailure) {
            let text = unsafe host.pointee.inputs(context).bytes
            do {
                return try JSONValue(parsing: text).arrayValue?.compactMap(\.stringValue) ?? []
            } catch {
                throw ConnectorFailure(
                    .internalError,
                    code: "inputs_unreadable",
                    message: "The host's list of inputs can't be read: \(error)."
                )
            }
        }
    }

    /// An open descriptor for a file handed in, positioned at its start; nil if there is none of that name. It is the
    /// host's: read it, don't close it.
    public func input(_ name: String) -> Int32? {
        let descriptor = unsafe name.withBorrowedText { text in unsafe host.pointee.input(context, text) }
        return descriptor < 0 ? nil : descriptor
    }

    // MARK: - Log

    /// How much a line matters.
    public enum LogLevel: Int32, Sendable {
        /// For whoever works on the connector.
        case debug = 0
        /// What happens.
        case info = 1
        /// What someone should look at.
        case warning = 2
        /// What went wrong.
        case error = 3
    }

    /// Writes a line into the run's log. Never log secrets.
    public func log(_ level: LogLevel, _ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
        var json = JSONObject()
        for (name, value) in fields { json[name] = .string(value) }
        let fields = fields.isEmpty ? "" : JSONValue.object(json).text
        unsafe message.withBorrowedText { message in
            unsafe fields.withBorrowedText { fields in
                unsafe host.pointee.log(context, level.rawValue, message, fields)
            }
        }
    }

    // MARK: - Stopping

    /// Whether the host wants the operation to end.
    public var isCancelled: Bool {
        if isStopped.load(ordering: .relaxed) { return true }
        return unsafe host.pointee.cancelled(context) != 0
    }

    /// Throws once the host wants the operation to end.
    public func checkCancelled() throws(ConnectorFailure) {
        if isCancelled { throw .cancelled }
    }

    /// A descriptor that turns readable once the host wants the operation to end: for poll. It is the host's.
    public var cancelDescriptor: Int32 {
        unsafe host.pointee.cancel_descriptor(context)
    }

    /// From any thread.
    func cancel() {
        isStopped.store(true, ordering: .relaxed)
    }

    // MARK: - Secrets and tokens

    /// Lends a credential's bytes, which are wiped afterwards; nil if the config has none of that name.
    public func withSecret<Result>(
        _ name: String,
        _ body: (Span<UInt8>) throws(ConnectorFailure) -> Result
    ) throws(ConnectorFailure) -> Result? {
        var blob = unsafe tfc_blob()
        let status = unsafe name.withBorrowedText { name in unsafe host.pointee.secret(context, name, &blob) }
        guard try found(status, "secret \(name)") else { return nil }
        defer { unsafe blob.release?(&blob) }
        // The bytes live until the blob is released, after the body returned.
        return try body(unsafe Span(_unsafeStart: blob.start, count: Int(blob.len)))
    }

    /// Replaces a credential, a rotated refresh token say. Durable once it returns.
    public func replaceSecret(_ name: String, with value: String) throws(ConnectorFailure) {
        let status = unsafe name.withBorrowedText { name in
            unsafe value.withBorrowedText { value in unsafe host.pointee.secret_update(context, name, value) }
        }
        guard try found(status, "secret \(name)") else {
            throw ConnectorFailure(
                .internalError,
                code: "secret_unknown",
                message: "The config has no credential \(name) to replace."
            )
        }
    }

    /// A value that an earlier operation of this config cached; nil once it is gone or too old.
    public func cached(_ key: String) throws(ConnectorFailure) -> [UInt8]? {
        var blob = unsafe tfc_blob()
        let status = unsafe key.withBorrowedText { key in unsafe host.pointee.cache_get(context, key, &blob) }
        guard try found(status, "cache entry \(key)") else { return nil }
        defer { unsafe blob.release?(&blob) }
        return unsafe Array(UnsafeBufferPointer(start: blob.start, count: Int(blob.len)))
    }

    /// Caches a value for later operations of this config, encrypted by the host.
    public func cache(
        _ key: String,
        _ value: String,
        expiresAtMicroseconds expiry: Int64
    ) throws(ConnectorFailure) {
        let status = unsafe key.withBorrowedText { key in
            unsafe value.withBorrowedText { value in unsafe host.pointee.cache_put(context, key, value, expiry) }
        }
        guard try found(status, "cache entry \(key)") else { return }
    }

    /// Whether the host's answer is there; throws for anything but `TFC_OK` and `TFC_NOT_FOUND`.
    private func found(_ status: tfc_status, _ subject: String) throws(ConnectorFailure) -> Bool {
        let failureClass = FailureClass(rawValue: status)
        if status == 0 { return true }
        if failureClass == .notFound { return false }
        throw ConnectorFailure(
            failureClass,
            code: "host_service",
            message: "The host did not serve the \(subject) (status \(status))."
        )
    }
}

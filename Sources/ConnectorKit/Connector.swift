/// One kind of system that records come from: what a connector author writes.
///
/// A connector is a shared object of its own, loaded into a process of its own for each operation. Its entry is one
/// function; the C header `trainflow_plugin.h` says what it stands for:
///
///     @c @implementation
///     public func tfc_plugin_v0(_ host: UnsafePointer<tfc_host>) -> UnsafePointer<tfc_plugin>? {
///         unsafe ConnectorTable.make(Payroll.self, manifest: payroll_manifest(), host: host)
///     }
///
/// An instance stands for a config whose settings are checked; it has dialled nothing yet. The host calls one method of
/// an instance at a time, from any thread.
public protocol Connector: Sendable {
    /// Checks the settings and keeps what is needed of them. No I/O.
    init(settings: Settings) throws(ConnectorFailure)

    /// All that is wrong with the settings, without any I/O. Unless written, the one failure that `init(settings:)` has.
    static func findings(in settings: Settings) -> [Finding]

    /// Tries what an operation needs, step by step. A step that fails is part of the report, not a failure of the call.
    func test(_ context: OperationContext) throws(ConnectorFailure) -> TestReport

    /// What can be pulled.
    func discover(_ context: OperationContext) throws(ConnectorFailure) -> [StreamDescription]

    /// Starts reading a stream, from its start or after what a token covers.
    func pull(_ request: PullRequest, _ context: OperationContext) throws(ConnectorFailure) -> any RecordReader
}

extension Connector {
    /// The one failure that `init(settings:)` has, if any.
    public static func findings(in settings: Settings) -> [Finding] {
        do throws(ConnectorFailure) {
            _ = try Self(settings: settings)
            return []
        } catch {
            return [Finding(error)]
        }
    }
}

/// A pull that is going on: batches, and after each the token that goes on behind it.
///
/// The host calls one method at a time. After a failure or the end only `token()` and `summary()` are called.
public protocol RecordReader: AnyObject {
    /// The same from the first batch to the last.
    var schema: RecordSchema { get }

    /// The next rows; nil at the end, and ever after.
    ///
    /// Ask `OperationContext.checkCancelled()` now and then in what takes longer than a second.
    func next() throws(ConnectorFailure) -> RecordBatch?

    /// Covers every batch that `next()` gave out: a pull with it goes on after them. At most 64 KiB; its form is the
    /// connector's own. A later version of the connector reads it, or fails as `stateLost`.
    func token() throws(ConnectorFailure) -> [UInt8]

    /// What was read, once `next()` gave nil.
    func summary() -> PullSummary
}

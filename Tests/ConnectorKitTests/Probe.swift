import ConnectorKit
import ConnectorKitSupport
import PluginABI
import Synchronization

/// A connector that does what its settings say: how many batches, and where it fails or waits.
struct Probe: Connector {
    let batches: Int
    /// The batch before which it fails.
    let failsBefore: Int?
    /// Waits, before its second batch, until it is cancelled.
    let waits: Bool
    let fault: String

    init(settings: Settings) throws(ConnectorFailure) {
        var settings = settings
        batches = try settings.integer("batches", in: 0...1000) ?? 3
        failsBefore = try settings.integer("fails_before", in: 0...1000)
        waits = try settings.flag("waits") ?? false
        fault = try settings.text("fault", oneOf: ["none", "rows", "type", "columns", "order", "token"]) ?? "none"
        try settings.finish()
    }

    func test(_ context: OperationContext) throws(ConnectorFailure) -> TestReport {
        TestReport(steps: [
            TestReport.Step("dns", .passed, duration: .milliseconds(3), message: "found"),
            TestReport.Step("tcp", .failed, message: "refused", hint: "Open port 443."),
            TestReport.Step("auth", .skipped, message: "not tried"),
        ])
    }

    func discover(_ context: OperationContext) throws(ConnectorFailure) -> [StreamDescription] {
        guard batches > 0 else {
            throw ConnectorFailure(
                .rateLimit,
                code: "slow_down",
                message: "Too many calls.",
                pointer: "/batches",
                retryAfter: .seconds(90)
            )
        }
        return [
            StreamDescription(
                "people",
                fields: [StreamDescription.Field("id", .text, isNullable: false, sample: "7")],
                key: ["id"],
                cursor: "id",
                isIncremental: true
            )
        ]
    }

    func pull(_ request: PullRequest, _ context: OperationContext) throws(ConnectorFailure) -> any RecordReader {
        ProbeReader(self, request, context)
    }
}

final class ProbeReader: RecordReader {
    /// Readers that exist, for tests that look for leaks.
    static let alive = Atomic<Int>(0)

    let schema = RecordSchema(
        fields: [
            RecordSchema.Field("id", .text, isNullable: false), RecordSchema.Field("count", .int64),
            RecordSchema.Field("flag", .int8), RecordSchema.Field("photo", .bytes),
        ],
        locator: .index,
        source: "probe",
        hasDeletions: true
    )
    private let probe: Probe
    private let context: OperationContext
    private let first: Int
    private var given = 0

    init(_ probe: Probe, _ request: PullRequest, _ context: OperationContext) {
        self.probe = probe
        self.context = context
        first = request.token.map { Int($0[0]) } ?? 0
        Self.alive.add(1, ordering: .relaxed)
    }

    deinit {
        Self.alive.subtract(1, ordering: .relaxed)
    }

    func next() throws(ConnectorFailure) -> RecordBatch? {
        if probe.failsBefore == given {
            throw ConnectorFailure(
                .unavailable,
                code: "gone",
                message: "The line went dead before batch \(given).",
                pointer: "/fails_before",
                vendorCode: 503
            )
        }
        if probe.waits, given == 1 {
            while !context.isCancelled {}
            throw .cancelled
        }
        guard first + given < probe.batches else { return nil }
        given += 1
        return batch(first + given - 1)
    }

    /// Three rows: a put, a spoiled one, a deletion.
    private func batch(_ number: Int) -> RecordBatch {
        let ids = RecordColumn(.text)
        ids.append("é\(number)")
        ids.append("")
        ids.append("z")
        ids.setNull(1)
        let counts = RecordColumn(.int64)
        counts.append(.min)
        counts.appendNulls()
        counts.append(.max)
        let flags = RecordColumn(probe.fault == "type" ? .int64 : .int8)
        flags.append(-128)
        flags.appendNulls()
        flags.append(127)
        let photos = RecordColumn(.bytes)
        photos.append([0xFF, 0x00].span)
        photos.appendNulls(2)
        if probe.fault == "rows" { photos.appendNulls() }
        let places = RecordColumn(.int64)
        for row in 0..<3 { places.append(Int64(number * 3 + row)) }
        let operations = RecordColumn(.int8)
        for value in [0, 0, 1] as [Int64] { operations.append(value) }
        let fault = RowFault(row: 1, code: "broken", field: "id", message: "No \"id\".", raw: [1, 2])
        return RecordBatch(
            rows: 3,
            columns: probe.fault == "columns" ? [ids, counts, flags] : [ids, counts, flags, photos],
            places: places,
            faults: probe.fault == "order" ? [fault, RowFault(row: 0, code: "late", message: "")] : [fault],
            operations: operations
        )
    }

    func token() throws(ConnectorFailure) -> [UInt8] {
        probe.fault == "token" ? [UInt8](repeating: 0, count: 65537) : [UInt8(first + given)]
    }

    func summary() -> PullSummary {
        PullSummary(
            isComplete: first + given == probe.batches,
            isFiltered: true,
            declaredTotal: 9,
            read: given * 3,
            warnings: ["slow"],
            isSchemaChanged: true
        )
    }
}

/// The text that stands for a manifest here; static, as the ABI wants it.
private let manifest: StaticString = #"{"id":"probe"}"#

/// The probe's table: one for the process, as a connector is.
@safe
func probeTable() throws -> TestCaller {
    let text = unsafe tfc_str(
        ptr: UnsafeRawPointer(manifest.utf8Start).assumingMemoryBound(to: CChar.self),
        len: UInt64(manifest.utf8CodeUnitCount)
    )
    guard let table = unsafe ConnectorTable.make(Probe.self, manifest: text, host: TestHost.table) else {
        throw Malformed("the process has another connector")
    }
    return unsafe TestCaller(table)
}

/// An open connector: calls its functions, closes it at the end.
@safe
final class OpenProbe {
    let caller: TestCaller
    let host = TestHost()
    let connector: OpaquePointer

    init(_ settings: String = "{}") throws {
        caller = try probeTable()
        var connector: OpaquePointer?
        let (caller, host) = (caller, host)
        unsafe try caller.lending(settings) { settings in
            Result {
                unsafe try caller.checked { error in
                    unsafe caller.table.pointee.open(host.pointer, settings, &connector, error)
                }
            }
        }.get()
        guard let connector = unsafe connector else { throw Malformed("open gave no connector") }
        unsafe self.connector = unsafe connector
    }

    deinit {
        unsafe caller.table.pointee.close(connector)
    }

    /// Starts a pull.
    func pull(_ request: String = #"{"stream":"people","batch_rows":10}"#) throws -> Pull {
        guard let start = unsafe caller.table.pointee.pull else { throw Malformed("no pull") }
        var operation: OpaquePointer?
        var stream = unsafe ArrowArrayStream()
        unsafe try caller.lending(request) { request in
            Result {
                unsafe try caller.checked { error in
                    unsafe start(connector, host.pointer, request, &operation, &stream, error)
                }
            }
        }.get()
        guard let operation = unsafe operation else { throw Malformed("pull gave no operation") }
        return unsafe Pull(self, operation, stream)
    }
}

/// A pull in hand. Its stream and its operation are given back in either order.
@safe
final class Pull: @unchecked Sendable {
    // Sendable: a test uses it from one thread at a time, but for `cancel`, which the ABI allows from any.
    let probe: OpenProbe
    let operation: OpaquePointer
    var stream: ArrowArrayStream
    private var isClosed = false

    init(_ probe: OpenProbe, _ operation: OpaquePointer, _ stream: ArrowArrayStream) {
        self.probe = probe
        unsafe self.operation = unsafe operation
        unsafe self.stream = unsafe stream
    }

    deinit {
        releaseStream()
        close()
    }

    func schema() throws -> ImportedSchema {
        var schema = unsafe ArrowSchema()
        let code = unsafe stream.get_schema?(&stream, &schema) ?? -1
        guard code == 0 else { throw Malformed("get_schema returned \(code)") }
        return unsafe try ImportedSchema(&schema)
    }

    /// The next array as it is; its release is nil at the end. Returns the code too.
    func rawNext() -> (code: Int32, array: ArrowArray) {
        var array = unsafe ArrowArray()
        let code = unsafe stream.get_next?(&stream, &array) ?? -1
        return unsafe (code, array)
    }

    func next() throws -> ImportedBatch? {
        var (code, array) = unsafe rawNext()
        guard code == 0 else { throw Malformed("get_next returned \(code)") }
        guard unsafe array.release != nil else { return nil }
        return unsafe try ImportedBatch(&array, schema())
    }

    var lastError: String? {
        unsafe stream.get_last_error?(&stream).map { unsafe String(cString: $0) }
    }

    func failure() throws {
        unsafe try probe.caller.checked { error in unsafe probe.caller.table.pointee.op_error(operation, error) }
    }

    func token() throws -> [UInt8] {
        let text = unsafe try probe.caller.text { blob, error in
            unsafe probe.caller.table.pointee.op_state(operation, blob, error)
        }
        return Array(text.utf8)
    }

    func summary() throws -> String {
        unsafe try probe.caller.text { blob, error in
            unsafe probe.caller.table.pointee.op_summary(operation, blob, error)
        }
    }

    func cancel() {
        unsafe probe.caller.table.pointee.op_cancel(operation)
    }

    func releaseStream() {
        unsafe stream.release?(&stream)
    }

    func close() {
        if !isClosed { unsafe probe.caller.table.pointee.op_close(operation) }
        isClosed = true
    }
}

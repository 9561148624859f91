import ConnectorKit
import ConnectorKitSupport
import Glibc
import JSON
import PluginABI
import Synchronization
import Testing

/// One at a time: some look at how many readers there are.
@Suite(.serialized) struct `A connector's table` {
    // MARK: - Before a pull

    @Test func `describe gives the manifest's bytes`() throws {
        let caller = try probeTable()
        #expect(unsafe TestHost.text(caller.table.pointee.describe()) == #"{"id":"probe"}"#)
        #expect(unsafe caller.table.pointee.struct_size == UInt32(MemoryLayout<tfc_plugin>.size))
        #expect(unsafe caller.table.pointee.abi_minor == 0)
        #expect(unsafe caller.table.pointee.push == nil)
        #expect(unsafe caller.table.pointee.transform == nil)
        #expect(unsafe caller.table.pointee.extension == nil)
    }

    private struct Other: Connector {
        init(settings: Settings) {}
        func test(_ context: OperationContext) -> TestReport { TestReport(steps: []) }
        func discover(_ context: OperationContext) -> [StreamDescription] { [] }
        func pull(_ request: PullRequest, _ context: OperationContext) throws(ConnectorFailure) -> any RecordReader {
            throw .cancelled
        }
    }

    @Test func `a process has one connector, and a host that knows it`() throws {
        _ = try probeTable()
        #expect(unsafe ConnectorTable.make(Other.self, manifest: tfc_str(), host: TestHost.table) == nil)
        var older = unsafe TestHost.table.pointee
        older.struct_size -= 8
        #expect(unsafe ConnectorTable.make(Probe.self, manifest: tfc_str(), host: &older) == nil)
    }

    private func findings(_ settings: String) throws -> String {
        let caller = try probeTable()
        let host = TestHost()
        return unsafe try caller.lending(settings) { settings in
            Result {
                unsafe try caller.text { blob, error in
                    unsafe caller.table.pointee.validate(host.pointer, settings, blob, error)
                }
            }
        }.get()
    }

    @Test func `validate lists findings and fails at none`() throws {
        #expect(try findings("{}") == #"{"findings":[]}"#)
        #expect(
            try findings(#"{"batches":-1}"#)
                == #"{"findings":[{"pointer":"/batches","severity":"error","code":"setting_not_allowed","#
                + #""message":"Setting /batches: must be from 0 to 1000."}]}"#
        )
        #expect(try findings("[1").contains(#""code":"settings_unreadable""#))
    }

    @Test func `open refuses wrong settings and points at them`() throws {
        let error = #expect(throws: CallError.self) { try OpenProbe(#"{"bathces":3}"#) }
        #expect(error?.status == 1)
        #expect(error?.code == "setting_unknown_field")
        #expect(error?.message == #"Setting /bathces: unknown field: did you mean "batches"?"#)
        #expect(error?.detail == #"{"pointer":"/bathces"}"#)
    }

    @Test func `a caller with a shorter error struct gets the status alone`() throws {
        let caller = try probeTable()
        var error = unsafe tfc_error()
        unsafe error.struct_size = 8
        var connector: OpaquePointer?
        let status = unsafe caller.lending("{") {
            unsafe caller.table.pointee.open(TestHost().pointer, $0, &connector, &error)
        }
        #expect(status == 1)
        #expect(unsafe error.release == nil && connector == nil)
    }

    @Test func `test and discover answer in the ABI's JSON`() throws {
        let probe = try OpenProbe()
        let table = unsafe probe.caller.table.pointee
        let report = unsafe try probe.caller.text { unsafe table.test(probe.connector, probe.host.pointer, $0, $1) }
        #expect(
            report
                == #"{"ok":false,"steps":[{"name":"dns","ok":true,"skipped":false,"ms":3,"message":"found","hint":""},"#
                + #"{"name":"tcp","ok":false,"skipped":false,"ms":0,"message":"refused","hint":"Open port 443."},"#
                + #"{"name":"auth","ok":false,"skipped":true,"ms":0,"message":"not tried","hint":""}]}"#
        )
        let streams = unsafe try probe.caller.text {
            unsafe table.discover(probe.connector, probe.host.pointer, $0, $1)
        }
        #expect(
            streams
                == #"{"streams":[{"name":"people","fields":[{"name":"id","type":"u","nullable":false,"sample":"7"}],"#
                + #""key":["id"],"cursor":"id","incremental":true}]}"#
        )
    }

    @Test func `a failing call fills class, code, message, pointer and wait`() throws {
        let probe = try OpenProbe(#"{"batches":0}"#)
        let table = unsafe probe.caller.table.pointee
        let error = #expect(throws: CallError.self) {
            unsafe try probe.caller.text { unsafe table.discover(probe.connector, probe.host.pointer, $0, $1) }
        }
        #expect(
            error
                == CallError(
                    status: 5,
                    code: "slow_down",
                    message: "Too many calls.",
                    detail: #"{"pointer":"/batches"}"#,
                    retryAfterMilliseconds: 90_000
                )
        )
    }

    // MARK: - Pulling

    @Test func `a pull hands over schema, batches, tokens and a summary`() throws {
        let pull = try OpenProbe().pull()
        #expect(
            try pull.schema()
                == ImportedSchema(
                    names: ["id", "count", "flag", "photo", "_tf_at", "_tf_error", "_tf_raw", "_tf_op"],
                    formats: ["u", "l", "c", "z", "l", "u", "z", "c"],
                    nullable: [false, true, true, true, false, true, true, false],
                    metadata: ["trainflow.locator": "index", "trainflow.source": "probe"]
                )
        )
        #expect(try pull.token() == [0])
        for number in 0..<3 {
            let batch = try #require(try pull.next())
            #expect(batch.rows == 3)
            #expect(batch.columns["id"] == [.text("é\(number)"), .null, .text("z")])
            #expect(batch.columns["count"] == [.integer(.min), .null, .integer(.max)])
            #expect(batch.columns["flag"] == [.integer(-128), .null, .integer(127)])
            #expect(batch.columns["photo"] == [.bytes([0xFF, 0x00]), .null, .null])
            #expect(batch.columns["_tf_at"] == (0..<3).map { .integer(Int64(number * 3 + $0)) })
            #expect(
                batch.columns["_tf_error"] == [
                    .null, .text(#"{"code":"broken","field":"id","message":"No \"id\"."}"#), .null,
                ]
            )
            #expect(batch.columns["_tf_raw"] == [.null, .bytes([1, 2]), .null])
            #expect(batch.columns["_tf_op"] == [.integer(0), .integer(0), .integer(1)])
            #expect(try pull.token() == [UInt8(number + 1)])
        }
        #expect(try pull.next() == nil)
        #expect(try pull.next() == nil)
        try pull.failure()
        #expect(
            try pull.summary() == #"{"complete":true,"filtered":true,"declared_total":9,"read":9,"warnings":["slow"],"#
                + #""schema_changed":true}"#
        )
    }

    @Test func `a token goes on where it says`() throws {
        let pull = try OpenProbe().pull(#"{"stream":"people","token":"Ag==","limit":null,"later_member":1}"#)
        #expect(try pull.next()?.columns["id"]?.first == .text("é2"))
        #expect(try pull.next() == nil)
    }

    @Test(arguments: [#"{"stream":7}"#, #"{"token":"?"}"#, #"{"batch_rows":0}"#, #"{"inputs":[1]}"#, "[]", "{"])
    func `a request that can't be read is the host's fault`(request: String) throws {
        let error = #expect(throws: CallError.self) { try OpenProbe().pull(request) }
        #expect(error?.status == 13)
        #expect(error?.code == "request_unreadable")
    }

    @Test(arguments: [0, 1, 3]) func `a failure on the first, a middle or the last batch can be asked for`(batch: Int)
        throws
    {
        let pull = try OpenProbe(#"{"fails_before":\#(batch)}"#).pull()
        for _ in 0..<batch { #expect(try pull.next() != nil) }
        for _ in 0..<2 {
            let (code, array) = unsafe pull.rawNext()
            #expect(code == EIO)
            #expect(unsafe array.release == nil)
            #expect(pull.lastError == "The line went dead before batch \(batch).")
            let error = #expect(throws: CallError.self) { try pull.failure() }
            #expect(error?.status == 6)
            #expect(error?.code == "gone")
            #expect(error?.detail == #"{"pointer":"/fails_before"}"#)
        }
        #expect(try pull.token() == [UInt8(batch)])
    }

    @Test(arguments: ["rows", "type", "columns", "order"])
    func `a batch that is not the schema's is the connector's bug`(
        fault: String
    ) throws {
        let pull = try OpenProbe(#"{"fault":"\#(fault)"}"#).pull()
        #expect(unsafe pull.rawNext().code == EIO)
        let error = #expect(throws: CallError.self) { try pull.failure() }
        #expect(error?.status == 13)
        #expect(error?.code == "batch_wrong")
    }

    @Test func `a token that is too long is refused`() throws {
        let pull = try OpenProbe(#"{"fault":"token"}"#).pull()
        let error = #expect(throws: CallError.self) { try pull.token() }
        #expect(error?.code == "token_too_long")
    }

    // MARK: - Cancelling

    @Test func `op_cancel from another thread ends a call that is running`() throws {
        let pull = try OpenProbe(#"{"waits":true}"#).pull()
        #expect(try pull.next() != nil)
        let thread = Thread { pull.cancel() }
        // Waits until it is cancelled; without op_cancel it would wait for ever.
        #expect(unsafe pull.rawNext().code == ECANCELED)
        thread.join()
        let error = #expect(throws: CallError.self) { try pull.failure() }
        #expect(error?.status == 8)
        pull.cancel()
    }

    @Test func `the host's word ends a pull before its next batch`() throws {
        let pull = try OpenProbe().pull()
        pull.probe.host.cancel()
        #expect(unsafe pull.rawNext().code == ECANCELED)
    }

    // MARK: - Giving back

    @Test func `stream and operation are given back in either order, and nothing stays`() throws {
        for streamFirst in [true, false] {
            #expect(ProbeReader.alive.load(ordering: .relaxed) == 0)
            let pull = try OpenProbe().pull()
            #expect(ProbeReader.alive.load(ordering: .relaxed) == 1)
            _ = try pull.next()
            if streamFirst {
                pull.releaseStream()
                #expect(unsafe pull.stream.release == nil)
                #expect(ProbeReader.alive.load(ordering: .relaxed) == 1)
                pull.close()
            } else {
                pull.close()
                #expect(ProbeReader.alive.load(ordering: .relaxed) == 1)
                pull.releaseStream()
            }
            #expect(ProbeReader.alive.load(ordering: .relaxed) == 0)
        }
    }

    @Test func `arrays outlive their stream`() throws {
        let pull = try OpenProbe().pull()
        let schema = try pull.schema()
        var (_, array) = unsafe pull.rawNext()
        pull.releaseStream()
        pull.close()
        #expect(unsafe try ImportedBatch(&array, schema).columns["id"]?.last == .text("z"))
    }

    /// The object that keeps a struct's memory, seen from outside.
    private struct Owner {
        weak var object: AnyObject?

        init(_ pointer: UnsafeMutableRawPointer?) {
            object = unsafe pointer.map { unsafe Unmanaged<AnyObject>.fromOpaque($0).takeUnretainedValue() }
        }
    }

    @Test func `release frees an array and all its columns`() throws {
        let pull = try OpenProbe().pull()
        var (_, array) = unsafe pull.rawNext()
        let owners =
            unsafe [Owner(array.private_data)]
            + (0..<Int(array.n_children)).map { unsafe Owner(array.children?[$0]?.pointee.private_data) }
        #expect(owners.count == 9 && owners.allSatisfy { $0.object != nil })
        unsafe array.release?(&array)
        #expect(owners.allSatisfy { $0.object == nil })
    }

    @Test func `a column moved out of its batch lives on alone`() throws {
        let pull = try OpenProbe().pull()
        var (_, array) = unsafe pull.rawNext()
        // Moved by bit copy, as the C data interface says: the source loses its release.
        var column = unsafe try #require(array.children?[0]).pointee
        unsafe array.children?[0]?.pointee.release = nil
        let (owner, kept) = unsafe (Owner(array.private_data), Owner(column.private_data))
        unsafe array.release?(&array)
        #expect(owner.object == nil && kept.object != nil)
        let text = unsafe column.buffers?[2].map { unsafe $0.load(fromByteOffset: 3, as: UInt8.self) }
        #expect(text == UInt8(ascii: "z"))
        unsafe column.release?(&column)
        #expect(kept.object == nil)
    }

    @Test func `release frees a schema, a blob and an error`() throws {
        let pull = try OpenProbe(#"{"fails_before":0}"#).pull()
        let table = unsafe pull.probe.caller.table.pointee
        var schema = unsafe ArrowSchema()
        #expect(unsafe pull.stream.get_schema?(&pull.stream, &schema) == 0)
        var blob = unsafe tfc_blob()
        var error = unsafe tfc_error()
        unsafe error.struct_size = UInt32(MemoryLayout<tfc_error>.size)
        #expect(unsafe table.op_state(pull.operation, &blob, &error) == 0)
        _ = unsafe pull.rawNext()
        #expect(unsafe table.op_error(pull.operation, &error) == 6)
        let owners =
            unsafe [Owner(schema.private_data), Owner(blob.owner), Owner(error.owner)]
            + (0..<8).map { unsafe Owner(schema.children?[$0]?.pointee.private_data) }
        #expect(owners.allSatisfy { $0.object != nil })
        unsafe schema.release?(&schema)
        unsafe blob.release?(&blob)
        unsafe error.release?(&error)
        #expect(owners.allSatisfy { $0.object == nil })
        // A second release, of what is empty now, has nothing to call.
        #expect(unsafe schema.release == nil && blob.release == nil && error.release == nil)
    }
}

/// A thread of the system's.
@safe
private final class Thread {
    private var thread = pthread_t()

    init(_ body: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        let box = unsafe Unmanaged.passRetained(Box(body)).toOpaque()
        let code = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            },
            box
        )
        precondition(code == 0)
    }

    func join() {
        pthread_join(thread, nil)
    }
}

import Columns
import ConnectorHost
import Crypto
import FoundationEssentials
import Glibc
import Identifiers
import JSON
import Log
import Synchronization
import TestSupport
import Testing
import Time

@Suite struct OperationTests {
    @Test func `a pull gives schema, batches, tokens and a summary`() async throws {
        let test = try TestHost("good")
        let operation = try await test.host.pull(test.request("numbers", settings: ["rows": 10]))
        let schema = try await operation.schema()
        #expect(schema.locatorKind == "row")
        #expect(schema.fields.first == Field(name: "_tf_at", type: .int64, isNullable: false))
        var rows = 0
        while let batch = try await operation.next() {
            rows += batch.batch.count
            #expect(batch.token == Array("\(rows)".utf8))
            #expect(batch.batch.columns.map(\.field) == schema.fields)
        }
        #expect(rows == 10)
        let summary = try await operation.summary()
        #expect(summary.isComplete && summary.read == 10 && summary.declaredTotal == nil)
        #expect(try await operation.next() == nil)
    }

    @Test func `a pull goes on from its token`() async throws {
        let test = try TestHost("good")
        var request = test.request("numbers", settings: ["rows": 9])
        request.batchRows = 4
        let whole = try await test.readAll(request)
        #expect(whole.batches.map(\.batch.count) == [4, 4, 1])
        request.token = whole.batches[0].token
        let rest = try await test.readAll(request)
        #expect(rest.batches == Array(whole.batches.dropFirst()))
    }
}
